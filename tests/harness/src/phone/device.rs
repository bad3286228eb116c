//! The phone as the person who holds it sees it.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use wigwag_sansio::Entropy;
use wigwag_sip::wire::Uri;
use wigwag_sip::wire::header::{Contact, NameAddr};
use wigwag_sip_io::{Clock, Config, Destination, Endpoint, Listen, Transport};

use super::account::SipAccount;
use super::agent::Agent;
use super::call::Call;
use super::registration::{Registered, Registration};
use super::sink::{Letterbox, Mail, Owner};
use crate::patience::{PATIENCE, within};

/// How long a phone asks to be registered, in seconds.
const EXPIRES: u32 = 3600;

/// A phone with one account. It says nothing more when it is dropped.
#[derive(Debug)]
pub struct Phone {
    account: SipAccount,
    hz: f64,
    endpoint: Endpoint<Owner>,
    post: mpsc::UnboundedSender<Mail>,
    calls: mpsc::UnboundedReceiver<Call>,
    task: JoinHandle<()>,
}

impl Phone {
    /// A phone that has registered, and speaks a tone of `hz` in its calls.
    ///
    /// # Panics
    ///
    /// When the server refuses it.
    pub async fn register(account: &SipAccount, hz: f64) -> Phone {
        let phone = Phone::new(account, hz);
        let registered = phone.registers().await;
        assert_eq!(registered.status(), 200, "{registered:?}");
        phone
    }

    /// A phone that is switched on and has not registered.
    #[must_use]
    pub fn new(account: &SipAccount, hz: f64) -> Phone {
        let transports = match account.transport {
            Transport::Udp => vec![Transport::Udp],
            connection @ (Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss) => {
                vec![Transport::Udp, connection]
            }
        };
        let address = SocketAddr::new(account.ip, 0);
        let listen = transports.into_iter().map(|transport| Listen { transport, address });
        let config = Config {
            listen: listen.collect(),
            ..Config::default()
        };
        let clock = Clock::start();
        let endpoint = Endpoint::bind(config, clock).expect("the kernel has free ports");
        let mut entropy = Entropy::from_number(RandomState::new().hash_one(account.server));
        let listening = endpoint.listening().last().expect("it listens").address;
        let contact = contact(account, listening);
        let (post, mail) = mpsc::unbounded_channel();
        let (bell, calls) = mpsc::unbounded_channel();
        endpoint
            .serve(Arc::new(Letterbox(post.clone())))
            .expect("there are threads");
        let agent = Agent {
            account: account.clone(),
            endpoint: endpoint.clone(),
            clock,
            registration: Registration::new(account.clone(), contact.to_string(), &mut entropy),
            contact,
            hz,
            entropy,
            mail,
            post: post.clone(),
            bell,
            legs: BTreeMap::new(),
            last: 0,
        };
        Phone {
            account: account.clone(),
            hz,
            endpoint,
            post,
            calls,
            task: tokio::spawn(agent.run()),
        }
    }

    /// The tone that it speaks.
    #[must_use]
    pub fn hz(&self) -> f64 {
        self.hz
    }

    /// What was typed into it.
    #[must_use]
    pub fn account(&self) -> &SipAccount {
        &self.account
    }

    /// Registers, again or for the first time, and tells what was answered.
    pub async fn registers(&self) -> Registered {
        self.registers_for(EXPIRES).await
    }

    /// Is no longer registered.
    pub async fn unregisters(&self) {
        assert_eq!(self.registers_for(0).await.status(), 200);
    }

    /// Dials; the call is under way when this returns.
    pub async fn dial(&self, number: &str) -> Call {
        let (reply, call) = oneshot::channel();
        self.tell(Mail::Dial(number.to_owned(), reply));
        call.await.expect("the phone is on")
    }

    /// Waits for a call to come in, which makes the phone ring.
    ///
    /// # Panics
    ///
    /// When none comes in time.
    pub async fn rings(&mut self) -> Call {
        let call = within(PATIENCE, self.calls.recv()).await;
        call.unwrap_or_else(|| panic!("nobody has called {}", self.account.username))
            .expect("the phone is on")
    }

    /// Whether no call has come in that nobody has looked at.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.calls.is_empty()
    }

    /// Its connection to the server breaks; it opens another when it has something to say.
    ///
    /// # Panics
    ///
    /// When it has none.
    pub fn loses_its_connection(&self) {
        let (transport, address) = (self.account.transport, self.account.server);
        let flow = self.endpoint.flow(&Destination::Address { transport, address });
        self.endpoint.close(&flow.expect("it is connected").id);
    }

    /// Vanishes without a word, as with its power: its sockets are closed, its calls are silent.
    pub async fn vanishes(self) {
        self.task.abort();
        self.endpoint.shutdown().await;
    }

    async fn registers_for(&self, expires: u32) -> Registered {
        let (reply, registered) = oneshot::channel();
        self.tell(Mail::Register(expires, reply));
        let registered = within(PATIENCE, registered).await;
        registered
            .expect("the REGISTER is answered in time")
            .expect("the phone is on")
    }

    fn tell(&self, mail: Mail) {
        assert!(self.post.send(mail).is_ok(), "the phone is on");
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn contact(account: &SipAccount, listening: SocketAddr) -> Contact {
    let transport = match account.transport {
        Transport::Udp => String::new(),
        connection @ (Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss) => {
            format!(";transport={}", connection.as_param())
        }
    };
    let uri = format!("sip:{}@{listening}{transport}", account.username);
    Contact::new(NameAddr::new(Uri::parse(&uri).expect("an address makes a contact")))
}
