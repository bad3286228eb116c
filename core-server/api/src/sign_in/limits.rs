//! Five wrong passwords for a user and twenty from an address in 15 minutes, whether or not the user exists.

use std::{net::IpAddr, time::Duration};

use axum::http::StatusCode;
use thiserror::Error;
use wigwag_sansio::Tick;

use super::Attempts;
use crate::{error::Refusal, extract::network_of};

/// Failures for one sign-in name in the window.
const PER_USER: usize = 5;

/// Failures from one address (IPv6: one network of 64 bits) in the window.
const PER_ADDRESS: usize = 20;

/// Bytes of a sign-in name that are told apart: more than any user's has.
const NAME_BYTES: usize = 128;

/// Who has failed to sign in lately.
#[derive(Debug)]
pub(crate) struct SignInLimits {
    users: Attempts<Box<[u8]>>,
    addresses: Attempts<IpAddr>,
}

/// A try that counts as a failure until it is known to be none, so that many at once are limited too.
#[derive(Debug)]
#[must_use = "it stays a failure unless it is settled"]
pub(crate) struct Attempt {
    user: Box<[u8]>,
    address: IpAddr,
    at: Tick,
}

/// Too many failures lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many failed attempts to sign in; try again later")]
pub(crate) struct TooManyFailures {
    wait: Duration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        SignInLimits {
            users: Attempts::new(PER_USER),
            addresses: Attempts::new(PER_ADDRESS),
        }
    }
}

impl SignInLimits {
    /// Lets somebody at `address` try to sign in as `username`, unless there were too many failures.
    pub(crate) fn begin(&mut self, username: &str, address: IpAddr, now: Tick) -> Result<Attempt, TooManyFailures> {
        let name = username.as_bytes();
        let attempt = Attempt {
            user: name[..name.len().min(NAME_BYTES)].into(),
            address: network_of(address),
            at: now,
        };
        let wait = self
            .users
            .wait(&attempt.user, now)
            .max(self.addresses.wait(&attempt.address, now));
        if wait > Duration::ZERO {
            return Err(TooManyFailures { wait });
        }
        self.users.add(attempt.user.clone(), now);
        self.addresses.add(attempt.address, now);
        Ok(attempt)
    }

    /// The password was right: the user starts afresh, and the address has one failure less.
    pub(crate) fn succeed(&mut self, attempt: Attempt) {
        self.users.clear(&attempt.user);
        self.addresses.take_back(&attempt.address, attempt.at);
    }

    /// Nobody found out whether the password was right.
    pub(crate) fn abandon(&mut self, attempt: Attempt) {
        self.users.take_back(&attempt.user, attempt.at);
        self.addresses.take_back(&attempt.address, attempt.at);
    }
}

impl Refusal for TooManyFailures {
    fn status(&self) -> StatusCode {
        StatusCode::TOO_MANY_REQUESTS
    }

    fn code(&self) -> &'static str {
        "too_many_failures"
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(self.wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::attempts::WINDOW;

    const HERE: &str = "192.0.2.1";

    fn try_as(limits: &mut SignInLimits, user: &str, address: &str, now: Tick) -> Result<Attempt, TooManyFailures> {
        limits.begin(user, address.parse().expect("an address"), now)
    }

    #[test]
    fn the_sixth_try_waits_until_the_first_failure_is_15_minutes_old() {
        let mut limits = SignInLimits::default();
        let seconds = |seconds| Tick::ZERO + Duration::from_secs(seconds);
        for second in 0..5 {
            let address = format!("192.0.2.{second}");
            assert!(try_as(&mut limits, "alice1", &address, seconds(second)).is_ok());
        }
        let refused = try_as(&mut limits, "alice1", HERE, seconds(10)).expect_err("too many");
        assert_eq!(refused.wait, WINDOW - Duration::from_secs(10));
        assert!(try_as(&mut limits, "bobby1", HERE, seconds(10)).is_ok());
        assert!(try_as(&mut limits, "alice1", HERE, seconds(899)).is_err());
        assert!(try_as(&mut limits, "alice1", HERE, seconds(900)).is_ok());
        assert!(try_as(&mut limits, "alice1", HERE, seconds(900)).is_err());
    }

    #[test]
    fn an_address_may_fail_20_times_for_all_users_together() {
        let mut limits = SignInLimits::default();
        for user in 0..20 {
            assert!(try_as(&mut limits, &format!("user{user}"), HERE, Tick::ZERO).is_ok());
        }
        assert!(try_as(&mut limits, "user20", HERE, Tick::ZERO).is_err());
        assert!(try_as(&mut limits, "user20", "192.0.2.2", Tick::ZERO).is_ok());
    }

    #[test]
    fn success_clears_the_user_and_counts_nothing_against_the_address() {
        let mut limits = SignInLimits::default();
        for _ in 0..100 {
            let attempt = try_as(&mut limits, "alice1", HERE, Tick::ZERO).expect("never too many");
            limits.succeed(attempt);
        }
        for _ in 0..100 {
            let attempt = try_as(&mut limits, "alice1", HERE, Tick::ZERO).expect("never too many");
            limits.abandon(attempt);
        }
    }
}
