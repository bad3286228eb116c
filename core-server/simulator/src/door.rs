//! Who is let in: proofs by digest (RFC 3261 §22, RFC 7616), demanded of calls and of registrations. Pure.

use std::{collections::BTreeMap, net::IpAddr};

use wigwag_sansio::{Entropy, Now};
use wigwag_sip::{
    digest::{Algorithm, DigestError, Ha1, NonceCounts, NonceKey, is_for},
    wire::{
        Request, Response, StatusCode,
        header::{Authorization, Credentials, ProxyAuthenticate, ProxyAuthorization, WwwAuthenticate},
    },
};

use crate::config::{Account, Admission, Config, Demand};

/// Lets gateways in, or asks them who they are.
#[derive(Debug)]
pub(crate) struct Door {
    realm: String,
    admission: Admission,
    accounts: BTreeMap<String, Known>,
    key: NonceKey,
    entropy: Entropy,
}

#[derive(Debug)]
struct Known {
    ha1: Ha1,
    used: NonceCounts,
}

/// Why a request is not taken as proven.
enum Doubt {
    Unproven { stale: bool },
    Wrong,
}

impl Door {
    pub(crate) fn new(config: &Config, mut entropy: Entropy) -> Door {
        let known = |account: &Account| Known {
            ha1: Ha1::new(
                Algorithm::Md5,
                &account.username,
                &config.domain,
                account.password.expose(),
            ),
            used: NonceCounts::default(),
        };
        let accounts = config.accounts.iter();
        let mut key = [0; 32];
        entropy.fill(&mut key);
        Door {
            realm: config.domain.clone(),
            admission: config.admission.clone(),
            accounts: accounts
                .map(|account| (account.username.clone(), known(account)))
                .collect(),
            key: NonceKey::new(key),
            entropy,
        }
    }

    /// Whether a call may come in from `source`, or what it is answered; tells the account, where one was proved.
    pub(crate) fn admit_call(
        &mut self,
        request: &Request,
        source: IpAddr,
        now: Now,
    ) -> Result<Option<String>, Response> {
        match &self.admission {
            Admission::Anybody => Ok(None),
            Admission::Sources(sources) if sources.contains(&source) => Ok(None),
            Admission::Sources(_) => Err(reply(request, StatusCode::FORBIDDEN)),
            Admission::Proof(demand) => {
                let demand = *demand;
                let credentials = match demand {
                    Demand::Unauthorized => self.credentials_for_us::<Authorization>(request),
                    Demand::ProxyAuthentication => self.credentials_for_us::<ProxyAuthorization>(request),
                };
                self.prove(request, credentials, demand, now).map(Some)
            }
        }
    }

    /// Whose registration a REGISTER is, or what it is answered.
    pub(crate) fn admit_registration(&mut self, request: &Request, now: Now) -> Result<String, Response> {
        let credentials = self.credentials_for_us::<Authorization>(request);
        self.prove(request, credentials, Demand::Unauthorized, now)
    }

    fn prove(
        &mut self,
        request: &Request,
        credentials: Option<Credentials>,
        demand: Demand,
        now: Now,
    ) -> Result<String, Response> {
        match self.check(request, credentials, now) {
            Ok(account) => Ok(account),
            Err(Doubt::Unproven { stale }) => Err(self.challenge(request, demand, stale, now)),
            Err(Doubt::Wrong) => Err(reply(request, StatusCode::FORBIDDEN)),
        }
    }

    fn check(&mut self, request: &Request, credentials: Option<Credentials>, now: Now) -> Result<String, Doubt> {
        let credentials = credentials.ok_or(Doubt::Unproven { stale: false })?;
        let digest = credentials.as_digest().ok_or(Doubt::Wrong)?;
        let username = digest.username().ok_or(Doubt::Wrong)?;
        let known = self.accounts.get_mut(username).ok_or(Doubt::Wrong)?;
        let doubt = |error: DigestError| match error {
            DigestError::Nonce => Doubt::Unproven { stale: true },
            error if error.is_stale() => Doubt::Unproven { stale: true },
            DigestError::Scheme
            | DigestError::Incomplete
            | DigestError::Realm
            | DigestError::Algorithm
            | DigestError::Protection
            | DigestError::Wrong
            | DigestError::Stale
            | DigestError::Replayed => Doubt::Wrong,
        };
        let verified = self.key.verify(&credentials, request.method(), &known.ha1, now.utc);
        let verified = verified.map_err(doubt)?;
        if !is_for(digest, request) {
            return Err(Doubt::Wrong);
        }
        known.used.accept(&verified, now.utc).map_err(doubt)?;
        Ok(username.to_owned())
    }

