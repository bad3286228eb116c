//! Who is it? Digest credentials are checked here, and guessing is stopped.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use parking_lot::Mutex;
use smol_str::SmolStr;
use tracing::{debug, info, warn};
use wigwag_model::{DeviceId, Extension, SipUsername};
use wigwag_pbx::{
    Home, TenantSnapshot,
    guard::{Guessing, STRANGER_ANSWER_WITHIN, Standing, UsedNonces},
};
use wigwag_sansio::{Entropy, Now};
use wigwag_sip::{
    digest::{Algorithm, DigestError, NonceKey, Verified, is_for},
    wire::{
        Request, Response, StatusCode, Uri,
        header::{Authorization, DigestCredentials, From, To, WwwAuthenticate},
    },
};
use wigwag_sip_io::{Flow, Notice};

use crate::hosts::Hosts;

/// Checks who sends requests.
pub(crate) struct Gate {
    key: NonceKey,
    used: Mutex<UsedNonces>,
    salt: AtomicU32,
    guessing: Mutex<Guessing>,
    unproven: Notice,
    lock_outs: Notice,
    hosts: Hosts,
    realm: SmolStr,
}

/// A sender that has proved who it is.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) snapshot: Arc<TenantSnapshot>,
    pub(crate) extension: Arc<Extension>,
    pub(crate) device_id: DeviceId,
    /// Whether it has answered a challenge of just now, and not used an old one again.
    pub(crate) answers_challenge: bool,
}

/// Why a sender is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It has to prove who it is, with a new nonce; `stale` when it knows the password.
    Unproven { algorithm: Algorithm, stale: bool },
    /// It does not know the password.
    Wrong,
    /// It has guessed too often and has to wait.
    Waits { secs: u32 },
    /// It is somebody, but speaks in somebody else's name.
    Impostor,
}

impl Gate {
    pub(crate) fn new(realm: SmolStr, hosts: Hosts, entropy: &mut Entropy) -> Self {
        let mut key = [0; 32];
        entropy.fill(&mut key);
        Gate {
            key: NonceKey::new(key),
            used: Mutex::default(),
            salt: AtomicU32::new(entropy.next_u32()),
            guessing: Mutex::default(),
            unproven: Notice::default(),
            lock_outs: Notice::default(),
            hosts,
            realm,
        }
    }

    /// The digest credentials of a request for our realm.
    pub(crate) fn credentials(&self, request: &Request) -> Option<Authorization> {
        let all = request.typed_all::<Authorization>().ok()?;
        let ours = |digest: &DigestCredentials| digest.realm() == Some(self.realm.as_str());
        all.into_iter()
            .find(|authorization| authorization.as_digest().is_some_and(ours))
    }

    /// The username that credentials are for.
    pub(crate) fn username(authorization: &Authorization) -> Option<SipUsername> {
        authorization.as_digest()?.username()?.parse().ok()
    }

    /// The answer to a sender that has not proved who it is; nothing is kept of it.
    pub(crate) fn challenge(&self, request: &Request, algorithm: Algorithm, stale: bool, now: Now) -> Response {
        let challenge = self.key.challenge(
            &self.realm,
            algorithm,
            now.utc,
            self.salt.fetch_add(1, Ordering::Relaxed),
            stale,
        );
        Response::reply_to(request, StatusCode::UNAUTHORIZED)
            .to_tag("challenge")
            .header(&WwwAuthenticate(challenge))
            .build()
    }

