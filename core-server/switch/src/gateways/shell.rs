//! Connections to carriers are kept up: errands are sent when they are due, and their answers taken.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::sleep_until};
use tracing::{info, warn};
use wigwag_model::{Gateway, GatewayId};
use wigwag_pbx::gateways::{Errand, Health, Standing, UpkeepInput, UpkeepOutput};
use wigwag_sansio::{Machine, Now};
use wigwag_sip::wire::Response;

use super::{
    Channels,
    book::{Book, Connection, Search},
    dns::Dns,
    finding::{self, Found, Unanswered},
    server::Server,
};
use crate::{
    core::Core,
    owner::{GatewayErrand, Owner},
    reach::reach,
};

/// How soon names that could not be looked up are looked up again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The lines to the outside.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    book: Mutex<Book>,
    channels: Channels,
    changed: Notify,
    dns: Dns,
}

impl Lines {
    /// Makes the gateways of the directory the ones that are kept up.
    pub(crate) fn configure(&self, core: &Arc<Core>) {
        let gateways = core.directory.read().gateways();
        let mut entropy = core.entropy.lock().fork();
        let now = core.clock.now();
        let named = self.book.lock().configure(&gateways, &mut entropy, now);
        for id in named {
            let search = core.runtime.spawn(Lines::look_up(core.clone(), id));
            if let Some(connection) = self.book.lock().connection(id) {
                connection.search = Some(Search(search.abort_handle()));
            }
        }
        self.changed.notify_one();
    }

    /// Looks up a carrier's servers for as long as its gateway is in use. What was found holds until something else is:
    /// calls never wait for it.
    async fn look_up(core: Arc<Core>, id: GatewayId) {
        let mut entropy = core.entropy.lock().fork();
        loop {
            let connection = |book: &mut Book| Some(book.connection(id)?.gateway.settings.clone());
            let Some(settings) = connection(&mut core.outside.book.lock()) else {
                return;
            };
            let wait = match finding::find(&core.outside.dns, &settings, &mut entropy).await {
                Ok(Found { servers, holds_for }) if !servers.is_empty() => {
                    if let Some(connection) = core.outside.book.lock().connection(id) {
                        connection.servers = servers;
                    }
                    holds_for
                }
                Ok(_) | Err(Unanswered) => {
                    warn!(gateway.id = %id, "the servers of a carrier cannot be looked up: those that are known stay");
                    LOOK_AGAIN
                }
            };
            core.outside.suspected(&core, id);
            sleep_until(core.clock.instant(core.clock.now().tick + wait)).await;
        }
    }

    /// Keeps connections up for as long as the server runs.
    pub(crate) async fn keep_up(core: Arc<Core>) {
        loop {
            let deadline = core.outside.book.lock().deadline();
            let changed = core.outside.changed.notified();
            match deadline {
                Some(due) => tokio::select! {
                    () = sleep_until(core.clock.instant(due)) => {}
                    () = changed => {}
                },
                None => changed.await,
            }
            core.outside.turn(&core, core.clock.now());
        }
    }

    /// Does what is due.
    fn turn(&self, core: &Core, now: Now) {
        let mut errands = Vec::new();
        for (id, connection) in self.book.lock().iter_mut() {
            if connection.upkeep.deadline().is_some_and(|due| due <= now.tick) {
                connection.upkeep.handle_timeout(now);
                errands.extend(connection.drain(id));
            }
        }
        self.send_all(core, errands);
    }

    fn handle(&self, core: &Core, id: GatewayId, input: UpkeepInput) {
        let mut errands = Vec::new();
        if let Some(connection) = self.book.lock().connection(id) {
            connection.upkeep.handle(input, core.clock.now());
            errands = connection.drain(id);
        }
        self.send_all(core, errands);
        self.changed.notify_one();
    }

    /// Sends errands, without holding the book; one that cannot be sent has failed.
    fn send_all(&self, core: &Core, errands: Vec<(GatewayId, Errand)>) {
        for (id, errand) in errands {
            if self.send(core, id, &errand).is_none() {
                let number = errand.number;
                self.handle(core, id, UpkeepInput::Failed { number });
            }
        }
    }

    fn send(&self, core: &Core, id: GatewayId, errand: &Errand) -> Option<()> {
        let to = self.book.lock().connection(id)?.server(errand.server)?.destination();
        let reach = reach(&core.endpoint.flow(&to).ok()?);
        let request = {
            let mut book = self.book.lock();
            let upkeep = &mut book.connection(id)?.upkeep;
            let contact = core.contact_as(upkeep.contact_user(), &reach);
            upkeep.request(errand, &contact)
        };
        let owner = Owner::Gateway(GatewayErrand {
            gateway: id,
            number: errand.number,
        });
        core.endpoint.request(owner, &to, &request).ok()?;
        Some(())
    }

    /// A carrier has answered an errand.
    pub(crate) fn answered(&self, core: &Core, errand: &GatewayErrand, response: Response) {
        let number = errand.number;
        self.handle(core, errand.gateway, UpkeepInput::Answered { number, response });
    }

    /// A carrier has not answered an errand.
    pub(crate) fn failed(&self, core: &Core, errand: &GatewayErrand) {
        let number = errand.number;
        self.handle(core, errand.gateway, UpkeepInput::Failed { number });
    }

    /// A call has found a carrier silent.
    pub(crate) fn suspected(&self, core: &Core, id: GatewayId) {
        self.handle(core, id, UpkeepInput::Suspected);
    }

    /// The gateway whose carrier calls from `remote`, or calls `user`, the name that only it knows.
    pub(crate) fn of_caller(&self, remote: SocketAddr, user: Option<&str>) -> Option<Gateway> {
        self.book.lock().of_caller(remote, user).cloned()
    }

    pub(crate) fn standing(&self, id: GatewayId) -> Standing {
        Standing {
            health: self.book.lock().health(id),
            in_use: self.channels.in_use(id),
        }
    }

    /// A gateway's servers, the one in use first.
    pub(crate) fn servers(&self, id: GatewayId) -> Vec<Server> {
        let mut book = self.book.lock();
        book.connection(id)
            .map(|connection| connection.servers().collect())
            .unwrap_or_default()
    }

    pub(crate) fn channels(&self) -> &Channels {
        &self.channels
    }
}

impl Connection {
    /// What is to be sent.
    fn drain(&mut self, id: GatewayId) -> Vec<(GatewayId, Errand)> {
        let mut errands = Vec::new();
        while let Some(output) = self.upkeep.poll() {
            match output {
                UpkeepOutput::Send(errand) => errands.push((id, errand)),
                UpkeepOutput::Stands(Health::Down) => {
                    warn!(gateway.id = %id, "a gateway does not answer, or does not let us in");
                }
                UpkeepOutput::Stands(Health::Up | Health::Unknown) => info!(gateway.id = %id, "a gateway answers"),
            }
        }
        errands
    }
}
