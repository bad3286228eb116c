//! One running call: mail in, the call's machine turned, what it wants done.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::Arc,
};

use parking_lot::Mutex;
use tracing::{Span, debug, error, info, info_span, warn};
use wigwag_media::{KeyCourse, Keys, LegKey, Part, RoomKey};
use wigwag_model::{CallEvent, CallId, HangupCause, JournalEntry, LegId, TenantId, api::LadderDirection};
use wigwag_pbx::{
    TenantSnapshot,
    call::{Call, Input, MediaCommand, NoPorts, Origin, Output, Phone, Ports, SipAction},
    registrar::Reach,
    routing::{Change, Outside, OutsideNumber, Target},
};
use wigwag_sansio::{Machine, Now, Tick, Utc};
use wigwag_sip::{
    session,
    transaction::{ClientKey, Failure, ServerKey},
    wire::{Method, Request, Response, StatusCode},
};
use wigwag_sip_io::Destination;

use super::{Course, Live, Mail};
use crate::{
    core::Core,
    gateways::{self, Channel, TenantLine},
    gruu::OnlyDevice,
    lines::Line,
    owner::{CallNumber, LegRequest, Owner},
    prompts::programme,
    registrations::phone,
    star_changes,
    trace::Recorder,
};

/// A running call.
pub(crate) struct Running {
    pub(super) core: Arc<Core>,
    pub(super) number: CallNumber,
    call_id: CallId,
    pub(super) tenant_id: TenantId,
    started_at: Utc,
    snapshot: Arc<TenantSnapshot>,
    pub(super) call: Call,
    span: Span,
    /// The alarm that is set for it: at its deadline, or earlier.
    alarm: Option<Tick>,
    pub(super) live: Arc<Mutex<Live>>,
    recorder: Recorder,
    pub(super) lines: Vec<Line>,
    /// The company's lines to the outside that no leg uses yet.
    outside_lines: Vec<TenantLine>,
    /// The legs to the outside.
    pub(super) channels: BTreeMap<LegId, Channel>,
    invites: Vec<(LegId, session::RequestToken, ClientKey)>,
    pub(super) open_legs: Vec<LegId>,
    tagged: Vec<LegId>,
    /// The sound of legs that have come from other calls.
    pub(super) sounds: BTreeMap<LegId, LegKey>,
    /// The legs that other calls have, with the mail that waits while one is on its way.
    pub(super) given: BTreeMap<LegId, Option<Vec<Mail>>>,
    pub(super) is_parked: bool,
    next_sequence: u32,
    is_recorded: bool,
    finished: bool,
    /// The INVITE that began the call.
    invite: (ServerKey, Request),
    only_device: Option<OnlyDevice>,
    /// Whether somebody calls for help.
    is_emergency: bool,
}

/// What a call begins with.
pub(crate) struct Beginning {
    pub(crate) core: Arc<Core>,
    pub(crate) number: CallNumber,
    pub(crate) call_id: CallId,
    pub(crate) tenant_id: TenantId,
    pub(crate) snapshot: Arc<TenantSnapshot>,
    pub(crate) live: Arc<Mutex<Live>>,
    pub(crate) recorder: Recorder,
    /// The caller's own line.
    pub(crate) line: Option<Line>,
    /// The company's line to the outside, where the caller is there.
    pub(crate) outside_line: Option<TenantLine>,
    /// The INVITE that begins the call.
    pub(crate) invite: (ServerKey, Request),
    /// The only device that it may ring, where the INVITE names one.
    pub(crate) only_device: Option<OnlyDevice>,
}

impl Running {
    /// Begins a call: everything that can be done at once has been done when this returns.
    pub(crate) fn begin(beginning: Beginning, origin: Origin, now: Now) -> Self {
        let Beginning {
            core,
            number,
            call_id,
            tenant_id,
            snapshot,
            live,
            recorder,
            line,
            outside_line,
            invite,
            only_device,
        } = beginning;
        let mut running = Running {
            span: info_span!("call", call.id = %call_id, tenant.id = %tenant_id),
            alarm: None,
            core,
            number,
            call_id,
            tenant_id,
            started_at: now.utc,
            snapshot,
            is_emergency: origin.decision.is_emergency(),
            call: Call::new(origin, now),
            live,
            recorder,
            lines: line.into_iter().collect(),
            outside_lines: outside_line.into_iter().collect(),
            channels: BTreeMap::new(),
            invites: Vec::new(),
            open_legs: Vec::new(),
            tagged: Vec::new(),
            sounds: BTreeMap::new(),
            given: BTreeMap::new(),
            is_parked: false,
            next_sequence: 0,
            is_recorded: false,
            finished: false,
            invite,
            only_device,
        };
        running.carry_out(now);
        running.set_alarm();
        running
    }

