//! The rooms of one thread, and the frame that all of them make every 20 ms.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use wigwag_sansio::{Now, Tick};

use super::{anchors::Token, media_thread::MediaThread};
use crate::{
    drops::DropReason,
    event::MediaEvent,
    key::{LegKey, RoomKey},
    leg::{Arrival, MAX_PACKET},
    mix::{Manner, Room},
    part::Part,
    rtp::HEADER,
    sound::{Frame, FrameContent, Programme, next_on_grid},
};

#[derive(Default)]
pub(crate) struct Rooms {
    /// A room is out of its place while it makes its frame.
    rooms: BTreeMap<RoomName, Option<Box<Room<Token>>>>,
    /// When the next frame is due, if there is any room.
    due: Option<Tick>,
}

/// What a room of a thread is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RoomName {
    /// One that legs were told to join.
    Open(RoomKey),
    /// That of two legs without a codec in common, after one of them.
    Pair(Token),
}

const FRAME_MS: u32 = 20;
const FRAME: Duration = Duration::from_millis(20);

/// A thread that is later than this goes on from now instead of catching up.
const MOST_LATE: Duration = Duration::from_millis(100);

impl Rooms {
    pub(super) fn deadline(&self) -> Option<Tick> {
        self.due
    }

    fn get_mut(&mut self, name: RoomName) -> Option<&mut Room<Token>> {
        self.rooms.get_mut(&name)?.as_deref_mut()
    }

    fn after(&self, name: Option<RoomName>) -> Option<RoomName> {
        let from = name.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let mut later = self.rooms.range((from, std::ops::Bound::Unbounded));
        later.next().map(|(name, _)| *name)
    }
}

impl MediaThread {
    /// Lets a leg into a room, or changes how it takes part in it.
    pub(super) fn join(&mut self, leg: LegKey, room: RoomKey, part: Part, now: Now) {
        let Some(token) = self.anchors.token(leg) else {
            return;
        };
        let name = RoomName::Open(room);
        if self.anchors.get(token).is_some_and(|anchor| anchor.room == Some(name)) {
            if let Some(room) = self.rooms.get_mut(name) {
                room.admit(token, part);
            }
            return;
        }
        self.detach(token, now);
        if let Some(anchor) = self.anchors.get_mut(token) {
            anchor.leg.stop();
        }
        self.enter(token, name, part, now);
        self.tell(token, now);
        self.set_alarm(token, now);
    }

    pub(super) fn leave(&mut self, leg: LegKey, now: Now) {
        if let Some(token) = self.anchors.token(leg)
            && self.anchors.get(token).is_some_and(|anchor| anchor.listener.is_none())
        {
            self.exit(token, now);
        }
    }

    pub(super) fn play_in(&mut self, room: RoomKey, programme: Option<Programme>) {
        if let Some(room) = self.rooms.get_mut(RoomName::Open(room)) {
            room.play(programme);
        }
    }

    /// Lets two bridged legs meet in a room of their own if they have no codec in common, and relays if they have.
    pub(super) fn choose_means(&mut self, a: Token, b: Token, now: Now) {
        let (Some(first), Some(second)) = (self.anchors.get(a), self.anchors.get(b)) else {
            return;
        };
        let relayed = first.leg.hears_sound() && second.leg.hears_sound();
        let speaks = first.leg.widest_rate().is_some() && second.leg.widest_rate().is_some();
        let meets = first.room.is_some();
        match (a != b && !relayed && speaks, meets) {
            (true, false) => {
                let name = RoomName::Pair(a.min(b));
                self.enter(a, name, Part::default(), now);
                self.enter(b, name, Part::default(), now);
            }
            (false, true) => {
                self.exit(a, now);
                self.exit(b, now);
            }
            (true, true) => self.tune_room_of(a),
            (false, false) => {}
        }
    }

    fn enter(&mut self, token: Token, name: RoomName, part: Part, now: Now) {
        let manner = match name {
            RoomName::Open(_) => Manner::Conference,
            RoomName::Pair(_) => Manner::Pair,
        };
        let room = self.rooms.rooms.entry(name).or_default();
        room.get_or_insert_with(|| Box::new(Room::new(manner)))
            .admit(token, part);
        if let Some(anchor) = self.anchors.get_mut(token) {
            anchor.room = Some(name);
        }
        self.tune_room_of(token);
        self.rooms
            .due
            .get_or_insert_with(|| next_on_grid(now.tick, u64::from(FRAME_MS)));
    }

