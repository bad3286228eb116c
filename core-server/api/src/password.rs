//! Sign-in passwords: argon2id (RFC 9106), one hash per core at a time, so that guessing cannot starve calls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        PasswordHasher, PasswordVerifier,
        phc::{PasswordHash, Salt},
    },
};
use axum::http::StatusCode;
use thiserror::Error;
use tokio::{sync::Semaphore, task::spawn_blocking};
use wigwag_sansio::{Entropy, Secret};

use crate::error::Refusal;

/// Memory of one hash in KiB, passes over it, and lanes.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// Hashes that may wait for a core; one more is refused.
const QUEUE: usize = 50;

/// A hash that no password has, of the same cost as a real one: a missing user takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Turns `password` into what the store keeps of it; takes some 20 ms and 19 MiB.
pub fn hash_password(password: &Secret<String>, entropy: &mut Entropy) -> Secret<String> {
    let mut salt = [0; Salt::RECOMMENDED_LENGTH];
    entropy.fill(&mut salt);
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).expect("the cost is within argon2's limits");
    let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .expect("a password of any length and a salt of 16 bytes can be hashed");
    Secret::new(hash.to_string())
}

/// Compares passwords with hashes, a few at a time.
#[derive(Debug)]
pub(crate) struct Passwords {
    cores: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Too many people are signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many people are signing in; try again in a moment")]
pub(crate) struct TooBusy;

impl Default for Passwords {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Passwords {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
        }
    }
}

impl Passwords {
    /// Whether `password` is the one behind `hash`; without a hash it takes as long and is not.
    pub(crate) async fn verify(&self, hash: Option<Secret<String>>, password: Secret<String>) -> Result<bool, TooBusy> {
        let permit = {
            let _place = Place::take(&self.waiting)?;
            let cores = Arc::clone(&self.cores);
            cores.acquire_owned().await.expect("the semaphore is never closed")
        };
        let verified = spawn_blocking(move || {
            let _permit = permit;
            let known = hash.is_some();
            let matches = matches(hash.as_ref().map_or(NOBODY, |hash| hash.expose()), &password);
            known && matches
        });
        Ok(verified.await.expect("comparing a password with a hash does not panic"))
    }
}

fn matches(hash: &str, password: &Secret<String>) -> bool {
    // The parameters of the hash itself count, so that old hashes stay valid when the cost is raised.
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.expose().as_bytes(), &hash)
            .is_ok()
    })
}

/// A place in the queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, TooBusy> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Place(waiting);
        if before < QUEUE { Ok(place) } else { Err(TooBusy) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Refusal for TooBusy {
    fn status(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn code(&self) -> &'static str {
        "too_busy"
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(Duration::from_secs(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_matches_its_hash() {
        let hash = hash_password(&secret("Right-1!"), &mut Entropy::from_number(1));
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let passwords = Passwords::default();
        assert_eq!(passwords.verify(Some(hash.clone()), secret("Right-1!")).await, Ok(true));
        assert_eq!(passwords.verify(Some(hash), secret("right-1!")).await, Ok(false));
        assert_eq!(passwords.verify(None, secret("Right-1!")).await, Ok(false));
    }

    #[test]
    fn a_missing_user_costs_what_a_wrong_password_costs() {
        let nobody = PasswordHash::new(NOBODY).expect("a well-formed hash");
        let somebody = hash_password(&secret("x"), &mut Entropy::from_number(1));
        let somebody = PasswordHash::new(somebody.expose()).expect("a well-formed hash");
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.map(|hash| hash.len()), somebody.hash.map(|hash| hash.len()));
    }

    #[test]
    fn the_51st_that_waits_is_refused_and_leaves_no_trace() {
        let waiting = AtomicUsize::new(0);
        let places: Vec<_> = (0..QUEUE)
            .map(|_| {
                Place::take(&waiting).is_ok_and(|place| {
                    std::mem::forget(place);
                    true
                })
            })
            .collect();
        assert!(places.iter().all(|taken| *taken));
        assert!(Place::take(&waiting).is_err());
        assert_eq!(waiting.load(Ordering::Relaxed), QUEUE);
    }
}
