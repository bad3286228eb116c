//! One server transaction in a [`Layer`](super::Layer): its machine, and where its responses go.

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Machine, Now, Tick};

use super::{
    FlowId, Packet, Timers,
    key::Identity,
    server_invite::{self, ServerInvite},
    server_non_invite::{self, ServerNonInvite},
};
use crate::wire::{Method, Request, Response, StatusCode, header::To};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Server {
    pub(super) identity: Identity,
    pub(super) flow: FlowId,
    pub(super) armed: Option<Tick>,
    machine: Kind,
}

#[derive(Debug, Serialize, Deserialize)]
enum Kind {
    Invite { machine: ServerInvite, is_cancelled: bool },
    NonInvite(ServerNonInvite),
}

#[derive(Debug)]
pub(super) enum ServerOutput {
    Send(Packet),
    Ack(Request),
    Terminated,
}

impl Server {
    pub(super) fn new(request: &Request, identity: Identity, flow: FlowId, timers: Timers, now: Now) -> Self {
        let reliability = flow.reliability();
        let machine = if *request.method() == Method::Invite {
            let trying = Response::reply_to(request, StatusCode::TRYING).build();
            Kind::Invite {
                machine: ServerInvite::new(trying, timers, reliability),
                is_cancelled: false,
            }
        } else {
            Kind::NonInvite(ServerNonInvite::new(timers, reliability, now))
        };
        Server {
            identity,
            flow,
            armed: None,
            machine,
        }
    }

    pub(super) fn respond(&mut self, response: Response, now: Now) {
        match &mut self.machine {
            Kind::Invite { machine, .. } => machine.handle(server_invite::Input::Respond(response), now),
            Kind::NonInvite(machine) => machine.handle(server_non_invite::Input::Respond(response), now),
        }
    }

    pub(super) fn request_again(&mut self, now: Now) {
        match &mut self.machine {
            Kind::Invite { machine, .. } => machine.handle(server_invite::Input::RequestAgain, now),
            Kind::NonInvite(machine) => machine.handle(server_non_invite::Input::RequestAgain, now),
        }
    }

    pub(super) fn ack(&mut self, ack: Request, now: Now) {
        match &mut self.machine {
            Kind::Invite { machine, .. } => machine.handle(server_invite::Input::Ack(ack), now),
            Kind::NonInvite(_) => {}
        }
    }

    /// Whether the user has to hear of this CANCEL: it is the first, and the INVITE has no final response.
    pub(super) fn cancel(&mut self) -> bool {
        match &mut self.machine {
            Kind::Invite { machine, is_cancelled } => {
                !std::mem::replace(is_cancelled, true) && machine.provisional().is_some()
            }
            Kind::NonInvite(_) => false,
        }
    }

    /// The tag that we have given our side of the dialog so far.
    pub(super) fn to_tag(&self) -> Option<String> {
        match &self.machine {
            Kind::Invite { machine, .. } => {
                let to = machine.provisional()?.require::<To>().ok()?;
                to.tag().map(str::to_owned)
            }
            Kind::NonInvite(_) => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Now) {
        match &mut self.machine {
            Kind::Invite { machine, .. } => machine.handle_timeout(now),
            Kind::NonInvite(machine) => machine.handle_timeout(now),
        }
    }

    pub(super) fn poll(&mut self) -> Option<ServerOutput> {
        match &mut self.machine {
            Kind::Invite { machine, .. } => machine.poll().map(|output| match output {
                server_invite::Output::Send(packet) => ServerOutput::Send(packet),
                server_invite::Output::Ack(ack) => ServerOutput::Ack(ack),
                server_invite::Output::Terminated => ServerOutput::Terminated,
            }),
            Kind::NonInvite(machine) => machine.poll().map(|output| match output {
                server_non_invite::Output::Send(packet) => ServerOutput::Send(packet),
                server_non_invite::Output::Terminated => ServerOutput::Terminated,
            }),
        }
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        match &self.machine {
            Kind::Invite { machine, .. } => machine.deadline(),
            Kind::NonInvite(machine) => machine.deadline(),
        }
    }
}
