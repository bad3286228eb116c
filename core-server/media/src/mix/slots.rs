//! Packets of one stream that wait for their turn, in order of their sequence numbers.

use crate::codec::Coding;

/// The last packets, each in a place that its sequence number gives it.
pub(super) struct Slots {
    places: Box<[Slot; PLACES]>,
    /// The packet whose turn is next, and the newest that was heard.
    turn: Option<Turn>,
}

#[derive(Clone, Copy)]
struct Turn {
    next: u16,
    newest: u16,
}

#[derive(Clone)]
struct Slot {
    sequence: u16,
    content: SlotContent,
    len: u16,
    payload: [u8; MOST_BYTES],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SlotContent {
    Nothing,
    Sound(Coding),
    /// A key press or comfort noise, which has its place in the numbering and no sound.
    Other,
}

/// What has its turn.
pub(super) enum Due<'a> {
    Sound(Coding, &'a [u8]),
    /// It did not come, but the next one, if that is of a codec of ours, did.
    Lost(Option<(Coding, &'a [u8])>),
    /// Nothing newer has come.
    Nothing,
}

const PLACES: usize = 16;
/// More than any codec of ours needs for a packet.
const MOST_BYTES: usize = 1_280;
/// A greater step back is a new beginning.
const MOST_LATE: i16 = 100;

impl Slots {
    pub(super) fn new() -> Self {
        let empty = Slot {
            sequence: 0,
            content: SlotContent::Nothing,
            len: 0,
            payload: [0; MOST_BYTES],
        };
        Slots {
            places: Box::new(std::array::from_fn(|_| empty.clone())),
            turn: None,
        }
    }

    /// Takes a packet in; answers whether it came in time.
    pub(super) fn insert(&mut self, sequence: u16, coding: Option<Coding>, payload: &[u8]) -> bool {
        if payload.len() > MOST_BYTES {
            return false;
        }
        let mut turn = self.turn.unwrap_or(Turn {
            next: sequence,
            newest: sequence.wrapping_sub(1),
        });
        let ahead = sequence.wrapping_sub(turn.next).cast_signed();
        if (-MOST_LATE..0).contains(&ahead) {
            return false;
        }
        if !(0..MOST_LATE).contains(&ahead) {
            self.clear();
            turn = Turn {
                next: sequence,
                newest: sequence,
            };
        } else if usize::from(ahead.unsigned_abs()) >= PLACES {
            // Too many wait: the oldest are given up.
            turn.next = sequence.wrapping_sub(PLACES as u16 - 1);
        }
        if sequence.wrapping_sub(turn.newest).cast_signed() > 0 {
            turn.newest = sequence;
        }
        self.turn = Some(turn);
        let place = &mut self.places[usize::from(sequence) % PLACES];
        place.sequence = sequence;
        place.content = coding.map_or(SlotContent::Other, SlotContent::Sound);
        place.len = payload.len() as u16;
        place.payload[..payload.len()].copy_from_slice(payload);
        true
    }

    /// How many packets wait, lost ones among them.
    pub(super) fn waiting(&self) -> usize {
        self.turn.map_or(0, |turn| {
            usize::from(turn.newest.wrapping_sub(turn.next).wrapping_add(1))
        })
    }

    /// What has its turn; it will not have it again.
    pub(super) fn next(&mut self) -> Due<'_> {
        while self.waiting() > 0
            && let Some(turn) = &mut self.turn
        {
            let sequence = turn.next;
            turn.next = sequence.wrapping_add(1);
            let place = usize::from(sequence) % PLACES;
            let content = match &self.places[place] {
                slot if slot.sequence == sequence => slot.content,
                _ => SlotContent::Nothing,
            };
            self.places[place].content = SlotContent::Nothing;
            match content {
                SlotContent::Sound(coding) => {
                    let slot = &self.places[place];
                    return Due::Sound(coding, &slot.payload[..usize::from(slot.len)]);
                }
                SlotContent::Other => {}
                SlotContent::Nothing => return Due::Lost(self.peek()),
            }
        }
        Due::Nothing
    }

    fn peek(&self) -> Option<(Coding, &[u8])> {
        let next = self.turn?.next;
        let slot = &self.places[usize::from(next) % PLACES];
        match slot.content {
            SlotContent::Sound(coding) if slot.sequence == next => {
                Some((coding, &slot.payload[..usize::from(slot.len)]))
            }
            SlotContent::Sound(_) | SlotContent::Other | SlotContent::Nothing => None,
        }
    }

    fn clear(&mut self) {
        for place in &mut *self.places {
            place.content = SlotContent::Nothing;
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Entropy;

    use super::*;

    /// What has its turn, until nothing waits: numbers of packets, 0 for a lost one, 100 more if the next is known.
    fn drain(slots: &mut Slots) -> Vec<u8> {
        let mut turns = Vec::new();
        loop {
            match slots.next() {
                Due::Sound(_, payload) => turns.push(payload[0]),
                Due::Lost(next) => turns.push(next.map_or(0, |(_, payload)| 100 + payload[0])),
                Due::Nothing => return turns,
            }
        }
    }

    fn say(slots: &mut Slots, numbers: &[u16]) {
        for number in numbers {
            slots.insert(*number, Some(Coding::Alaw), &[*number as u8]);
        }
    }

    #[test]
    fn packets_have_their_turn_in_order_and_lost_ones_too() {
        let mut slots = Slots::new();
        say(&mut slots, &[1, 3, 2, 5, 5, 8]);
        assert_eq!(slots.waiting(), 8);
        assert_eq!(drain(&mut slots), [1, 2, 3, 105, 5, 0, 108, 8]);
        assert!(!slots.insert(4, Some(Coding::Alaw), &[4]));
        say(&mut slots, &[9]);
        slots.insert(10, None, &[1, 2, 3, 4]);
        say(&mut slots, &[11]);
        assert_eq!(drain(&mut slots), [9, 11]);
    }

    #[test]
    fn a_flood_gives_the_oldest_up_and_a_new_beginning_all() {
        let mut slots = Slots::new();
        say(&mut slots, &(1..=40).collect::<Vec<_>>());
        assert_eq!(drain(&mut slots), (25..=40).collect::<Vec<_>>());
        say(&mut slots, &[41, 30_000, 30_001]);
        assert_eq!(drain(&mut slots), [30_000u16 as u8, 30_001u16 as u8]);
        say(&mut slots, &[7]);
        assert_eq!(drain(&mut slots), [7]);
        assert!(!slots.insert(8, Some(Coding::Opus), &[0; MOST_BYTES + 1]));
    }

    #[test]
    fn any_order_of_numbers_leaves_it_whole() {
        let (mut entropy, mut slots) = (Entropy::from_number(4), Slots::new());
        for _ in 0..50_000 {
            let jump = if entropy.below(20) == 0 { 70_000 } else { 40 };
            let base = slots.turn.map_or(65_530, |turn| turn.next);
            let sequence = base.wrapping_add(entropy.below(jump) as u16).wrapping_sub(10);
            slots.insert(sequence, Some(Coding::Alaw), &[1]);
            assert!(slots.waiting() <= PLACES);
            if entropy.below(3) == 0 {
                let before = slots.waiting();
                let _ = slots.next();
                assert!(before == 0 || slots.waiting() < before);
            }
        }
    }
}
