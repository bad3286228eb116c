//! All transactions of one shard: matches messages to them, makes them, wakes them, forgets them (RFC 3261 §17).
//!
//! Pure: the shell passes in what arrives with [`Machine::handle`], and what the user wants with the methods; both
//! drain [`Machine::poll`] afterwards. A new request makes no transaction by itself: it comes out as [`Event::New`],
//! and the user may answer it statelessly, drop it, or [`accept`](Layer::accept) it.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    hash::Hash,
};

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Entropy, Machine, Now, Tick};

use super::{
    ClientKey, Event, FlowId, Gone, Hop, Link, Output, Packet, Received, Refusal, ServerKey, Settings, Tally,
    client::{Client, ClientOutput},
    deadlines::{Alarm, Deadlines, Whom},
    key::{Branch, Identity},
    server::{Server, ServerOutput},
};
use crate::wire::{
    Message, Method, Request, Response, StatusCode,
    header::{Reason, To, Via},
};

/// The transactions of one shard; `O` is the owner's tag on its requests, given back with each response.
#[derive(Serialize, Deserialize)]
pub struct Layer<O> {
    settings: Settings,
    entropy: Entropy,
    sequence: u64,
    servers: HashMap<ServerKey, Box<Server>>,
    identities: HashMap<Identity, ServerKey>,
    clients: HashMap<ClientKey, Box<Client<O>>>,
    on_connections: BTreeSet<(u64, ClientKey)>,
    deadlines: Deadlines,
    tally: Tally,
    outputs: VecDeque<Output<O>>,
}

impl<O: Clone> Layer<O> {
    /// A layer without transactions.
    pub fn new(settings: Settings, entropy: Entropy) -> Self {
        Layer {
            settings,
            entropy,
            sequence: 0,
            servers: HashMap::new(),
            identities: HashMap::new(),
            clients: HashMap::new(),
            on_connections: BTreeSet::new(),
            deadlines: Deadlines::default(),
            tally: Tally::default(),
            outputs: VecDeque::new(),
        }
    }

    /// How many transactions there are, the lingering included.
    pub fn transactions(&self) -> usize {
        self.servers.len() + self.clients.len()
    }

    /// What has been counted so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Makes the transaction of a request that came out as [`Event::New`]; an INVITE is answered with 100 at once.
    ///
    /// # Errors
    /// When the layer is full, the request has a transaction already, or cannot be identified.
    pub fn accept(&mut self, request: &Request, flow: FlowId, now: Now) -> Result<ServerKey, Refusal> {
        let identity = Identity::of(request).ok_or(Refusal::Unidentified)?;
        if self.identities.contains_key(&identity) {
            return Err(Refusal::Duplicate);
        }
        self.admit(request)?;
        let key = ServerKey::new(self.settings.shard, self.next_sequence());
        let server = Server::new(request, identity.clone(), flow, self.settings.timers, now);
        self.identities.insert(identity, key);
        self.servers.insert(key, Box::new(server));
        self.settle_server(key);
        Ok(key)
    }

