//! One client transaction in a [`Layer`](super::Layer): its machine, its owner, and where its request goes.

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Machine, Now, Tick};

use super::{
    Failure, FlowId, Packet, Timers,
    client_invite::{self, ClientInvite},
    client_non_invite::{self, ClientNonInvite},
};
use crate::wire::{
    Method, Request, Response,
    header::{CSeq, Reason},
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Client<O> {
    /// Nobody owns a CANCEL: the layer sent it.
    pub(super) owner: Option<O>,
    pub(super) flow: FlowId,
    pub(super) armed: Option<Tick>,
    secret: u64,
    method: Method,
    machine: Kind,
}

#[derive(Debug, Serialize, Deserialize)]
enum Kind {
    Invite(ClientInvite),
    NonInvite(ClientNonInvite),
}

#[derive(Debug)]
pub(super) enum ClientOutput {
    Send(Packet),
    Cancel(Request),
    Deliver(Response),
    Failed(Failure),
    Terminated,
}

impl<O> Client<O> {
    pub(super) fn new(owner: Option<O>, request: Request, flow: FlowId, secret: u64, timers: Timers, now: Now) -> Self {
        let method = request.method().clone();
        let machine = if method == Method::Invite {
            Kind::Invite(ClientInvite::new(request, timers, flow.reliability(), now))
        } else {
            Kind::NonInvite(ClientNonInvite::new(&request, timers, flow.reliability(), now))
        };
        Client {
            owner,
            flow,
            armed: None,
            secret,
            method,
            machine,
        }
    }

    /// The transaction of the CANCEL for this INVITE, which shares its branch.
    pub(super) fn of_cancel(&self, cancel: Request, timers: Timers, now: Now) -> Self {
        Client::new(None, cancel, self.flow, self.secret, timers, now)
    }

    pub(super) fn owns(&self, secret: u64, response: &Response) -> bool {
        self.secret == secret
            && response
                .require::<CSeq>()
                .is_ok_and(|cseq| *cseq.method() == self.method)
    }

    pub(super) fn receive(&mut self, response: Response, now: Now) {
        match &mut self.machine {
            Kind::Invite(machine) => machine.handle(client_invite::Input::Response(response), now),
            Kind::NonInvite(machine) => machine.handle(client_non_invite::Input::Response(response), now),
        }
    }

    pub(super) fn cancel(&mut self, reason: Option<Reason>, now: Now) {
        match &mut self.machine {
            Kind::Invite(machine) => machine.handle(client_invite::Input::Cancel(reason), now),
            Kind::NonInvite(_) => {}
        }
    }

    pub(super) fn transport_failed(&mut self, now: Now) {
        match &mut self.machine {
            Kind::Invite(machine) => machine.handle(client_invite::Input::TransportFailed, now),
            Kind::NonInvite(machine) => machine.handle(client_non_invite::Input::TransportFailed, now),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Now) {
        match &mut self.machine {
            Kind::Invite(machine) => machine.handle_timeout(now),
            Kind::NonInvite(machine) => machine.handle_timeout(now),
        }
    }

    pub(super) fn poll(&mut self) -> Option<ClientOutput> {
        match &mut self.machine {
            Kind::Invite(machine) => machine.poll().map(|output| match output {
                client_invite::Output::Send(packet) => ClientOutput::Send(packet),
                client_invite::Output::Cancel(cancel) => ClientOutput::Cancel(cancel),
                client_invite::Output::Deliver(response) => ClientOutput::Deliver(response),
                client_invite::Output::Failed(failure) => ClientOutput::Failed(failure),
                client_invite::Output::Terminated => ClientOutput::Terminated,
            }),
            Kind::NonInvite(machine) => machine.poll().map(|output| match output {
                client_non_invite::Output::Send(packet) => ClientOutput::Send(packet),
                client_non_invite::Output::Deliver(response) => ClientOutput::Deliver(response),
                client_non_invite::Output::Failed(failure) => ClientOutput::Failed(failure),
                client_non_invite::Output::Terminated => ClientOutput::Terminated,
            }),
        }
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        match &self.machine {
            Kind::Invite(machine) => machine.deadline(),
            Kind::NonInvite(machine) => machine.deadline(),
        }
    }
}
