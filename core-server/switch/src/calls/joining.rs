//! Two calls become one: a leg goes from the call that is being turned to another one's desk, and a word comes back.

use std::sync::Arc;

use wigwag_media::LegKey;
use wigwag_model::{CallId, LegId};
use wigwag_pbx::call::{Input, NoPlace, Purpose, Released, Sought};
use wigwag_sansio::Now;
use wigwag_sip::wire::{StatusCode, header::Replaces};

use super::{Mail, Running, Table};
use crate::{gateways::Channel, lines::Line, owner::CallNumber};

/// A leg on its way to another call. Whatever becomes of it, the call that it comes from is told once: when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Parcel {
    calls: Arc<Table>,
    from: (CallNumber, LegId),
    /// The other call.
    into: CallId,
    content: Option<Box<Content>>,
    /// Why the other call does not take it.
    refusal: StatusCode,
}

/// A leg and all that belongs to it.
#[derive(Debug)]
pub(crate) struct Content {
    released: Box<Released>,
    purpose: Purpose,
    belongings: Belongings,
}

/// What a leg owns in its call's shell.
#[derive(Debug)]
struct Belongings {
    line: Option<Line>,
    channel: Option<Channel>,
    sound: LegKey,
}

impl Drop for Parcel {
    fn drop(&mut self) {
        let (call, leg) = self.from;
        let (refusal, into) = (self.refusal, self.into);
        let word = match self.content.take() {
            Some(content) => Mail::GivenBack { leg, content, refusal },
            None => Mail::HandedOver { leg, into },
        };
        self.calls.agenda().hand(call, word);
    }
}

impl Running {
    /// Finds the call that a leg wants to join, and sends the leg there.
    pub(super) fn hand_over(&mut self, leg: LegId, sought: &Sought) -> Option<Input> {
        let not_taken = |status| Some(Input::NotTaken { leg, status });
        let Some((call, into, purpose)) = self.find(sought) else {
            return not_taken(match sought {
                Sought::Ringing(_) | Sought::Parked(_) => StatusCode::NOT_FOUND,
                Sought::Dialog(_) | Sought::Consulted(_) | Sought::Lamp(_) => StatusCode::CALL_DOES_NOT_EXIST,
            });
        };
        let Some(released) = self.call.release(leg) else {
            return not_taken(StatusCode::REQUEST_PENDING);
        };
        let extension = released.who().extension();
        let line = self
            .lines
            .iter()
            .position(|line| Some(line.extension_id()) == extension);
        let belongings = Belongings {
            line: line.map(|index| self.lines.swap_remove(index)),
            channel: self.channels.remove(&leg),
            sound: self.leg_key(leg),
        };
        self.open_legs.retain(|open| *open != leg);
        self.given.insert(leg, Some(Vec::new()));
        let parcel = Parcel {
            calls: self.core.calls.clone(),
            from: (self.number, leg),
            into,
            content: Some(Box::new(Content {
                released: Box::new(released),
                purpose,
                belongings,
            })),
            refusal: StatusCode::CALL_DOES_NOT_EXIST,
        };
        // What does not arrive comes back.
        self.core.calls.send(call, Mail::Adopt(parcel));
        None
    }

    /// A leg of another call comes.
    pub(super) fn adopt(&mut self, mut parcel: Parcel, now: Now) {
        let Some(content) = parcel.content.take() else { return };
        let Content {
            released,
            purpose,
            belongings,
        } = *content;
        let extension = released.who().extension();
        match self.call.adopt(released, &purpose, now) {
            Ok(leg) => {
                let Belongings { line, channel, sound } = belongings;
                self.sounds.insert(leg, sound);
                self.open_legs.push(leg);
                self.lines.extend(line);
                self.channels.extend(channel.map(|channel| (leg, channel)));
                self.core.calls.move_leg(parcel.from, (self.number, leg));
                self.register_tags();
                if let Some(extension) = extension {
                    self.core.calls.add_extension(self.number, extension);
                }
            }
            Err((released, refusal)) => {
                parcel.refusal = refusal;
                parcel.content = Some(Box::new(Content {
                    released,
                    purpose,
                    belongings,
                }));
            }
        }
        self.carry_out(now);
    }