    /// Takes what was brought, and does all that follows from it.
    pub(crate) fn take(&mut self, mail: Mail) -> Course {
        let span = self.span.clone();
        let _entered = span.enter();
        let now = self.core.clock.now();
        self.read(mail, now);
        self.set_alarm();
        self.course()
    }

    /// Whether anything is left to do.
    pub(crate) fn course(&self) -> Course {
        if self.finished { Course::IsOver } else { Course::GoesOn }
    }

    /// Makes sure that the call is turned when its deadline comes. An alarm that has become too early is left: setting
    /// another then costs less than taking this one back.
    fn set_alarm(&mut self) {
        let deadline = self.call.deadline();
        if let Some(deadline) = deadline
            && !self.finished
            && self.alarm.is_none_or(|alarm| deadline < alarm)
        {
            self.alarm = Some(self.core.calls.agenda().set_alarm(deadline, self.number));
        }
    }

    /// The alarm rings; one that was replaced by an earlier one is not the call's any more.
    fn ring(&mut self, tick: Tick, now: Now) {
        if self.alarm != Some(tick) {
            return;
        }
        self.alarm = None;
        if self.call.deadline().is_some_and(|deadline| deadline <= now.tick) {
            self.call.handle_timeout(now);
            self.carry_out(now);
        }
    }

    pub(super) fn read(&mut self, mail: Mail, now: Now) {
        let Some(mail) = self.redirect(mail) else { return };
        let received = LadderDirection::Received;
        let input = match mail {
            Mail::Request {
                leg,
                key,
                request,
                reach,
            } => {
                self.recorder.message(leg, received, &reach, request.bytes(), now);
                self.follow(leg, reach, now);
                Input::Sip {
                    leg,
                    input: session::Input::Request { key, request },
                }
            }
            Mail::Ack { leg, request, reach } => {
                self.recorder.message(leg, received, &reach, request.bytes(), now);
                Input::Sip {
                    leg,
                    input: session::Input::Ack(request),
                }
            }
            Mail::Cancel { leg, key, request } => {
                if let Some(reach) = self.call.reach(leg).cloned() {
                    self.recorder.message(leg, received, &reach, request.bytes(), now);
                }
                Input::Sip {
                    leg,
                    input: session::Input::Cancel { key, request },
                }
            }
            Mail::Response { leg, token, response } => {
                if let Some(reach) = self.call.reach(leg).cloned() {
                    self.recorder.message(leg, received, &reach, response.bytes(), now);
                }
                Input::Sip {
                    leg,
                    input: session::Input::Response { token, response },
                }
            }
            Mail::Failed { leg, token, failure } => Input::Sip {
                leg,
                input: session::Input::Failed { token, failure },
            },
            Mail::Media { leg, observed } => Input::Media { leg, observed },
            Mail::Joined(extension_id, binding) => {
                let only = self.only_device.as_ref();
                if only.is_some_and(|only| !only.is(&binding, &self.core.gruus)) {
                    return;
                }
                Input::Joined(Box::new(phone(&self.core, extension_id, &binding)))
            }
            Mail::Changed(result) => Input::Changed(result),
            Mail::FlowClosed(flow) => Input::FlowClosed(flow),
            Mail::HangUp(cause) => Input::HangUp(cause),
            Mail::Adopt(parcel) => return self.adopt(parcel, now),
            Mail::HandedOver { leg, into } => return self.handed_over(leg, into, now),
            Mail::GivenBack { leg, content, refusal } => return self.given_back(leg, *content, refusal, now),
            Mail::Alarm(tick) => return self.ring(tick, now),
            Mail::Explain(reply) => {
                // Whoever asked may have gone away meanwhile.
                let _ = reply.send(self.recorder.tell());
                return;
            }
        };
        self.turn(input, now);
    }

