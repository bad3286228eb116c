//! A leg goes from one call to another, as the shell would carry it.

use std::cell::RefCell;

use wigwag_model::{CallId, LegId};
use wigwag_pbx::call::{Input, Purpose, Sought};
use wigwag_sansio::Now;
use wigwag_sip::wire::{StatusCode, header::Replaces};

use super::exchange::Exchange;

impl Exchange {
    /// Finds the call that a leg wants to join, and brings it there.
    pub(super) fn hand_over(&mut self, number: u64, leg: LegId, sought: &Sought, now: Now) -> Option<Input> {
        let Some((other, purpose)) = self.find_call(number, sought) else {
            let status = match sought {
                Sought::Ringing(_) | Sought::Parked(_) => StatusCode::NOT_FOUND,
                Sought::Dialog(_) | Sought::Consulted(_) | Sought::Lamp(_) => StatusCode::CALL_DOES_NOT_EXIST,
            };
            return Some(Input::NotTaken { leg, status });
        };
        // The machine and its thawed twin each have a leg to give and to take.
        let legs = RefCell::new(Vec::new());
        let running = self.calls.get_mut(&number).expect("a call that acts is not over");
        let (is_released, outputs) = running.call.act(|call| {
            let released = call.release(leg);
            let is_some = released.is_some();
            legs.borrow_mut().extend(released.map(Box::new));
            is_some
        });
        assert!(outputs.is_empty(), "a leg goes in silence");
        assert!(is_released, "a leg that is offered can be had");
        let sound = running.sounds.get(&leg).copied().unwrap_or((number, leg));
        let line = running.call.inner().caller_extension();
        let back = RefCell::new(Vec::new());
        let running = self.calls.get_mut(&other).expect("a call that is found is not over");
        let (adopted, outputs) = running.call.act(|call| {
            let released = legs.borrow_mut().remove(0);
            match call.adopt(released, &purpose, now) {
                Ok(leg) => Ok(leg),
                Err((released, status)) => {
                    back.borrow_mut().push(released);
                    Err(status)
                }
            }
        });
        match adopted {
            Ok(new) => {
                running.sounds.insert(new, sound);
                running.lines.extend(line);
                let into = running.id;
                let names: Vec<_> = self
                    .moved
                    .iter()
                    .filter(|(_, to)| **to == (number, leg))
                    .map(|(from, _)| *from)
                    .collect();
                self.moved.extend(
                    names
                        .into_iter()
                        .chain([(number, leg)])
                        .map(|name| (name, (other, new))),
                );
                self.register_tags(other);
                self.carry_out(other, outputs, now);
                Some(Input::HandedOver { into })
            }
            Err(status) => {
                self.carry_out(other, outputs, now);
                let running = self.calls.get_mut(&number).expect("it waits for its leg");
                let ((), outputs) = running.call.act(|call| {
                    let released = back.borrow_mut().remove(0);
                    call.take_back(leg, *released, status, now);
                });
                self.carry_out(number, outputs, now);
                None
            }
        }
    }

    fn find_call(&self, number: u64, sought: &Sought) -> Option<(u64, Purpose)> {
        let found = match sought {
            Sought::Dialog(dialog) => self.with_dialog(dialog, false)?,
            Sought::Consulted(dialog) => self.with_dialog(dialog, true)?,
            Sought::Ringing(which) => {
                let ringing = self.calls.iter().filter_map(|(number, running)| {
                    let rings = running.call.inner().ringing()?;
                    rings.is_wanted(which).then_some((rings.since, *number))
                });
                let (_, call) = ringing.filter(|(_, call)| *call != number).min()?;
                (call, Purpose::PickUp(which.clone()))
            }
            Sought::Lamp(pick_up) => {
                let is_it = |id: CallId| id == pick_up.call_id;
                let (call, _) = self.calls.iter().find(|(_, running)| is_it(running.id))?;
                let at = wigwag_pbx::routing::PickUp::At(pick_up.extension_id);
                (*call, Purpose::PickUp(at))
            }
            Sought::Parked(place) => (self.parking.at(*place)?, Purpose::Fetch(*place)),
        };
        (found.0 != number).then_some(found)
    }

    fn with_dialog(&self, dialog: &Replaces, is_sent: bool) -> Option<(u64, Purpose)> {
        let (call, leg) = *self.by_tag.get(dialog.to_tag())?;
        let dialog = dialog.clone();
        Some((call, Purpose::Replace { leg, dialog, is_sent }))
    }

    /// What is for a leg that has gone to another call goes there.
    pub(super) fn readdress(&self, number: u64, input: Input) -> (u64, Input) {
        let moved = |leg: &LegId| self.moved.get(&(number, *leg)).copied();
        if let Input::Sip { leg, input } = input {
            let (number, leg) = moved(&leg).unwrap_or((number, leg));
            return (number, Input::Sip { leg, input });
        }
        if let Input::Media { leg, observed } = input {
            let (number, leg) = moved(&leg).unwrap_or((number, leg));
            return (number, Input::Media { leg, observed });
        }
        (number, input)
    }

    /// The key of a leg's sound.
    pub(super) fn sound(&self, number: u64, leg: LegId) -> (u64, LegId) {
        let running = self.calls.get(&number);
        let sound = running.and_then(|running| running.sounds.get(&leg).copied());
        sound.unwrap_or((number, leg))
    }

    pub(super) fn unpark(&mut self, number: u64) {
        self.parking.leave(number);
    }
}
