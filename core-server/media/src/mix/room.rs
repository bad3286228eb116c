//! Several legs that hear each other: each hears the sum of all others (N−1), at the sample rate that two can use.

use std::collections::BTreeMap;

use wigwag_sansio::Tick;

use super::{Ear, gate::Gate, voice::Voice};
use crate::{
    codec::Coding,
    part::Part,
    payload::Content,
    sound::{KeyForm, Programme, Reel},
};

/// The room of guests named `K`.
pub(crate) struct Room<K> {
    manner: Manner,
    sample_rate: u32,
    seats: BTreeMap<K, Seat>,
    /// What all say in this frame, and what fades away of who has just left.
    total: Vec<i32>,
    farewell: Vec<i32>,
    /// What is played to everybody.
    programme: Option<Reel>,
    /// One voice for each codec, for all who have said nothing for a while.
    shared: Vec<Shared>,
    speaker: Option<K>,
    rival: Option<(K, u32)>,
    mixed: Vec<i16>,
}

/// What a room is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Guests come and go; who is silent is left out of the sum.
    Conference,
    /// Two legs without a codec in common: everything is passed on as it is.
    Pair,
}

/// One guest, as the room sees it.
struct Seat {
    ear: Ear,
    part: Part,
    gate: Gate,
    /// What the guest says in this frame, and how loud it was let in: it changes softly.
    frame: Vec<i16>,
    factor: f32,
    speaks: bool,
    /// Frames since it last said something, and since it came.
    silent_for: u32,
    age: u32,
    voice: Option<Voice>,
}

struct Shared {
    voice: Voice,
    coding: Coding,
    payload: Vec<u8>,
    /// The bytes of this frame, once somebody needed them.
    bytes: Option<usize>,
}

/// Who was silent for a second hears what all hear who are silent, in an encoding of theirs together.
const SHARES_AFTER: u32 = 50;
/// Who is louder than the speaker for 0.3 s is the speaker.
const TAKES_OVER_AFTER: u32 = 15;
/// Room for a packet of any codec of ours.
const MOST_BYTES: usize = 1_280;