    /// A request that came another way tells how its phone is reached from now on (RFC 5626 §5.3).
    fn follow(&mut self, leg: LegId, reach: Reach, now: Now) {
        if self.call.reach(leg).is_some_and(|known| *known != reach) {
            self.turn(Input::Moved { leg, reach }, now);
        }
    }

    pub(super) fn turn(&mut self, input: Input, now: Now) {
        self.call.handle(input, now);
        self.carry_out(now);
    }

    /// Carries out what the call wants; replies that are there at once are fed back until nothing is left to do.
    ///
    /// What the media threads are told comes last and together, so that they wake up once.
    pub(super) fn carry_out(&mut self, now: Now) {
        let (mut replies, mut orders) = (VecDeque::new(), Vec::new());
        loop {
            let outputs: Vec<Output> = std::iter::from_fn(|| self.call.poll()).collect();
            self.journal(&outputs, now);
            for output in outputs {
                match output {
                    Output::Journal { .. } => {}
                    Output::Note(note) => self.recorder.step(&note, now),
                    Output::Reach { arm, target } => replies.push_back(Input::Reached {
                        arm,
                        phones: self.reach(&target),
                    }),
                    Output::Decide(question) => {
                        let (answer, trace) = question.answer(&self.snapshot, now.utc);
                        trace.iter().for_each(|step| self.recorder.step(step, now));
                        replies.push_back(Input::Decided(answer));
                    }
                    Output::CheckPin { of, digits } => {
                        let verdict = star_changes::check_pin(&self.core, self.tenant_id, of, &digits, now);
                        replies.push_back(Input::PinChecked(verdict));
                    }
                    Output::Change(change) => self.change(change),
                    Output::Sip { leg, reach, action } => replies.extend(self.send(leg, &reach, action, now)),
                    Output::Media(MediaCommand::Open { leg, reach }) => replies.push_back(Input::Opened {
                        leg,
                        ports: self.open(leg, &reach),
                    }),
                    Output::Media(order) => orders.push(order),
                    Output::HandOver { leg, sought } => {
                        orders.drain(..).for_each(|order| self.order(order));
                        replies.extend(self.hand_over(leg, &sought));
                    }
                    Output::Park { wish } => replies.push_back(self.park(wish)),
                    Output::Unpark => self.unpark(),
                    Output::Finished => self.finish(),
                }
            }
            match replies.pop_front() {
                Some(input) => self.call.handle(input, now),
                None => break,
            }
        }
        orders.into_iter().for_each(|order| self.order(order));
        self.show_ringing();
    }

    /// Writes the facts among the outputs, all at once and before anything else is done.
    fn journal(&mut self, outputs: &[Output], now: Now) {
        let mut entries = Vec::new();
        for output in outputs {
            let Output::Journal {
                sequence,
                elapsed_ms,
                event,
            } = output
            else {
                continue;
            };
            self.recorder.event(event, now);
            let entry = JournalEntry {
                tenant_id: self.tenant_id,
                call_id: self.call_id,
                sequence: *sequence,
                started_at: self.started_at,
                elapsed_ms: *elapsed_ms,
                event: event.clone(),
            };
            self.count_channels(event);
            self.live.lock().see(event, entry.at());
            self.core.metrics.see(event);
            let call = (self.tenant_id, self.call_id);
            self.core.subscriptions.call_changed(call, event, now);
            self.next_sequence = sequence + 1;
            self.is_recorded |= matches!(event, CallEvent::Merged { .. } | CallEvent::Ended { .. });
            entries.push(entry);
        }
        if !entries.is_empty() {
            self.core.journal.append(&entries);
        }
        if self.is_recorded {
            self.lines.clear();
            self.outside_lines.clear();
            self.channels.clear();
            self.core.calls.retire(self.number);
        }
    }

    fn change(&self, change: Change) {
        if let Some(extension) = self.call.caller_extension() {
            let by = (self.tenant_id, extension);
            let make = star_changes::make(self.core.clone(), self.number, by, change);
            self.core.runtime.spawn(make);
        }
    }

