//! What happens when a number is called: the table of the crate's documentation, as data. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_media::{DtmfDigit, Programme, Tone};
use wigwag_sip::wire::StatusCode;

use crate::number::{digits, is_short, tail, tone_hz};

/// The tone of announcements before an answer, in hertz: below those of all numbers.
pub const ANNOUNCEMENT_HZ: u16 = 440;
/// The beep after which a mailbox records, in hertz.
pub const BEEP_HZ: u16 = 470;

/// One ring: what a phone of the other side shows before somebody picks up.
const ONE_RING: Duration = Duration::from_secs(1);
const MAILBOX_ANSWERS_AFTER: Duration = Duration::from_secs(5);
const ANNOUNCEMENT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_secs(1);
/// For how many seconds an exchange is asked to stay away with a 503.
const RETRY_AFTER_SECS: u32 = 30;
const LEVEL_DBM0: i8 = -10;
const BEEP_MS: u32 = 1000;

/// What comes of a call to a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// The INVITE is not answered at all, as when it was lost.
    Silent,
    /// The INVITE is answered.
    Acts(Manner, Vec<Step>),
}

/// How the side that is called keeps to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// To all of them.
    Plain,
    /// It wants its provisional answers confirmed (RFC 3262).
    Reliable,
    /// It describes itself in a 183 alone: its 200 has no description, against RFC 3261 §13.2.1.
    BareAnswer,
}

/// One thing that a side of a call does; the next follows at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Lets time pass.
    Wait(Duration),
    /// Waits until the other side has answered.
    AwaitAnswer,
    /// 180.
    Ring,
    /// 183 with a description, and sound before the answer.
    Announce(Sound),
    /// 200.
    Answer(Sound),
    /// A final refusal.
    Refuse {
        status: StatusCode,
        retry_after_secs: Option<u32>,
    },
    /// Says something else from now on.
    Say(Sound),
    /// Presses a key.
    Press(DtmfDigit),
    /// Puts the other side on hold.
    Hold,
    /// Takes the other side back, or says again what was agreed.
    Propose,
    /// Asks the other side for an offer, by a re-INVITE without one.
    AskForOffer,
    /// Ends the call.
    HangUp,
}

/// What a side of a call says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// A steady tone of so many hertz.
    Tone(u16),
    /// A beep, and then nothing.
    Beep,
    /// Nothing.
    Silence,
    /// What it hears.
    Echo,
}

impl Sound {
    /// What is played for it, unless it is what the other side says.
    pub(crate) fn programme(self) -> Option<Programme> {
        let tone = |hz| Tone::Steady {
            hz,
            level_dbm0: LEVEL_DBM0,
        };
        match self {
            Sound::Tone(hz) => Some(tone(hz).into()),
            Sound::Beep => Some(Programme::new(0).tone_for(tone(BEEP_HZ), BEEP_MS).tone(Tone::Silence)),
            Sound::Silence => Some(Tone::Silence.into()),
            Sound::Echo => None,
        }
    }
}

/// What happens to a call to `called`, however it is written.
pub(crate) fn of(called: &str) -> Behaviour {
    let digits = digits(called);
    let own = Sound::Tone(tone_hz(&digits));
    if digits.is_empty() {
        return refused(StatusCode::NOT_FOUND);
    }
    if is_short(&digits) {
        return after_a_ring([Step::Answer(own)]);
    }
    let last = u64::from(tail(&digits, 1));
    match tail(&digits, 2) {
        50 => plain([Step::Answer(own)]),
        51..=59 => plain([Step::Ring, Step::Wait(Duration::from_secs(last)), Step::Answer(own)]),
        60 => plain([Step::Ring]),
        61 => refused(StatusCode::BUSY_HERE),
        62 => refused(StatusCode::DECLINE),
        63 => refused(StatusCode::NOT_FOUND),
        64 => refused(StatusCode::TEMPORARILY_UNAVAILABLE),
        65 => refused(StatusCode::SERVER_INTERNAL_ERROR),
        66 => plain([Step::Refuse {
            status: StatusCode::SERVICE_UNAVAILABLE,
            retry_after_secs: Some(RETRY_AFTER_SECS),
        }]),
        67 => Behaviour::Silent,
        68 => plain([]),
        69 => refused(StatusCode::FORBIDDEN),
        70 => plain([announcement(), Step::Wait(ANNOUNCEMENT), Step::Answer(own)]),
        71 => plain([announcement(), Step::Wait(ANNOUNCEMENT), refusal(StatusCode::NOT_FOUND)]),
        72 => Behaviour::Acts(
            Manner::Reliable,
            vec![Step::Ring, Step::Wait(ONE_RING), Step::Answer(own)],
        ),
        73 => Behaviour::Acts(
            Manner::Reliable,
            vec![announcement(), Step::Wait(ANNOUNCEMENT), Step::Answer(own)],
        ),
        74 => Behaviour::Acts(
            Manner::BareAnswer,
            vec![announcement(), Step::Wait(ONE_RING), Step::Answer(own)],
        ),
        75 => after_a_ring([Step::Answer(own), Step::Wait(PAUSE), Step::Propose]),
        76 => after_a_ring([Step::Answer(own), Step::Wait(PAUSE), Step::AskForOffer]),
        77 => after_a_ring([
            Step::Answer(own),
            Step::Wait(PAUSE),
            Step::Hold,
            Step::Wait(2 * PAUSE),
            Step::Propose,
        ]),
        78 => after_a_ring([Step::Answer(own), Step::Wait(PAUSE), Step::Hold]),
        80 => hanging_up(own, 10),
        81..=89 => hanging_up(own, last),
        90 => plain([Step::Ring, Step::Wait(MAILBOX_ANSWERS_AFTER), Step::Answer(Sound::Beep)]),
        91 => pressing('1', own),
        92 => after_a_ring([Step::Answer(Sound::Echo)]),
        93 => pressing('2', own),
        _ => after_a_ring([Step::Answer(own)]),
    }
}