    /// Whether the source may try a password for the username at all.
    pub(crate) fn standing(&self, flow: &Flow, username: &str, now: Now) -> Result<(), Doubt> {
        match self.guessing.lock().standing(flow.remote.ip(), username, now) {
            Standing::Fine => Ok(()),
            Standing::Waits(wait) => Err(Doubt::Waits {
                secs: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1),
            }),
        }
    }

    /// Whether a sender knows a password of the extension, without taking note of it.
    pub(crate) fn knows_password(
        &self,
        request: &Request,
        authorization: &Authorization,
        home: Home,
        snapshot: &TenantSnapshot,
        now: Now,
    ) -> bool {
        let knows = |ha1| self.key.verify(authorization, request.method(), ha1, now.utc).is_ok();
        let mut credentials = snapshot.credentials(home.extension_id).iter();
        credentials.any(|credential| knows(&credential.ha1))
    }

    /// Checks the proof in `authorization`, whoever may have guessed before; `home` and `snapshot` are those of its username, if it has any.
    pub(crate) fn identify(
        &self,
        request: &Request,
        flow: &Flow,
        authorization: &Authorization,
        known: Option<(Home, Arc<TenantSnapshot>)>,
        now: Now,
    ) -> Result<Identity, Doubt> {
        let username = authorization
            .as_digest()
            .and_then(|digest| digest.username())
            .unwrap_or_default();
        let proof = match &known {
            Some((home, snapshot)) => self.check(request, authorization, *home, snapshot, now),
            None => {
                // Whoever does not exist takes as long as who does.
                let decoy = self.key.decoy(Algorithm::Md5, username, &self.realm);
                let verified = self.key.verify(authorization, request.method(), &decoy, now.utc);
                Err(Failure {
                    error: verified.err().unwrap_or(DigestError::Wrong),
                    algorithm: Algorithm::Md5,
                })
            }
        };
        match (proof, known) {
            (Ok((device_id, answers_challenge)), Some((home, snapshot))) => {
                self.guessing.lock().succeeded(flow.remote.ip(), username, now);
                let extension = snapshot.extension(home.extension_id).cloned().ok_or(Doubt::Wrong)?;
                if !speaks_for_itself(request, &extension) {
                    return Err(Doubt::Impostor);
                }
                Ok(Identity {
                    snapshot,
                    extension,
                    device_id,
                    answers_challenge,
                })
            }
            (Err(failure), _) => Err(self.judge(failure, flow, username, now)),
            (Ok(_), None) => Err(Doubt::Wrong),
        }
    }

    /// Logs that somebody was turned away, and `why`.
    pub(crate) fn turned_away(&self, why: &'static str, now: Now) {
        if self.unproven.is_due(now) {
            info!(why, "a sender did not prove who it is");
        } else {
            debug!(why, "a sender did not prove who it is");
        }
    }

    /// Whether the credentials were made for this request: for its URI or, as sipp does, for the exchange as a whole.
    /// The nonce count keeps the latter from being used twice.
    fn authorises(&self, digest: &DigestCredentials, request: &Request) -> bool {
        let for_us = || {
            let uri = digest.uri().and_then(|uri| Uri::parse(uri).ok());
            uri.as_ref()
                .and_then(Uri::as_sip)
                .is_some_and(|uri| uri.user().is_none() && self.hosts.is_ours(uri))
        };
        is_for(digest, request) || for_us()
    }

    fn check(
        &self,
        request: &Request,
        authorization: &Authorization,
        home: Home,
        snapshot: &TenantSnapshot,
        now: Now,
    ) -> Result<(DeviceId, bool), Failure> {
        let credentials = snapshot.credentials(home.extension_id);
        let algorithm = asked_algorithm(snapshot, home, None);
        let mut error = None;
        let verify = |ha1| self.key.verify(authorization, request.method(), ha1, now.utc);
        for credential in credentials {
            match verify(&credential.ha1) {
                Ok(proof) => {
                    if !authorization
                        .as_digest()
                        .is_some_and(|digest| self.authorises(digest, request))
                    {
                        return Err(Failure {
                            error: DigestError::Wrong,
                            algorithm,
                        });
                    }
                    let accepted = self.used.lock().accept(credential.device_id, &proof, now);
                    return accepted
                        .map(|()| (credential.device_id, answers_challenge(&proof, now)))
                        .map_err(|error| Failure { error, algorithm });
                }
                Err(found) => {
                    let found = match &credential.tell_tale {
                        Some(md5) if found == DigestError::Algorithm => match verify(md5) {
                            // It knows its password, and now gets the challenge that is meant for it (RFC 8760 §2.3).
                            Ok(_) | Err(DigestError::Stale) => {
                                return Err(Failure {
                                    error: DigestError::Stale,
                                    algorithm: credential.ha1.algorithm(),
                                });
                            }
                            Err(found) => found,
                        },
                        Some(_) | None => found,
                    };
                    error = error.filter(|known| *known == DigestError::Wrong).or(Some(found));
                }
            }
        }
        // Only what was compared with a password is a guess: an algorithm that no device has is asked again.
        let error = error.unwrap_or(DigestError::Wrong);
        Err(Failure { error, algorithm })
    }

    /// A wrong password counts as a guess; anything else is asked again.
    fn judge(&self, failure: Failure, flow: &Flow, username: &str, now: Now) -> Doubt {
        let Failure { error, algorithm } = failure;
        match error {
            DigestError::Wrong => {
                let waits = self.guessing.lock().failed(flow.remote.ip(), username, now);
                if waits && self.lock_outs.is_due(now) {
                    warn!(
                        transport = flow.transport.as_param(),
                        "somebody guesses passwords and has to wait"
                    );
                }
                Doubt::Wrong
            }
            DigestError::Nonce | DigestError::Stale | DigestError::Replayed => {
                Doubt::Unproven { algorithm, stale: true }
            }
            DigestError::Scheme
            | DigestError::Incomplete
            | DigestError::Realm
            | DigestError::Algorithm
            | DigestError::Protection => Doubt::Unproven {
                algorithm,
                stale: false,
            },
        }
    }
}

/// Whether a proof is the first one with a nonce of just now.
fn answers_challenge(proof: &Verified, now: Now) -> bool {
    proof.count.is_none_or(|count| count == 1) && now.utc.since(proof.stamp.issued) <= STRANGER_ANSWER_WITHIN
}

struct Failure {
    error: DigestError,
    algorithm: Algorithm,
}

/// The one algorithm that an extension's devices are challenged with: that of the device, where it is known which one
/// it is, else MD5 unless all of them are set to SHA-256.
pub(crate) fn asked_algorithm(snapshot: &TenantSnapshot, home: Home, device: Option<DeviceId>) -> Algorithm {
    let credentials = snapshot.credentials(home.extension_id);
    if let Some(known) = credentials.iter().find(|known| Some(known.device_id) == device) {
        known.ha1.algorithm()
    } else if !credentials.is_empty()
        && credentials
            .iter()
            .all(|known| known.ha1.algorithm() == Algorithm::Sha256)
    {
        Algorithm::Sha256
    } else {
        Algorithm::Md5
    }
}

/// Whether a request is sent in its sender's own name, and a registration for its own address.
fn speaks_for_itself(request: &Request, extension: &Extension) -> bool {
    let own = |user: Option<SmolStr>| user.is_some_and(|user| user == extension.sip_username.as_str());
    let from = request
        .typed::<From>()
        .ok()
        .flatten()
        .is_some_and(|from| own(from.uri().user()));
    let is_register = *request.method() == wigwag_sip::wire::Method::Register;
    let to = !is_register
        || request
            .typed::<To>()
            .ok()
            .flatten()
            .is_some_and(|to| own(to.uri().user()));
    from && to
}