    /// Takes a line of the extension, and finds its phones.
    fn reach(&mut self, target: &Target) -> Result<Vec<Phone>, HangupCause> {
        let id = match target {
            Target::Extension(id) => *id,
            Target::Outside(outside) => return self.reach_outside(outside),
        };
        let extension = self.snapshot.extension(id).ok_or(HangupCause::UnknownNumber)?;
        let caller = self.call.caller_device();
        let phones = self
            .core
            .registrations
            .phones(&self.core, id, self.only_device.as_ref());
        let phones: Vec<Phone> = phones
            .into_iter()
            .filter(|phone| phone.who.device() != caller)
            .collect();
        if phones.is_empty() {
            return Err(HangupCause::NoDevice);
        }
        self.lines
            .push(self.core.lines.take(extension).ok_or(HangupCause::Busy)?);
        self.core.calls.add_extension(self.number, id);
        Ok(phones)
    }

    /// Takes a line to the outside, and finds the ways there; emergency calls need no line.
    fn reach_outside(&mut self, outside: &Outside) -> Result<Vec<Phone>, HangupCause> {
        let ways = gateways::ways(&self.core, outside)?;
        let channels = self.core.outside.channels();
        let line = match outside.number {
            OutsideNumber::Emergency(_) => channels.take_anyway(self.tenant_id),
            OutsideNumber::Public(_) | OutsideNumber::Short(_) => {
                let most = self.snapshot.tenant().concurrent_calls;
                let line = channels.take(self.tenant_id, most);
                line.ok_or(HangupCause::LimitReached)?
            }
        };
        self.outside_lines.push(line);
        Ok(ways)
    }

    /// A leg over a gateway uses a channel of it for as long as it is there. One that ends for want of a network makes
    /// its carrier suspect.
    fn count_channels(&mut self, event: &CallEvent) {
        if let CallEvent::LegStarted {
            leg,
            gateway_id: Some(gateway),
            ..
        } = event
        {
            let channels = self.core.outside.channels();
            let line = self.outside_lines.pop();
            let line = line.unwrap_or_else(|| channels.take_anyway(self.tenant_id));
            self.channels.insert(*leg, channels.over(*gateway, line));
        }
        if let CallEvent::LegEnded { leg, cause } = event
            && let Some(channel) = self.channels.remove(leg)
            && *cause == HangupCause::NetworkFailure
        {
            self.core.outside.suspected(&self.core, channel.gateway());
        }
    }

    /// Sends something; what cannot be sent comes back as its failure.
    fn send(&mut self, leg: LegId, reach: &Reach, action: SipAction, now: Now) -> Option<Input> {
        let sent = LadderDirection::Sent;
        let to = Destination::Flow(reach.flow);
        match action {
            SipAction::Request { token, request } => {
                self.register_tags();
                self.recorder.message(leg, sent, reach, request.bytes(), now);
                let owner = Owner::Leg(LegRequest {
                    call: self.number,
                    leg,
                    token,
                });
                match self.core.endpoint.request(owner, &to, &request) {
                    Ok(key) => self.remember(leg, token, key, &request),
                    Err(refusal) => {
                        debug!(leg = leg.0, %refusal, "a request was not sent");
                        let failed = session::Input::Failed {
                            token,
                            failure: Failure::Transport,
                        };
                        return Some(Input::Sip { leg, input: failed });
                    }
                }
            }
            SipAction::Cancel { token, reasons } => {
                let invite = self.invites.iter().find(|(id, known, _)| (*id, *known) == (leg, token));
                self.recorder.step(&format!("Leg {} is cancelled", leg.0), now);
                let cancel = invite.and_then(|(_, _, key)| self.core.endpoint.cancel(*key, reasons.into_iter().next()));
                if let Some(cancel) = cancel {
                    self.recorder.message(leg, sent, reach, &cancel, now);
                }
            }
            SipAction::Ack(request) => {
                self.recorder.message(leg, sent, reach, request.bytes(), now);
                if let Err(refusal) = self.core.endpoint.send(&to, &request) {
                    debug!(leg = leg.0, %refusal, "an ACK was not sent; the 2xx will come again");
                }
            }
            SipAction::Respond { key, response } => {
                self.register_tags();
                self.recorder.message(leg, sent, reach, response.bytes(), now);
                self.core.respond(key, response);
            }
        }
        None
    }

    /// INVITEs can be cancelled for as long as they are not answered.
    fn remember(&mut self, leg: LegId, token: session::RequestToken, key: ClientKey, request: &Request) {
        if *request.method() == Method::Invite {
            self.invites.retain(|(id, _, _)| *id != leg);
            self.invites.push((leg, token, key));
        }
    }

