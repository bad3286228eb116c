//! What is known of the connection to each gateway.

use std::{collections::BTreeMap, net::SocketAddr};

use tokio::task::AbortHandle;
use wigwag_model::{Gateway, GatewayId};
use wigwag_pbx::gateways::{Gateways, Health, Upkeep};
use wigwag_sansio::{Entropy, Machine, Now, Tick};

use super::server::Server;

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Book {
    connections: BTreeMap<GatewayId, Connection>,
}

/// The connection to one gateway.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) gateway: Gateway,
    pub(super) upkeep: Upkeep,
    pub(super) servers: Vec<Server>,
    /// What looks them up, where they have names.
    pub(super) search: Option<Search>,
}

/// Something that looks up servers; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Search(pub(super) AbortHandle);

impl Drop for Search {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Book {
    /// Makes `gateways` the ones that are kept up; what has not changed goes on as it is. Says whose servers are to be
    /// looked up.
    pub(super) fn configure(&mut self, gateways: &Gateways, entropy: &mut Entropy, now: Now) -> Vec<GatewayId> {
        self.connections
            .retain(|id, known| gateways.gateway(*id) == Some(&known.gateway));
        for gateway in gateways.iter() {
            self.connections.entry(gateway.id).or_insert_with(|| Connection {
                gateway: gateway.clone(),
                upkeep: Upkeep::new(&gateway.settings, entropy.fork(), now),
                servers: Server::literal(&gateway.settings).into_iter().collect(),
                search: None,
            });
        }
        let is_named = |connection: &Connection| connection.search.is_none() && connection.servers.is_empty();
        let named = self.connections.iter().filter(|(_, connection)| is_named(connection));
        named.map(|(id, _)| *id).collect()
    }

    pub(super) fn connection(&mut self, id: GatewayId) -> Option<&mut Connection> {
        self.connections.get_mut(&id)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (GatewayId, &mut Connection)> {
        self.connections.iter_mut().map(|(id, connection)| (*id, connection))
    }

    /// The gateway whose carrier sends from `remote`, or calls the name that only it knows.
    pub(super) fn of_caller(&self, remote: SocketAddr, user: Option<&str>) -> Option<&Gateway> {
        let sends = |connection: &&Connection| {
            let is_listed = connection
                .gateway
                .settings
                .sources
                .iter()
                .any(|source| source.contains(remote.ip()));
            is_listed || connection.servers.iter().any(|server| server.sends_from(remote))
        };
        let knows = |connection: &&Connection| user == Some(connection.upkeep.contact_user());
        let connections = || self.connections.values();
        let found = connections().find(knows).or_else(|| connections().find(sends));
        found.map(|connection| &connection.gateway)
    }

    pub(super) fn health(&self, id: GatewayId) -> Health {
        self.connections
            .get(&id)
            .map(|connection| connection.upkeep.health())
            .unwrap_or_default()
    }

    /// When something is due.
    pub(super) fn deadline(&self) -> Option<Tick> {
        self.connections
            .values()
            .filter_map(|connection| connection.upkeep.deadline())
            .min()
    }
}

impl Connection {
    /// The carrier's servers, the one in use first.
    pub(super) fn servers(&self) -> impl Iterator<Item = Server> {
        let count = self.servers.len();
        let first = (self.upkeep.server() as usize).checked_rem(count).unwrap_or_default();
        self.servers.iter().cycle().skip(first).take(count).copied()
    }

    /// The server for an errand.
    pub(super) fn server(&self, number: u32) -> Option<Server> {
        let place = (number as usize).checked_rem(self.servers.len())?;
        self.servers.get(place).copied()
    }
}
