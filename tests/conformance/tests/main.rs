//! What the standards say, checked through the public interface of `wigwag-sip`.

mod differential;
mod digest_vectors;
mod everyday;
mod properties;
mod rfc4475;
mod rfc5118;
mod torture;
