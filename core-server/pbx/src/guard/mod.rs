//! Standing up to abuse and overload without locking out who is in the right.

mod bucket;
mod guessing;
mod limiter;
mod offices;
mod overload;
mod pin;
mod remembered;
mod source;
mod used_nonces;

pub use guessing::{Guessing, Standing};
pub use limiter::{DEVICE, Limiter, Rate, STRANGER, STRANGER_ANSWER_WITHIN, STRANGER_REFUSALS};
pub use offices::{OFFICE, Offices};
pub use overload::{Load, Overload};
pub use pin::PinGuard;
pub use source::Source;
pub use used_nonces::UsedNonces;
