//! Proving to know the PIN of another extension; whoever guesses has to wait (A27).

use std::time::Duration;

use axum::http::StatusCode;
use subtle::ConstantTimeEq;
use thiserror::Error;
use wigwag_model::{ExtensionId, Pin};
use wigwag_pbx::guard::Standing;
use wigwag_sansio::Secret;

use crate::{ApiState, error::Refusal};

/// Why somebody does not count as knowing a PIN.
#[derive(Clone, Copy, Debug, Error)]
pub(crate) enum PinRefused {
    /// It is wrong, missing, or the extension has none.
    #[error("the PIN is not the one of this extension")]
    Wrong,
    /// Too many were wrong.
    #[error("too many wrong PINs: wait a quarter of an hour")]
    Waits(Duration),
}

/// Refuses whoever does not know `pin`, the one of `extension`, and counts the tries.
pub(crate) fn require_pin(
    api: &ApiState,
    extension: ExtensionId,
    pin: Option<&Pin>,
    given: Option<&Secret<String>>,
) -> Result<(), PinRefused> {
    let now = api.now();
    let mut guard = api.pin_guard().lock();
    if let Standing::Waits(wait) = guard.standing(extension, now) {
        return Err(PinRefused::Waits(wait));
    }
    let knows = pin
        .zip(given)
        .is_some_and(|(pin, given)| pin.expose().as_bytes().ct_eq(given.expose().as_bytes()).into());
    if knows {
        guard.succeeded(extension);
        Ok(())
    } else {
        guard.failed(extension, now);
        Err(PinRefused::Wrong)
    }
}

impl Refusal for PinRefused {
    fn status(&self) -> StatusCode {
        match self {
            PinRefused::Wrong => StatusCode::FORBIDDEN,
            PinRefused::Waits(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            PinRefused::Wrong => "wrong_pin",
            PinRefused::Waits(_) => "too_many_wrong_pins",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            PinRefused::Wrong => None,
            PinRefused::Waits(wait) => Some(*wait),
        }
    }
}