    /// The other call has taken the leg.
    pub(super) fn handed_over(&mut self, leg: LegId, into: CallId, now: Now) {
        let waiting = self.given.insert(leg, None).flatten().unwrap_or_default();
        for mail in waiting {
            self.core.calls.send(self.number, mail);
        }
        self.turn(Input::HandedOver { into }, now);
    }

    /// The other call has not taken the leg.
    pub(super) fn given_back(&mut self, leg: LegId, content: Content, refusal: StatusCode, now: Now) {
        let Belongings { line, channel, sound } = content.belongings;
        self.sounds.insert(leg, sound);
        self.open_legs.push(leg);
        self.lines.extend(line);
        self.channels.extend(channel.map(|channel| (leg, channel)));
        let waiting = self.given.remove(&leg).flatten().unwrap_or_default();
        self.call.take_back(leg, *content.released, refusal, now);
        self.carry_out(now);
        waiting.into_iter().for_each(|mail| self.read(mail, now));
    }

    /// Mail for a leg that has been given away waits until its place is known, and then goes there.
    pub(super) fn redirect(&mut self, mail: Mail) -> Option<Mail> {
        let given = mail.leg().and_then(|leg| self.given.get_mut(&leg));
        match given {
            None => return Some(mail),
            Some(Some(waiting)) => waiting.push(mail),
            Some(None) => {
                self.core.calls.send(self.number, mail);
            }
        }
        None
    }

    fn find(&self, sought: &Sought) -> Option<(CallNumber, CallId, Purpose)> {
        let calls = &self.core.calls;
        let (call, purpose) = match sought {
            Sought::Dialog(dialog) => self.with_dialog(dialog, false)?,
            Sought::Consulted(dialog) => self.with_dialog(dialog, true)?,
            Sought::Ringing(which) => {
                let others = calls.of_tenant(self.tenant_id).into_iter();
                let ringing = others.filter_map(|entry| {
                    let rings = entry.live.lock().rings.clone()?;
                    rings.is_wanted(which).then_some((rings.since, entry.number))
                });
                let (_, call) = ringing.filter(|(_, call)| *call != self.number).min()?;
                (call, Purpose::PickUp(which.clone()))
            }
            Sought::Lamp(pick_up) => {
                let call = calls.find(self.tenant_id, pick_up.call_id)?;
                let at = wigwag_pbx::routing::PickUp::At(pick_up.extension_id);
                (call, Purpose::PickUp(at))
            }
            Sought::Parked(place) => {
                let call = self.core.parking.lock().get(&self.tenant_id)?.at(*place)?;
                (call, Purpose::Fetch(*place))
            }
        };
        let into = calls.id_of(self.tenant_id, call)?;
        (call != self.number).then_some((call, into, purpose))
    }

    fn with_dialog(&self, dialog: &Replaces, is_sent: bool) -> Option<(CallNumber, Purpose)> {
        let (call, leg) = self.core.calls.by_tag(dialog.to_tag())?;
        let dialog = dialog.clone();
        Some((call, Purpose::Replace { leg, dialog, is_sent }))
    }

    /// Finds a parking place.
    pub(super) fn park(&mut self, wish: Option<u8>) -> Input {
        let mut parking = self.core.parking.lock();
        let lot = parking.entry(self.tenant_id).or_default();
        self.is_parked = true;
        Input::Placed(lot.park(wish, self.number).ok_or(NoPlace))
    }

    /// The parking place is free again, if the call has one.
    pub(super) fn unpark(&mut self) {
        if !std::mem::take(&mut self.is_parked) {
            return;
        }
        let mut parking = self.core.parking.lock();
        if let Some(lot) = parking.get_mut(&self.tenant_id) {
            lot.leave(self.number);
            if lot.is_empty() {
                parking.remove(&self.tenant_id);
            }
        }
    }

    /// What rings here and may be picked up elsewhere is shown to the other calls.
    pub(super) fn show_ringing(&self) {
        let rings = self.call.ringing();
        let mut live = self.live.lock();
        if live.rings != rings {
            live.rings = rings;
        }
    }
}
