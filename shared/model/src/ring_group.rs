//! Ring groups: several extensions that are rung together or one after the other (S117–S125, A19).

use serde::{Deserialize, Serialize};

use crate::{Destination, DraftProblem, ExtensionId, ExtensionNumber, Problem, Revision, RingGroupId, limits};

/// A ring group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RingGroup {
    /// Its identity.
    pub id: RingGroupId,
    /// Rises with every change.
    pub revision: Revision,
    /// What a person says of it.
    #[serde(flatten)]
    pub settings: RingGroupSettings,
}

/// What a person says of a ring group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RingGroupSettings {
    /// What colleagues dial.
    pub number: ExtensionNumber,
    /// Its name.
    pub name: String,
    /// How its members ring.
    pub strategy: RingStrategy,
    /// Who rings, in this order.
    pub members: Vec<ExtensionId>,
    /// Where the call goes when nobody answers, all are busy, or none can be reached (S121).
    #[serde(default)]
    pub failover: Option<Destination>,
}

/// How the members of a ring group ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RingStrategy {
    /// All at once (S118).
    RingAll {
        /// For how long, in seconds (S120).
        timeout_s: u16,
    },
    /// One after the other (S119).
    Cascade {
        /// How long each rings before the next does, in seconds (S122).
        delay_s: u16,
        /// Whether those before keep ringing.
        #[serde(default)]
        keep_ringing: bool,
    },
}

impl RingGroupSettings {
    /// Finds everything that is wrong; empty when it can be stored. Who the members are is the store's business.
    pub fn problems(&self) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        problems.extend(Problem::of_name(&self.name).map(|problem| DraftProblem::new("name", problem)));
        let (seconds, allowed) = match self.strategy {
            RingStrategy::RingAll { timeout_s } => (timeout_s, limits::RING_TIMEOUTS_S),
            RingStrategy::Cascade { delay_s, .. } => (delay_s, limits::CASCADE_DELAYS_S),
        };
        if !allowed.contains(&seconds) {
            let (least, most) = (u32::from(*allowed.start()), u32::from(*allowed.end()));
            problems.push(DraftProblem::new("strategy", Problem::OutOfRange { least, most }));
        }
        if self.members.len() > limits::MEMBERS_PER_GROUP {
            let most = limits::MEMBERS_PER_GROUP as u32;
            problems.push(DraftProblem::new("members", Problem::TooMany { most }));
        }
        let mut sorted = self.members.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            problems.push(DraftProblem::new("members", Problem::Twice));
        }
        problems
    }
}
