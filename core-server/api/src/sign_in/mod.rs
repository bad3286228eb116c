//! Limits of guessing at the sign-in.

mod attempts;
mod limits;

use attempts::Attempts;
pub(crate) use limits::SignInLimits;
