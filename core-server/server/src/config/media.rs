//! `[media]`: ports and threads for sound.

use serde::{Deserialize, Serialize};

use super::ConfigProblem;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MediaSection {
    /// The UDP ports for sound, `first-last`; `any` leaves the choice to the system.
    pub(crate) ports: String,
    /// How many threads carry sound; 0 means one for each processor.
    pub(crate) threads: usize,
    /// The differentiated services code point of sound; 46 is expedited forwarding.
    pub(crate) dscp: u8,
}

impl MediaSection {
    /// First and last port, or nothing when the system shall choose.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn port_range(&self) -> Result<Option<(u16, u16)>, String> {
        if self.ports == "any" {
            return Ok(None);
        }
        let range = self
            .ports
            .split_once('-')
            .and_then(|(first, last)| Some((first.trim().parse::<u16>().ok()?, last.trim().parse::<u16>().ok()?)));
        match range {
            Some((first, last)) if first >= 1024 && last > first => Ok(Some((first, last))),
            Some(_) | None => Err("must be `any` or like `16384-32767`, from 1024 on, the lower port first".to_owned()),
        }
    }

    pub(super) fn check(&self, problems: &mut Vec<ConfigProblem>) {
        if let Err(problem) = self.port_range() {
            problems.push(ConfigProblem {
                key: "media.ports",
                problem,
            });
        }
        if self.dscp > 63 {
            problems.push(ConfigProblem {
                key: "media.dscp",
                problem: "must be from 0 to 63".to_owned(),
            });
        }
    }
}

impl Default for MediaSection {
    fn default() -> Self {
        MediaSection {
            ports: "16384-32767".to_owned(),
            threads: 0,
            dscp: 46,
        }
    }
}