impl<K: Copy + Ord> Room<K> {
    pub(crate) fn new(manner: Manner) -> Self {
        let mut room = Room {
            manner,
            sample_rate: 0,
            seats: BTreeMap::new(),
            total: Vec::new(),
            farewell: Vec::new(),
            programme: None,
            shared: Vec::new(),
            speaker: None,
            rival: None,
            mixed: Vec::new(),
        };
        room.tune(8_000);
        room
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    pub(crate) fn guests(&self) -> impl Iterator<Item = K> {
        self.seats.keys().copied()
    }

    pub(crate) fn guest_after(&self, guest: Option<K>) -> Option<K> {
        let from = guest.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        self.seats
            .range((from, std::ops::Bound::Unbounded))
            .next()
            .map(|(guest, _)| *guest)
    }

    /// Lets a guest in, or changes how it takes part.
    pub(crate) fn admit(&mut self, guest: K, part: Part) {
        let sample_rate = self.sample_rate;
        let seat = self.seats.entry(guest).or_insert_with(|| Seat {
            ear: Ear::new(sample_rate),
            part,
            gate: Gate::default(),
            frame: vec![0; sample_rate as usize / 50],
            factor: 0.0,
            speaks: false,
            silent_for: 0,
            age: 0,
            voice: None,
        });
        seat.part = part;
    }

    /// Lets a guest go; the others hear its last word fade.
    pub(crate) fn dismiss(&mut self, guest: K, now: Tick) {
        let Some(mut seat) = self.seats.remove(&guest) else {
            return;
        };
        if self.speaker == Some(guest) {
            self.speaker = None;
        }
        self.rival = self.rival.filter(|(rival, _)| *rival != guest);
        seat.part.muted = true;
        if seat.listen(self.manner, now) {
            add(&mut self.farewell, &seat.frame);
        }
    }

    /// Mixes at the highest rate that two of these are of use for: what only one can say or hear, nobody misses.
    pub(crate) fn tune_for(&mut self, widest: impl Iterator<Item = u32>) {
        let (best, second) = widest.fold((0, 0), |(best, second), rate| {
            if rate > best {
                (rate, best)
            } else {
                (best, second.max(rate))
            }
        });
        self.tune(if second == 0 { best.max(8_000) } else { second });
    }

    fn tune(&mut self, sample_rate: u32) {
        if self.sample_rate == sample_rate {
            return;
        }
        self.sample_rate = sample_rate;
        let frame = sample_rate as usize / 50;
        self.mixed.resize(frame, 0);
        self.total.resize(frame, 0);
        self.farewell.clear();
        self.farewell.resize(frame, 0);
        self.shared.clear();
        for seat in self.seats.values_mut() {
            seat.ear.retune(sample_rate);
            seat.frame.resize(frame, 0);
            seat.voice = None;
        }
    }

    /// Plays to everybody, in place of what was played before.
    pub(crate) fn play(&mut self, programme: Option<Programme>) {
        self.programme = programme.map(Reel::new);
    }

    /// Takes in a packet of a guest.
    pub(crate) fn hear(&mut self, guest: K, sequence: u16, content: Content, payload: &[u8], now: Tick) {
        if let Some(seat) = self.seats.get_mut(&guest) {
            seat.ear.hear(sequence, content, payload, now);
        }
    }

    /// Begins the next frame of 20 ms; answers who has become the speaker with it.
    pub(crate) fn begin_frame(&mut self, now: Tick) -> Option<K> {
        self.total.copy_from_slice(&self.farewell);
        self.farewell.fill(0);
        for seat in self.seats.values_mut() {
            seat.age = seat.age.saturating_add(1);
            seat.speaks = seat.listen(self.manner, now);
            if seat.speaks {
                seat.silent_for = 0;
                add(&mut self.total, &seat.frame);
            } else {
                seat.silent_for = seat.silent_for.saturating_add(1);
            }
        }
        if let Some(programme) = &mut self.programme {
            programme.fill(self.sample_rate, KeyForm::Tones, &mut self.mixed);
            add(&mut self.total, &self.mixed);
        }
        self.programme.take_if(|programme| programme.is_over());
        for shared in &mut self.shared {
            shared.bytes = None;
        }
        match self.manner {
            Manner::Conference => self.choose_speaker(),
            Manner::Pair => None,
        }
    }

    /// Writes this frame for a guest: the sum of all others. Answers the bytes written.
    pub(crate) fn speak_to(&mut self, guest: K, coding: Coding, payload: &mut [u8]) -> Option<usize> {
        let seat = self.seats.get_mut(&guest)?;
        if self.manner == Manner::Conference && seat.silent_for >= SHARES_AFTER && seat.age > 1 {
            seat.voice = None;
            return self.speak_to_all(coding, payload);
        }
        if !seat
            .voice
            .as_ref()
            .is_some_and(|voice| voice.speaks(coding, self.sample_rate))
        {
            seat.voice = Voice::new(coding, self.sample_rate);
        }
        let said = seat
            .frame
            .iter()
            .map(|own| if seat.speaks { i32::from(*own) } else { 0 });
        for ((mixed, total), own) in self.mixed.iter_mut().zip(&self.total).zip(said) {
            *mixed = limit(total - own);
        }
        if seat.age <= 1 && self.manner == Manner::Conference {
            ramp(&mut self.mixed, 0.0, 1.0);
        }
        seat.voice.as_mut()?.encode(&self.mixed, payload)
    }

    fn speak_to_all(&mut self, coding: Coding, payload: &mut [u8]) -> Option<usize> {
        let place = match self.shared.iter().position(|shared| shared.coding == coding) {
            Some(place) => place,
            None => {
                self.shared.push(Shared {
                    voice: Voice::new(coding, self.sample_rate)?,
                    coding,
                    payload: vec![0; MOST_BYTES],
                    bytes: None,
                });
                self.shared.len() - 1
            }
        };
        let shared = &mut self.shared[place];
        if shared.bytes.is_none() {
            for (mixed, total) in self.mixed.iter_mut().zip(&self.total) {
                *mixed = limit(*total);
            }
            shared.bytes = shared.voice.encode(&self.mixed, &mut shared.payload);
        }
        let bytes = shared.bytes?;
        payload.get_mut(..bytes)?.copy_from_slice(&shared.payload[..bytes]);
        Some(bytes)
    }

    fn choose_speaker(&mut self) -> Option<K> {
        let level = |seat: &Seat| if seat.speaks { seat.gate.level() } else { 0.0 };
        let loudest = self.seats.iter().max_by(|a, b| level(a.1).total_cmp(&level(b.1)))?;
        let loudest = (level(loudest.1) > 0.0).then_some(*loudest.0);
        self.rival = match (loudest, self.rival) {
            (None, _) => None,
            (Some(guest), _) if self.speaker == Some(guest) => None,
            (Some(guest), Some((rival, frames))) if rival == guest => Some((guest, frames + 1)),
            (Some(guest), Some(_) | None) => Some((guest, 1)),
        };
        let (speaker, _) = self.rival.take_if(|(_, frames)| *frames >= TAKES_OVER_AFTER)?;
        self.speaker = Some(speaker);
        Some(speaker)
    }
}

impl Seat {
    /// Takes the next frame of what is said; answers whether anything is to be heard.
    fn listen(&mut self, manner: Manner, now: Tick) -> bool {
        let heard = self.ear.listen(&mut self.frame, now);
        let wanted = match manner {
            Manner::Pair => self.part.factor(),
            Manner::Conference if heard && self.gate.hear(&self.frame) => self.part.factor(),
            Manner::Conference => 0.0,
        };
        if !heard {
            self.gate.pass();
            self.factor = 0.0;
            return false;
        }
        let before = std::mem::replace(&mut self.factor, wanted);
        if manner == Manner::Pair && before == 0.0 {
            // There is nobody beside it whom a sudden beginning could startle.
            ramp(&mut self.frame, wanted, wanted);
        } else {
            ramp(&mut self.frame, before, wanted);
        }
        before > 0.0 || wanted > 0.0
    }
}

fn add(total: &mut [i32], frame: &[i16]) {
    for (sum, sample) in total.iter_mut().zip(frame) {
        *sum += i32::from(*sample);
    }
}

/// Makes a frame go from one loudness to another.
fn ramp(frame: &mut [i16], from: f32, to: f32) {
    if from == 1.0 && to == 1.0 {
        return;
    }
    let step = (to - from) / frame.len() as f32;
    let mut factor = from;
    for sample in frame {
        *sample = (f32::from(*sample) * factor) as i16;
        factor += step;
    }
}

/// Up to three quarters of full scale a sum is what it is; what is above is bent so that it never reaches the end.
fn limit(sum: i32) -> i16 {
    const STRAIGHT: i32 = 24_576;
    const BENT: i64 = i16::MAX as i64 - STRAIGHT as i64;
    let above = i64::from(sum.abs() - STRAIGHT);
    if above <= 0 {
        return sum as i16;
    }
    let bent = STRAIGHT as i16 + (BENT * above / (above + BENT)) as i16;
    if sum < 0 { -bent } else { bent }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codec::{Decoder, Encoder},
        sound::{Tone, measure_dbm0, synthesise},
    };