    /// Messages to each of the call's sessions find this call.
    pub(super) fn register_tags(&mut self) {
        for (leg, key) in self.call.sessions() {
            if !self.tagged.contains(&leg) {
                self.tagged.push(leg);
                self.core.calls.add_tag(self.number, leg, &key.local_tag);
            }
        }
    }

    fn order(&mut self, command: MediaCommand) {
        let plane = &self.core.media;
        match command {
            MediaCommand::Open { .. } => unreachable!("it is answered at once"),
            MediaCommand::Configure { leg, agreement } => plane.configure(self.leg_key(leg), *agreement),
            MediaCommand::Bridge { first, second } => plane.bridge(self.leg_key(first), self.leg_key(second)),
            MediaCommand::Echo { leg } => plane.echo(self.leg_key(leg)),
            MediaCommand::Part { first, second } => plane.unbridge(self.leg_key(first), self.leg_key(second)),
            MediaCommand::Play { leg, prompt } => plane.play(self.leg_key(leg), programme(&prompt)),
            MediaCommand::Listen { leg } => plane.treat_keys(
                self.leg_key(leg),
                Keys {
                    course: KeyCourse::Both,
                    in_sound: false,
                },
            ),
            MediaCommand::Confer { legs } => {
                let room = RoomKey(self.number.0);
                legs.into_iter()
                    .for_each(|leg| plane.join(self.leg_key(leg), room, Part::default()));
            }
            MediaCommand::Stop { leg } => plane.stop(self.leg_key(leg)),
            MediaCommand::Close { leg } => {
                self.open_legs.retain(|open| *open != leg);
                plane.close(self.leg_key(leg));
            }
        }
    }

    fn open(&mut self, leg: LegId, reach: &Reach) -> Result<Ports, NoPorts> {
        let advertised = self.core.advertised(reach);
        let (media, key) = (&self.core.media, self.leg_key(leg));
        let opened = if self.is_emergency {
            media.open_for_help(self.number.0, key, advertised.into())
        } else {
            media.open(self.number.0, key, advertised.into())
        };
        let ports = opened.map_err(|reason| {
            warn!(leg = leg.0, %reason, "a leg has no port for its sound");
            NoPorts
        })?;
        self.open_legs.push(leg);
        let seen = |port| std::net::SocketAddr::new(advertised, port);
        Ok(Ports {
            rtp: seen(ports.rtp.port()),
            rtcp: seen(ports.rtcp.port()),
        })
    }

    pub(super) fn leg_key(&self, leg: LegId) -> LegKey {
        self.sounds.get(&leg).copied().unwrap_or(LegKey {
            call: self.number.0,
            leg: leg.0,
        })
    }

    fn finish(&mut self) {
        self.finished = true;
        self.core.traces.put(self.tenant_id, self.call_id, self.recorder.text());
        info!("the call is over");
    }
}

impl Drop for Running {
    /// Nothing of a call outlives it, also when it ends by a mistake of ours.
    fn drop(&mut self) {
        self.unpark();
        self.core.calls.remove(self.number);
        for leg in std::mem::take(&mut self.open_legs) {
            self.core.media.close(self.leg_key(leg));
        }
        if self.finished {
            return;
        }
        if self.is_recorded {
            // The server stops while the last messages are under way.
            self.core.traces.put(self.tenant_id, self.call_id, self.recorder.text());
            return;
        }
        let (key, request) = &self.invite;
        let apology = Response::reply_to(request, StatusCode::SERVER_INTERNAL_ERROR)
            .to_tag("none")
            .build();
        self.core.respond(*key, apology);
        error!(call.id = %self.call_id, "the call was ended by a mistake of the server");
        let now = self.core.clock.now();
        let elapsed = now.utc.since(self.started_at);
        let ended = CallEvent::Ended {
            cause: HangupCause::NetworkFailure,
        };
        let call = (self.tenant_id, self.call_id);
        self.core.subscriptions.call_changed(call, &ended, now);
        self.core.journal.append(&[JournalEntry {
            tenant_id: self.tenant_id,
            call_id: self.call_id,
            sequence: self.next_sequence,
            started_at: self.started_at,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            event: ended,
        }]);
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
