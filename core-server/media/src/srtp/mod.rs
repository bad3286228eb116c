//! SRTP and SRTCP with keys from SDES (RFC 3711, RFC 4568, RFC 6188, RFC 7714); counters and windows are plain data.
//!
//! The RustCrypto family does all suites: ring is as fast, but has no AES counter mode, and two AES implementations in
//! one process would be one too many.

mod derivation;
mod rtcp;
mod rtp;
mod session;
mod transform;
mod window;

pub(crate) use derivation::WrongKeyLength;
pub(crate) use session::SrtpSession;
