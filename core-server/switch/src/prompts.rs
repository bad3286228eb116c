//! How what a call lets its legs hear sounds: tones, until there are voices.

use wigwag_media::{DtmfDigit, Programme, Times, Tone};
use wigwag_model::HangupCause;
use wigwag_pbx::{
    call::{NotChanged, Prompt},
    routing::{Change, Saying},
};

/// Long enough to be recognised.
const TONE_MS: u32 = 1500;
/// A short tone that asks for keys.
const BEEP_MS: u32 = 300;
const KEY_MS: u32 = 200;
const PAUSE_MS: u32 = 150;

/// The number of a programme after which the call ends: who has heard another one has not heard the last words.
pub(crate) const LAST_WORDS: u32 = 1;
/// The number of any other programme.
const ON_THE_WAY: u32 = 0;

/// The sound of `prompt`.
pub(crate) fn programme(prompt: &Prompt) -> Programme {
    match prompt {
        Prompt::Ringback => Programme::new(ON_THE_WAY).tone(Tone::Ringing),
        Prompt::HoldMusic => Programme::new(ON_THE_WAY).tone(Tone::Melody),
        Prompt::Say(saying) => say(saying),
        Prompt::ParkedAt(place) => keys(Programme::new(ON_THE_WAY), &place.to_string())
            .silence(PAUSE_MS)
            .tone(Tone::Melody),
        Prompt::NobodyAnswers(cause) => nobody_answers(*cause),
        Prompt::EnterPin => beeps(ON_THE_WAY, 2),
        Prompt::Screening => beeps(ON_THE_WAY, 2).silence(TONE_MS).repeated(Times::Forever),
        Prompt::WrongPin => refused(ON_THE_WAY)
            .silence(PAUSE_MS)
            .tone_for(Tone::Confirmation, BEEP_MS),
        Prompt::Changed(change) => changed(*change),
        Prompt::NotChanged(NotChanged::PinLocked | NotChanged::TooLate | NotChanged::Refused | NotChanged::Failed) => {
            refused(LAST_WORDS)
        }
    }
}

fn say(saying: &Saying) -> Programme {
    match saying {
        Saying::DialInstead(number) => keys(
            Programme::new(LAST_WORDS)
                .tone_for(Tone::NumberUnobtainable, TONE_MS)
                .silence(PAUSE_MS),
            number,
        ),
        Saying::RulesOn(rules) if rules.is_empty() => beeps(LAST_WORDS, 1),
        Saying::RulesOn(rules) => rules.iter().fold(beeps(LAST_WORDS, 1), |programme, rule| {
            keys(programme.silence(3 * PAUSE_MS), &format!("{:02}", rule.value()))
        }),
        Saying::NoSuchRule
        | Saying::EnterSpeedDial
        | Saying::NoSuchSpeedDial
        | Saying::HotDeskHelp
        | Saying::OwnDesk
        | Saying::NoSuchExtension
        | Saying::NoHotDesk
        | Saying::NobodyRings
        | Saying::NobodyParked
        | Saying::NoPin => refused(LAST_WORDS),
    }
}

/// The tone of the telephone network for why nobody answers, for three seconds (A22).
fn nobody_answers(cause: HangupCause) -> Programme {
    const HEARD_MS: u32 = 3000;
    let tone = match cause {
        HangupCause::Busy | HangupCause::Declined | HangupCause::NoAnswer => Tone::Busy,
        HangupCause::LimitReached | HangupCause::NetworkFailure => Tone::Congestion,
        HangupCause::NormalClearing
        | HangupCause::CallerGaveUp
        | HangupCause::AnsweredElsewhere
        | HangupCause::NoDevice
        | HangupCause::UnknownNumber
        | HangupCause::IncompleteNumber
        | HangupCause::NotAllowed
        | HangupCause::Blocked
        | HangupCause::NoCredit
        | HangupCause::NoCommonCodec
        | HangupCause::MediaLost
        | HangupCause::ServerRestarted
        | HangupCause::NotAvailable => Tone::NumberUnobtainable,
    };
    Programme::new(LAST_WORDS).tone_for(tone, HEARD_MS)
}

/// On is one long tone, off two short ones.
fn changed(change: Change) -> Programme {
    let on = match change {
        Change::Rule { on, .. } | Change::DoNotDisturb { on, .. } => on,
        Change::HotDesk { .. } => true,
        Change::HotDeskEnd { .. } => false,
    };
    if on {
        Programme::new(LAST_WORDS).tone_for(Tone::Confirmation, TONE_MS)
    } else {
        beeps(LAST_WORDS, 2)
    }
}

fn refused(number: u32) -> Programme {
    Programme::new(number).tone_for(Tone::Error, TONE_MS)
}

fn beeps(number: u32, count: usize) -> Programme {
    (0..count).fold(Programme::new(number), |programme, _| {
        programme.tone_for(Tone::Confirmation, BEEP_MS).silence(PAUSE_MS)
    })
}

/// Digits as the keys of a telephone sound.
fn keys(programme: Programme, digits: &str) -> Programme {
    let digits = digits.chars().filter_map(DtmfDigit::from_char);
    digits.fold(programme, |programme, digit| programme.key(digit, KEY_MS))
}
