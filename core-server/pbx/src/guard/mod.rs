//! Standing up to abuse without locking out who is in the right.

mod guessing;

pub use guessing::{Guessing, Standing};