    /// Takes a leg out of the room that it is in.
    pub(super) fn exit(&mut self, token: Token, now: Now) {
        let Some(name) = self.anchors.get_mut(token).and_then(|anchor| anchor.room.take()) else {
            return;
        };
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        room.dismiss(token, now.tick);
        if room.is_empty() {
            self.rooms.rooms.remove(&name);
        } else {
            self.tune(name);
        }
        if self.rooms.rooms.is_empty() {
            self.rooms.due = None;
        }
    }

    /// Finds the sample rate of the room that a leg is in, after something has changed.
    pub(super) fn tune_room_of(&mut self, token: Token) {
        if let Some(name) = self.anchors.get(token).and_then(|anchor| anchor.room) {
            self.tune(name);
        }
    }

    fn tune(&mut self, name: RoomName) {
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        let guests: Vec<Token> = room.guests().collect();
        let rate = |token: &Token| self.anchors.get(*token)?.leg.widest_rate();
        let rates: Vec<u32> = guests.iter().filter_map(rate).collect();
        if let Some(room) = self.rooms.get_mut(name) {
            room.tune_for(rates.into_iter());
        }
    }

    /// Takes a packet of a leg into the room that it is in.
    pub(super) fn hear_in_room(
        &mut self,
        token: Token,
        name: RoomName,
        arrival: &Arrival,
        now: Now,
    ) -> Result<(), DropReason> {
        let room = self.rooms.get_mut(name).ok_or(DropReason::NoListener)?;
        let payload = &self.buffer[arrival.payload.clone()];
        room.hear(token, arrival.header.sequence, arrival.content, payload, now.tick);
        self.counters.packets_mixed.add(1);
        Ok(())
    }

    /// Makes the frames that are due.
    pub(super) fn mix(&mut self, now: Now) {
        while let Some(due) = self.rooms.due
            && due <= now.tick
        {
            self.rooms.due = Some(if now.tick.since(due) > MOST_LATE {
                next_on_grid(now.tick, u64::from(FRAME_MS))
            } else {
                due + FRAME
            });
            let mut last = None;
            while let Some(name) = self.rooms.after(last) {
                last = Some(name);
                self.mix_room(name, now);
            }
        }
    }

    fn mix_room(&mut self, name: RoomName, now: Now) {
        let Some(mut room) = self.rooms.rooms.get_mut(&name).and_then(Option::take) else {
            return;
        };
        let mixed = catch_unwind(AssertUnwindSafe(|| self.make_frame(name, &mut room, now)));
        if mixed.is_ok() {
            self.rooms.rooms.insert(name, Some(room));
            return;
        }
        tracing::error!(room.name = ?name, "a room was closed by a panic");
        self.rooms.rooms.remove(&name);
        for token in room.guests() {
            if let Some(anchor) = self.anchors.get_mut(token) {
                anchor.room = None;
            }
        }
    }

    fn make_frame(&mut self, name: RoomName, room: &mut Room<Token>, now: Now) {
        let speaker = room.begin_frame(now.tick);
        let mut last = None;
        while let Some(token) = room.guest_after(last) {
            last = Some(token);
            let Some(anchor) = self.anchors.get_mut(token) else {
                continue;
            };
            let Some((coding, payload_type)) = anchor.leg.listens_in() else {
                continue;
            };
            let Some(payload_bytes) = room.speak_to(token, coding, &mut self.buffer[HEADER..MAX_PACKET]) else {
                continue;
            };
            let frame = Frame {
                payload_type,
                clock_rate: coding.clock_per_ms() * 1000,
                duration: coding.clock_per_ms() * FRAME_MS,
                content: FrameContent::Sound,
                payload_bytes,
            };
            if let Some(transmit) = anchor.leg.send_own(frame, &mut self.buffer[..], now) {
                match anchor.send(transmit.channel, &self.buffer[transmit.range], transmit.to) {
                    Ok(()) => self.counters.packets_played.add(1),
                    Err(_) => self.counters.dropped(DropReason::SendFailed),
                }
            }
        }
        if let (Some(speaker), RoomName::Open(key)) = (speaker, name)
            && let Some(anchor) = self.anchors.get(speaker)
        {
            (self.events)(MediaEvent::Speaks {
                leg: anchor.key,
                room: key,
            });
        }
    }
}