    /// Guests that speak tones in A-law, frame by frame.
    struct Stage {
        room: Room<u32>,
        frame: u64,
    }

    impl Stage {
        fn new(guests: u32) -> Self {
            let mut room = Room::new(Manner::Conference);
            for guest in 0..guests {
                room.admit(guest, Part::default());
            }
            Stage { room, frame: 0 }
        }

        /// Lets these guests speak a frame; answers what `listener` hears, and who has become the speaker.
        fn frame(&mut self, tones: &[(u32, u16, i8)], listener: u32) -> (Vec<i16>, Option<u32>) {
            let now = Tick::from_micros(1_000_000 + self.frame * 20_000);
            for (guest, hz, level_dbm0) in tones {
                let (mut samples, mut payload) = ([0; 160], [0; 160]);
                let tone = Tone::Steady {
                    hz: *hz,
                    level_dbm0: *level_dbm0,
                };
                synthesise(tone, self.frame * 20, 8_000, &mut samples);
                let mut encoder = Encoder::at(Coding::Alaw, 8_000).expect("a codec of ours");
                encoder.encode(&samples, &mut payload);
                let content = Content::Sound(Some(Coding::Alaw));
                let sent = Tick::from_micros(1_000_000 + self.frame * 20_000 - 10_000);
                self.room.hear(*guest, self.frame as u16, content, &payload, sent);
            }
            self.frame += 1;
            let speaker = self.room.begin_frame(now);
            let (mut payload, mut heard) = ([0; 1_280], Vec::new());
            let bytes = self.room.speak_to(listener, Coding::Alaw, &mut payload);
            let mut decoder = Decoder::at(Coding::Alaw, 8_000).expect("a codec of ours");
            decoder.decode(&payload[..bytes.expect("a guest")], &mut heard);
            (heard, speaker)
        }

