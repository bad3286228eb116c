//! SRTP and SRTCP with keys from SDES (RFC 3711, RFC 4568, RFC 6188, RFC 7714).

mod keys;

pub use keys::{SdesKeys, SrtpKey, SrtpKeyError, SrtpSuite};
