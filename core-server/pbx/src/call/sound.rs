//! What the media plane tells: silence, voices, figures.

use std::time::Duration;

use wigwag_model::{CallEvent, HangupCause, LegId};
use wigwag_sansio::Now;
use wigwag_sip::{session::Command, wire::Method};

use super::{Call, Leg, Note, Observed, Phase, Progress, Sound};

/// A call in which nobody has been heard for so long is over, unless somebody holds.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

impl Call {
    pub(super) fn observed(&mut self, id: LegId, observed: Observed, now: Now) {
        match observed {
            Observed::Silent(length) => self.silent(id, length, now),
            Observed::Heard => self.heard_again(id),
            Observed::Pressed(key) => self.pressed(id, key, now),
            Observed::Played => {
                self.has_heard(now);
                self.consult_is_back(now);
            }
            Observed::Measured(media) => {
                if let Some(leg) = self.legs.get_mut(&id)
                    && leg.sound == Sound::Closing
                {
                    leg.sound = Sound::Measured;
                    self.journal(CallEvent::LegMeasured { leg: id, media }, now);
                }
            }
        }
    }

    /// A silent phone may be gone: it is asked for a sign of life, and its session ends when none comes.
    fn silent(&mut self, id: LegId, length: Duration, now: Now) {
        let Phase::Talking(_) = self.phase else { return };
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.progress == Progress::Answered) else {
            return;
        };
        let first = std::mem::replace(&mut leg.silent, length).is_zero();
        if first {
            self.note(Note::Silent {
                leg: id,
                seconds: length.as_secs(),
            });
            let probe = Command::Send {
                tag: 0,
                method: Method::Options,
                headers: Vec::new(),
                content: None,
            };
            self.command(id, probe, now);
        }
        let talking = |leg: &&Leg| leg.is_live();
        let lost = self
            .legs
            .values()
            .filter(talking)
            .all(|leg| leg.silent >= LONGEST_SILENCE);
        let held = self.legs.values().filter(talking).any(|leg| leg.holds);
        if lost && !held {
            self.end(HangupCause::MediaLost, now);
        }
    }

    fn heard_again(&mut self, id: LegId) {
        if let Some(leg) = self.legs.get_mut(&id)
            && !std::mem::take(&mut leg.silent).is_zero()
        {
            self.note(Note::Heard { leg: id });
        }
    }
}
