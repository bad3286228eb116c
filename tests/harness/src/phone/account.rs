//! What is typed into a phone.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use wigwag_sansio::{Pii, Secret};
use wigwag_sip::digest::{self, Login, Question};
use wigwag_sip::wire::header::WwwAuthenticate;
use wigwag_sip::wire::{Method, Response};
use wigwag_sip_io::Transport;

/// What is typed into a phone.
#[derive(Clone, Debug)]
pub struct SipAccount {
    /// Name of the account.
    pub username: String,
    /// Its password.
    pub password: String,
    /// Domain of the account.
    pub domain: String,
    /// Where the server listens.
    pub server: SocketAddr,
    /// How SIP travels: UDP or TCP.
    pub transport: Transport,
    /// The phone's own address.
    pub ip: IpAddr,
}

impl SipAccount {
    /// An account for a phone on 127.0.0.1.
    #[must_use]
    pub fn new(username: &str, password: &str, domain: &str, transport: Transport, server: SocketAddr) -> SipAccount {
        SipAccount {
            username: username.to_owned(),
            password: password.to_owned(),
            domain: domain.to_owned(),
            server,
            transport,
            ip: Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// The same account with another password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> SipAccount {
        password.clone_into(&mut self.password);
        self
    }

    /// The same account in a phone with that address.
    #[must_use]
    pub fn from_ip(mut self, ip: IpAddr) -> SipAccount {
        self.ip = ip;
        self
    }

    /// The address of record.
    #[must_use]
    pub fn uri(&self) -> String {
        self.uri_of(&self.username)
    }

    /// The address of somebody in the same domain.
    #[must_use]
    pub fn uri_of(&self, user: &str) -> String {
        format!("sip:{user}@{}", self.domain)
    }

    /// Name and password for challenges.
    #[must_use]
    pub fn login(&self) -> Login {
        Login {
            username: Pii::new(self.username.clone()),
            password: Secret::new(self.password.clone()),
        }
    }

    /// The value of Authorization that answers the challenge in `response`, if there is one.
    #[must_use]
    pub fn proof(&self, response: &Response, method: &Method, uri: &str, cnonce: &str) -> Option<String> {
        self.proof_again(response, method, uri, cnonce, 1)
    }

    /// The same for the so-manieth time that the challenge's nonce is used.
    #[must_use]
    pub fn proof_again(
        &self,
        response: &Response,
        method: &Method,
        uri: &str,
        cnonce: &str,
        count: u32,
    ) -> Option<String> {
        let WwwAuthenticate(challenge) = response.typed::<WwwAuthenticate>().ok()??;
        let question = Question {
            method,
            uri,
            cnonce,
            count,
        };
        let answer = digest::answer(&[challenge], &self.login(), &question).ok()?;
        Some(answer.to_string())
    }
}