fn plain(steps: impl Into<Vec<Step>>) -> Behaviour {
    Behaviour::Acts(Manner::Plain, steps.into())
}

fn after_a_ring(steps: impl IntoIterator<Item = Step>) -> Behaviour {
    let ring = [Step::Ring, Step::Wait(ONE_RING)];
    plain(ring.into_iter().chain(steps).collect::<Vec<_>>())
}

fn refused(status: StatusCode) -> Behaviour {
    plain([refusal(status)])
}

fn refusal(status: StatusCode) -> Step {
    Step::Refuse {
        status,
        retry_after_secs: None,
    }
}

fn announcement() -> Step {
    Step::Announce(Sound::Tone(ANNOUNCEMENT_HZ))
}

fn hanging_up(own: Sound, seconds: u64) -> Behaviour {
    plain([
        Step::Answer(own),
        Step::Wait(Duration::from_secs(seconds)),
        Step::HangUp,
    ])
}

fn pressing(key: char, own: Sound) -> Behaviour {
    let key = DtmfDigit::from_char(key).expect("it is on every phone");
    after_a_ring([
        Step::Answer(Sound::Silence),
        Step::Wait(PAUSE),
        Step::Press(key),
        Step::Wait(PAUSE),
        Step::Say(own),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(number: &str) -> Vec<Step> {
        match of(number) {
            Behaviour::Acts(_, steps) => steps,
            Behaviour::Silent => panic!("{number} is silent"),
        }
    }

    #[test]
    fn ordinary_people_answer_after_one_ring_with_their_own_tone() {
        for number in ["01632960100", "+447700900149", "01632960195", "020 7946 0000"] {
            let expected = [
                Step::Ring,
                Step::Wait(ONE_RING),
                Step::Answer(Sound::Tone(tone_hz(number))),
            ];
            assert_eq!(steps(number), expected, "{number}");
        }
    }

    #[test]
    fn refusals_are_those_of_the_table() {
        let table = [
            (61, 486, None),
            (62, 603, None),
            (63, 404, None),
            (64, 480, None),
            (65, 500, None),
            (66, 503, Some(30)),
            (69, 403, None),
        ];
        for (last, code, retry_after_secs) in table {
            let status = StatusCode::new(code).expect("a status");
            let refuse = Step::Refuse {
                status,
                retry_after_secs,
            };
            assert_eq!(steps(&format!("+4416329601{last}")), [refuse]);
        }
        assert_eq!(of("01632960967"), Behaviour::Silent);
        assert_eq!(steps("01632960968"), []);
        assert_eq!(steps("nobody"), [refusal(StatusCode::NOT_FOUND)]);
    }

    #[test]
    fn the_last_digit_says_how_long() {
        let own = |number| Sound::Tone(tone_hz(number));
        let waits = [
            Step::Ring,
            Step::Wait(Duration::from_secs(4)),
            Step::Answer(own("01632960154")),
        ];
        assert_eq!(steps("01632960154"), waits);
        for (number, seconds) in [("07700900183", 3), ("07700900180", 10)] {
            let talks = [
                Step::Answer(own(number)),
                Step::Wait(Duration::from_secs(seconds)),
                Step::HangUp,
            ];
            assert_eq!(steps(number), talks);
        }
    }

    #[test]
    fn short_numbers_are_answered_by_an_operator_whatever_they_end_with() {
        for number in ["999", "112", "18000", "101", "111", "118067", "161"] {
            let answer = Step::Answer(Sound::Tone(tone_hz(number)));
            assert_eq!(steps(number), [Step::Ring, Step::Wait(ONE_RING), answer], "{number}");
        }
    }

    #[test]
    fn a_mailbox_presses_no_key_and_a_person_who_accepts_presses_one() {
        let presses = |number| steps(number).into_iter().find(|step| matches!(step, Step::Press(_)));
        assert_eq!(presses("07700900190"), None);
        assert_eq!(presses("07700900191"), DtmfDigit::from_char('1').map(Step::Press));
    }

    #[test]
    fn nothing_follows_a_refusal_or_a_hang_up() {
        for last in 0..100 {
            let Behaviour::Acts(_, steps) = of(&format!("016329601{last:02}")) else {
                continue;
            };
            let ends = |step: &Step| matches!(step, Step::Refuse { .. } | Step::HangUp);
            let end = steps.iter().position(ends);
            assert!(end.is_none_or(|end| end == steps.len() - 1), "{last}: {steps:?}");
        }
    }

    /// The rows of a table as (first cell, words of the others), which are the same however it is drawn.
    fn rows(text: &str) -> Vec<String> {
        let table = text.lines().map(|line| line.trim_start_matches("//!").trim());
        let table = table.skip_while(|line| !line.starts_with("| ends with"));
        let rows = table.take_while(|line| line.starts_with('|')).skip(2);
        let plain = |row: &str| {
            let row = row.replace("[`ANNOUNCEMENT_HZ`]", &format!("{ANNOUNCEMENT_HZ} Hz"));
            let row = row.replace("[`BEEP_HZ`]", &format!("{BEEP_HZ} Hz"));
            row.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        rows.map(plain).collect()
    }

    #[test]
    fn operators_read_the_table_of_the_documentation() {
        let table = rows(include_str!("lib.rs"));
        assert!(table.len() > 20);
        assert_eq!(rows(include_str!("../../../docs/operations.md")), table);
    }
}