    fn challenge(&mut self, request: &Request, demand: Demand, stale: bool, now: Now) -> Response {
        let salt = self.entropy.next_u32();
        let challenge = self.key.challenge(&self.realm, Algorithm::Md5, now.utc, salt, stale);
        match demand {
            Demand::Unauthorized => Response::reply_to(request, StatusCode::UNAUTHORIZED)
                .to_tag(TAG)
                .header(&WwwAuthenticate(challenge)),
            Demand::ProxyAuthentication => Response::reply_to(request, StatusCode::PROXY_AUTHENTICATION_REQUIRED)
                .to_tag(TAG)
                .header(&ProxyAuthenticate(challenge)),
        }
        .build()
    }

    /// The credentials that were made for our realm, of those that a request carries.
    fn credentials_for_us<H>(&self, request: &Request) -> Option<Credentials>
    where
        H: wigwag_sip::wire::header::Header + std::ops::Deref<Target = Credentials>,
    {
        let all = request.typed_all::<H>().unwrap_or_default();
        let is_ours = |credentials: &&H| {
            let digest = credentials.as_digest();
            digest.is_none_or(|digest| digest.realm() == Some(&self.realm))
        };
        all.iter().find(is_ours).map(|credentials| (**credentials).clone())
    }
}

/// The To tag of what is answered without a call.
pub(crate) const TAG: &str = "carrier";

/// An answer without a call.
pub(crate) fn reply(request: &Request, status: StatusCode) -> Response {
    Response::reply_to(request, status).to_tag(TAG).build()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use wigwag_sansio::{Pii, Secret, Tick, Utc};
    use wigwag_sip::{
        digest::{Login, Question, answer},
        wire::{HeaderName, Method},
    };

    use super::*;

    const NOW: Now = Now {
        tick: Tick::ZERO,
        utc: Utc::from_millis(1_800_000_000_000),
    };
    const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const URI: &str = "sip:01632960100@127.0.0.1";

    fn door(admission: Admission) -> Door {
        let config = Config {
            admission,
            accounts: vec![Account::new("exchange", "secret")],
            ..Config::default()
        };
        Door::new(&config, Entropy::from_number(1))
    }

    fn invite(proof: Option<(HeaderName, String)>) -> Request {
        let request = Request::builder(Method::Invite, URI);
        match proof {
            Some((name, proof)) => request.raw(name, proof).build(),
            None => request.build(),
        }
    }

    fn proof(response: &Response, password: &str, uri: &str) -> String {
        let challenge = match response.typed::<WwwAuthenticate>() {
            Ok(Some(challenge)) => challenge.0,
            _ => response.require::<ProxyAuthenticate>().unwrap().0,
        };
        let login = Login {
            username: Pii::new("exchange".to_owned()),
            password: Secret::new(password.to_owned()),
        };
        let question = Question {
            method: &Method::Invite,
            uri,
            cnonce: "c",
            count: 1,
        };
        answer(&[challenge], &login, &question).unwrap().to_string()
    }

    #[test]
    fn a_challenge_that_is_answered_lets_in_once() {
        for (demand, status, header) in [
            (Demand::Unauthorized, 401, HeaderName::Authorization),
            (Demand::ProxyAuthentication, 407, HeaderName::ProxyAuthorization),
        ] {
            let mut door = door(Admission::Proof(demand));
            let challenge = door.admit_call(&invite(None), SOURCE, NOW).unwrap_err();
            assert_eq!(challenge.status().as_u16(), status);
            let proven = invite(Some((header, proof(&challenge, "secret", URI))));
            assert_eq!(door.admit_call(&proven, SOURCE, NOW), Ok(Some("exchange".to_owned())));
            let again = door.admit_call(&proven, SOURCE, NOW).unwrap_err();
            assert_eq!(again.status().as_u16(), status, "a replay is asked for a new proof");
        }
    }

    #[test]
    fn wrong_proofs_are_refused() {
        let mut door = door(Admission::Proof(Demand::Unauthorized));
        let challenge = door.admit_call(&invite(None), SOURCE, NOW).unwrap_err();
        for wrong in [
            proof(&challenge, "guess", URI),
            proof(&challenge, "secret", "sip:07700900999@127.0.0.1"),
            proof(&challenge, "secret", URI).replace("\"exchange\"", "\"nobody\""),
            "Basic abc".to_owned(),
        ] {
            let request = invite(Some((HeaderName::Authorization, wrong)));
            let refused = door.admit_call(&request, SOURCE, NOW).unwrap_err();
            assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        }
    }

    #[test]
    fn addresses_are_let_in_by_the_list() {
        assert_eq!(
            door(Admission::Anybody).admit_call(&invite(None), SOURCE, NOW),
            Ok(None)
        );
        let mut door = door(Admission::Sources(vec![SOURCE]));
        assert_eq!(door.admit_call(&invite(None), SOURCE, NOW), Ok(None));
        let elsewhere = Ipv4Addr::new(192, 0, 2, 1).into();
        let refused = door.admit_call(&invite(None), elsewhere, NOW).unwrap_err();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    }
}
