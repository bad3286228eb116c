//! Somebody who sends what they like, byte by byte, and reads what is answered.

mod letter;
mod line;
mod socket;

pub use letter::Letter;
pub use socket::Stranger;