        fn frames(&mut self, count: u32, tones: &[(u32, u16, i8)], listener: u32) -> (Vec<i16>, Vec<u32>) {
            let (mut heard, mut speakers) = (Vec::new(), Vec::new());
            for _ in 0..count {
                let (frame, speaker) = self.frame(tones, listener);
                heard.extend(frame);
                speakers.extend(speaker);
            }
            (heard, speakers)
        }
    }

    #[test]
    fn a_shouting_crowd_is_bent_and_not_broken() {
        let mut stage = Stage::new(9);
        let shouting: Vec<_> = (1..9).map(|guest| (guest, 350 + 40 * guest as u16, 0)).collect();
        let (heard, _) = stage.frames(100, &shouting, 0);
        let steady = &heard[8_000..];
        // Eight at 0 dBm0 would be four times too loud; the loudest moments lose most.
        let level = measure_dbm0(steady, 8_000, 390);
        assert!((-12.0..-1.0).contains(&level), "{level}");
        assert_eq!(limit(i32::MAX / 2), limit(i32::MAX / 2 + 1));
        for sum in -200_000..200_000 {
            assert!(limit(sum) <= limit(sum + 1) && limit(sum) > -i16::MAX);
            assert!(sum.abs() > 24_576 || i32::from(limit(sum)) == sum);
        }
    }

    #[test]
    fn a_hum_is_left_out_and_who_speaks_up_is_the_speaker() {
        let mut stage = Stage::new(3);
        let (heard, speakers) = stage.frames(120, &[(1, 500, -54), (2, 900, -20)], 0);
        assert_eq!(speakers, [2]);
        assert!(measure_dbm0(&heard[8_000..], 8_000, 500) < -65.0);
        assert!((measure_dbm0(&heard[8_000..], 8_000, 900) + 20.0).abs() < 0.5);
        let (_, speakers) = stage.frames(120, &[(1, 500, -10), (2, 900, -20)], 0);
        assert_eq!(speakers, [1]);
        stage.room.dismiss(1, Tick::from_micros(9_000_000));
        let (_, speakers) = stage.frames(60, &[(2, 900, -20)], 0);
        assert_eq!(speakers, [2]);
    }

    #[test]
    fn nobody_comes_goes_or_is_muted_with_a_click() {
        let mut stage = Stage::new(2);
        let mut heard = stage.frames(40, &[(1, 400, -15)], 0).0;
        stage.room.admit(2, Part::default());
        heard.extend(stage.frames(40, &[(1, 400, -15), (2, 500, -15)], 0).0);
        let muted = Part {
            muted: true,
            gain_db: 0,
        };
        stage.room.admit(1, muted);
        heard.extend(stage.frames(40, &[(1, 400, -15), (2, 500, -15)], 0).0);
        stage.room.admit(1, Part::default());
        heard.extend(stage.frames(40, &[(1, 400, -15), (2, 500, -15)], 0).0);
        let now = Tick::from_micros(1_000_000 + stage.frame * 20_000);
        stage.room.dismiss(2, now);
        heard.extend(stage.frames(40, &[(1, 400, -15)], 0).0);
        let steepest = heard
            .windows(2)
            .map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs())
            .max();
        // Both tones together rise by 2 630 at most from sample to sample, and A-law has steps.
        assert!(steepest < Some(3_000), "{steepest:?}");
    }

    #[test]
    fn who_is_silent_shares_one_encoding() {
        let mut stage = Stage::new(50);
        stage.frames(60, &[(1, 500, -10)], 0);
        stage.room.begin_frame(Tick::from_micros(9_000_000));
        let mut payloads = (2..50).map(|guest| {
            let mut payload = [0; 1_280];
            stage.room.speak_to(guest, Coding::Ulaw, &mut payload);
            payload
        });
        let first = payloads.next();
        assert!(payloads.all(|payload| Some(payload) == first));
        drop(payloads);
        let own = stage.room.seats.values().filter(|seat| seat.voice.is_some());
        assert_eq!((own.count(), stage.room.shared.len()), (0, 2));
    }

    #[test]
    fn a_room_is_as_wide_as_two_can_use() {
        let mut room = Room::<u32>::new(Manner::Conference);
        for (widest, rate) in [
            (&[][..], 8_000),
            (&[48_000], 48_000),
            (&[8_000, 48_000], 8_000),
            (&[8_000, 16_000, 48_000], 16_000),
            (&[48_000, 48_000, 8_000], 48_000),
            (&[16_000, 8_000, 8_000], 8_000),
        ] {
            room.tune_for(widest.iter().copied());
            assert_eq!(room.sample_rate, rate);
        }
    }
}