    /// Answers an accepted request; after the final response only further 2xx to an INVITE are sent.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn respond(&mut self, key: ServerKey, response: Response, now: Now) -> Result<(), Gone> {
        self.servers.get_mut(&key).ok_or(Gone)?.respond(response, now);
        self.settle_server(key);
        Ok(())
    }

    /// Sends a request other than ACK and CANCEL, with a Via of ours on top.
    ///
    /// # Errors
    /// When the layer is full.
    pub fn request(&mut self, owner: O, request: &Request, hop: Hop, now: Now) -> Result<ClientKey, Refusal> {
        self.admit(request)?;
        let key = ClientKey::new(self.settings.shard, self.next_sequence());
        let branch = Branch {
            key,
            secret: self.entropy.next_u64(),
        };
        let request = request.with_via(&hop.via(&branch.to_text()));
        let client = Client::new(Some(owner), request, hop.flow, branch.secret, self.settings.timers, now);
        self.insert_client(key, client, now);
        Ok(key)
    }

    /// Gives an INVITE up: its CANCEL leaves when a provisional response is there, and is forgotten when a final one
    /// came before (RFC 3261 §9.1). Without any final response within 64·T1 the INVITE fails as timed out.
    pub fn cancel(&mut self, key: ClientKey, reason: Option<Reason>, now: Now) {
        if let Some(client) = self.clients.get_mut(&key) {
            client.cancel(reason, now);
            self.settle_client(key, now);
        }
    }

    /// Fails every request that waits for a response on a connection that has ended or could not be opened.
    pub fn connection_failed(&mut self, connection: u64, now: Now) {
        let first = (connection, ClientKey::FIRST);
        while let Some(&(_, key)) = self
            .on_connections
            .range(first..)
            .next()
            .filter(|found| found.0 == connection)
        {
            self.on_connections.remove(&(connection, key));
            self.transport_failed(key, now);
        }
    }

    /// Fails a request that could not be sent.
    pub fn transport_failed(&mut self, key: ClientKey, now: Now) {
        if let Some(client) = self.clients.get_mut(&key) {
            client.transport_failed(now);
            self.settle_client(key, now);
        }
    }

    /// A branch for a request that makes no transaction: the ACK of a 2xx.
    pub fn stateless_branch(&mut self) -> String {
        let key = ClientKey::new(self.settings.shard, self.next_sequence());
        Branch {
            key,
            secret: self.entropy.next_u64(),
        }
        .to_text()
    }

    fn receive_request(&mut self, request: Request, flow: FlowId, now: Now) {
        let key = Identity::of(&request).and_then(|identity| self.identities.get(&identity).copied());
        match (key, request.method()) {
            (Some(key), Method::Cancel) => self.receive_cancel(key, request, flow),
            (Some(key), _) => self.receive_again(key, request, now),
            (None, Method::Cancel) => self.answer(&request, StatusCode::CALL_DOES_NOT_EXIST, None, flow),
            (None, Method::Ack) => self.tell(Event::Ack(request)),
            (None, _) => self.tell(Event::New(request)),
        }
    }

    fn receive_again(&mut self, key: ServerKey, request: Request, now: Now) {
        let Some(server) = self.servers.get_mut(&key) else {
            return;
        };
        if *request.method() == Method::Ack {
            server.ack(request, now);
        } else {
            self.tally.absorbed += 1;
            server.request_again(now);
        }
        self.settle_server(key);
    }

    /// Answers without a transaction: a CANCEL that comes again gets the same answer, and storms leave nothing behind.
    fn receive_cancel(&mut self, invite: ServerKey, cancel: Request, flow: FlowId) {
        let Some(server) = self.servers.get_mut(&invite) else {
            return;
        };
        let tag = server.to_tag();
        let is_first = server.cancel();
        self.answer(&cancel, StatusCode::OK, tag, flow);
        if is_first {
            self.tell(Event::Cancelled { invite, cancel });
        } else {
            self.tally.absorbed += 1;
        }
    }

    fn receive_response(&mut self, response: Response, now: Now) {
        let Some(key) = self.match_response(&response) else {
            self.tally.strays += 1;
            return;
        };
        if let Some(client) = self.clients.get_mut(&key) {
            client.receive(response, now);
            self.settle_client(key, now);
        }
    }

    /// The transaction whose branch and secret the response shows, if its method fits too.
    fn match_response(&self, response: &Response) -> Option<ClientKey> {
        let via = response.require::<Via>().ok()?;
        let branch = Branch::parse(via.branch()?)?;
        [branch.key, branch.key.of_cancel()].into_iter().find(|key| {
            self.clients
                .get(key)
                .is_some_and(|client| client.owns(branch.secret, response))
        })
    }

    /// What belongs to a dialog still finds room when what is new does not: a call that goes on can end.
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        let max = self.settings.max_transactions;
        let live = self.transactions();
        let in_dialog = || request.require::<To>().is_ok_and(|to| to.tag().is_some());
        if live < max || (live < max + max / 4 && in_dialog()) {
            Ok(())
        } else {
            Err(Refusal::Full)
        }
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn insert_client(&mut self, key: ClientKey, client: Client<O>, now: Now) {
        if let Link::Connection(connection) = client.flow.link {
            self.on_connections.insert((connection, key));
        }
        self.clients.insert(key, Box::new(client));
        self.settle_client(key, now);
    }

    fn answer(&mut self, request: &Request, status: StatusCode, tag: Option<String>, flow: FlowId) {
        let tag = tag.unwrap_or_else(|| self.entropy.word(10));
        let response = Response::reply_to(request, status).to_tag(&tag).build();
        let packet = Packet::from(&response);
        self.outputs.push_back(Output::Send {
            flow,
            packet,
            request_of: None,
        });
    }

    fn tell(&mut self, event: Event<O>) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Carries out what a server transaction wants after an input, and arms its alarm.
    fn settle_server(&mut self, key: ServerKey) {
        let Some(server) = self.servers.get_mut(&key) else {
            return;
        };
        let flow = server.flow;
        while let Some(output) = server.poll() {
            match output {
                ServerOutput::Send(packet) => self.outputs.push_back(Output::Send {
                    flow,
                    packet,
                    request_of: None,
                }),
                ServerOutput::Ack(ack) => self.outputs.push_back(Output::Event(Event::Ack(ack))),
                ServerOutput::Terminated => {
                    if let Some(server) = self.servers.remove(&key) {
                        self.identities.remove(&server.identity);
                    }
                    return;
                }
            }
        }
        let deadline = server.deadline();
        server.armed = self.deadlines.arm(Whom::Server(key), server.armed, deadline);
    }

    /// Carries out what a client transaction wants after an input, and arms its alarm.
    fn settle_client(&mut self, key: ClientKey, now: Now) {
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        let flow = client.flow;
        let mut cancel = None;
        while let Some(output) = client.poll() {
            match (output, &client.owner) {
                (ClientOutput::Send(packet), _) => {
                    self.outputs.push_back(Output::Send {
                        flow,
                        packet,
                        request_of: Some(key),
                    });
                }
                (ClientOutput::Cancel(request), _) => {
                    cancel = Some(client.of_cancel(request, self.settings.timers, now));
                }
                (ClientOutput::Deliver(response), Some(owner)) => {
                    let owner = owner.clone();
                    self.outputs
                        .push_back(Output::Event(Event::Response { owner, key, response }));
                }
                (ClientOutput::Failed(failure), Some(owner)) => {
                    let owner = owner.clone();
                    self.outputs
                        .push_back(Output::Event(Event::Failed { owner, key, failure }));
                }
                (ClientOutput::Deliver(_) | ClientOutput::Failed(_), None) => {}
                (ClientOutput::Terminated, _) => {
                    self.clients.remove(&key);
                    if let Link::Connection(connection) = flow.link {
                        self.on_connections.remove(&(connection, key));
                    }
                    return;
                }
            }
        }
        let deadline = client.deadline();
        client.armed = self.deadlines.arm(Whom::Client(key), client.armed, deadline);
        if let Some(cancel) = cancel {
            self.insert_client(key.of_cancel(), cancel, now);
        }
    }

    fn wake(&mut self, alarm: Alarm, now: Now) {
        match alarm.whom {
            Whom::Server(key) => {
                if let Some(server) = self.servers.get_mut(&key)
                    && server.armed == Some(alarm.at)
                {
                    server.armed = None;
                    server.handle_timeout(now);
                    self.settle_server(key);
                }
            }
            Whom::Client(key) => {
                if let Some(client) = self.clients.get_mut(&key)
                    && client.armed == Some(alarm.at)
                {
                    client.armed = None;
                    client.handle_timeout(now);
                    self.settle_client(key, now);
                }
            }
        }
    }

    /// Gives back the memory that a flood has taken.
    fn shrink(&mut self) {
        let live = self.transactions();
        let (servers, clients) = (&self.servers, &self.clients);
        self.deadlines.prune(live, |alarm| {
            let armed = match alarm.whom {
                Whom::Server(key) => servers.get(&key).and_then(|server| server.armed),
                Whom::Client(key) => clients.get(&key).and_then(|client| client.armed),
            };
            armed == Some(alarm.at)
        });
        shrink(&mut self.servers);
        shrink(&mut self.identities);
        shrink(&mut self.clients);
    }
}

impl<O: Clone> Machine for Layer<O> {
    type Input = Received;
    type Output = Output<O>;

    fn handle(&mut self, input: Received, now: Now) {
        match input.message {
            Message::Request(request) => self.receive_request(request, input.flow, now),
            Message::Response(response) => self.receive_response(response, now),
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        while let Some(alarm) = self.deadlines.pop_due(now.tick) {
            self.wake(alarm, now);
        }
        self.shrink();
    }

    fn poll(&mut self) -> Option<Output<O>> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Tick> {
        self.deadlines.next()
    }
}

impl<O> fmt::Debug for Layer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer")
            .field("shard", &self.settings.shard)
            .field("servers", &self.servers.len())
            .field("clients", &self.clients.len())
            .finish_non_exhaustive()
    }
}

fn shrink<K: Eq + Hash, V>(map: &mut HashMap<K, V>) {
    if map.capacity() > SHRINK_FROM && map.len() < map.capacity() / 8 {
        map.shrink_to(map.len() * 2);
    }
}

const SHRINK_FROM: usize = 1_024;
