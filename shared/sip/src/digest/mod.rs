//! Digest authentication, server and client (RFC 7616, RFC 2617, RFC 8760): MD5 and SHA-256 with `qop=auth`, or without.
//!
//! A server: [`NonceKey::challenge`] → the request comes again → [`NonceKey::verify`] against an [`Ha1`] →
//! [`NonceCounts::accept`] → [`is_for`] its Request-URI. A client: [`answer`].

mod algorithm;
mod client;
mod counts;
mod ha1;
mod hmac;
mod nonce;
mod server;

pub use algorithm::Algorithm;
pub(crate) use algorithm::hex;
pub use client::{Login, Question, Unanswerable, answer};
pub use counts::NonceCounts;
pub use ha1::Ha1;
pub(crate) use hmac::hmac_sha256;
pub use nonce::{NONCE_LIFETIME, NonceKey, Stamp};
pub use server::{DigestError, Verified, is_for};
