//! Call plans: what is to be done with a call, as data that can be shown, stored and compared.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{ExtensionId, ForwardingRuleId, HangupCause, Party, PhoneNumber, RingGroupId, RuleKey};

use super::{course::Course, trace::TraceStep};

/// What is to be done with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Plan {
    /// Ring somebody.
    Ring(Ring),
    /// The exchange itself answers.
    Treat(Treatment),
    /// The call goes nowhere.
    Reject(HangupCause),
}

/// Whom to ring, in which order, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Who rings.
    pub arms: Vec<Arm>,
    /// In which order.
    pub order: Order,
    /// Then the call counts as unanswered.
    pub timeout: Duration,
    /// Where the call stands: what follows when nobody answers depends on it.
    pub course: Course,
}

/// In which order arms ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// All at once.
    Together,
    /// One after the other.
    OneByOne {
        /// The next one rings after so long, or as soon as the one before falls out.
        every: Duration,
        /// Whether those before keep ringing.
        keep_ringing: bool,
    },
}

/// One contact to ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Who.
    pub target: Target,
    /// The extension for which it rings, where it does for one.
    pub extension: Option<ExtensionId>,
    /// Whether whoever answers has to accept the call by a key (S087, S112).
    pub screening: bool,
    /// It stops ringing after so long, where that is before the ring ends.
    pub timeout: Option<Duration>,
    /// What may ring instead when it falls out depends on it; nothing, where there is none.
    pub course: Option<Course>,
}

/// Whom an arm rings. Targets are extensions, not registrations: a device that registers meanwhile joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// All devices of an extension.
    Extension(ExtensionId),
    /// A number outside.
    Outside(Outside),
}

impl Target {
    /// Whether the same phones ring, whatever they are shown.
    pub fn is_same(&self, other: &Target) -> bool {
        match (self, other) {
            (Target::Extension(one), Target::Extension(other)) => one == other,
            (Target::Outside(one), Target::Outside(other)) => one.number == other.number,
            (Target::Extension(_), Target::Outside(_)) | (Target::Outside(_), Target::Extension(_)) => false,
        }
    }
}

/// A number outside, and as whom it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// What is called.
    pub number: OutsideNumber,
    /// What is shown there (A33).
    pub identity: Identity,
    /// The number that the call was for before it was sent on (RFC 5806).
    pub diverted_from: Option<PhoneNumber>,
}

/// A number that a carrier knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutsideNumber {
    /// A public number.
    Public(PhoneNumber),
    /// A short number of the country, for example `101` (A16).
    Short(SmolStr),
    /// An emergency number: nothing may stop it (A58).
    Emergency(SmolStr),
}

/// What the called side is shown of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The number shown; the caller withholds it where there is none.
    pub shown: Option<PhoneNumber>,
    /// The company's own number, which the networks see in any case.
    pub network: Option<PhoneNumber>,
}

/// What the exchange can do with a caller by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Treatment {
    /// The caller hears the own voice.
    Echo,
    /// The caller hears something, and the call ends.
    Say(Saying),
    /// Something is changed, the caller hears what, and the call ends.
    Change(Change),
    /// A PIN is asked for; if it is right, the change is made.
    Ask {
        /// Whose PIN.
        pin_of: ExtensionId,
        /// What it is asked for.
        then: Change,
    },
    /// The caller takes a call that rings elsewhere.
    PickUp(PickUp),
    /// The caller is parked, or fetches somebody who is.
    Park {
        /// The place; the first free one where there is none.
        place: Option<u8>,
    },
}

/// What the caller hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Saying {
    /// That no extension has the number, and what to dial for the public service (A16).
    DialInstead(SmolStr),
    /// Which forwarding rules are on (A04).
    RulesOn(Vec<RuleKey>),
    /// That there is no rule with that key.
    NoSuchRule,
    /// That a speed dial is one to four digits behind the code (A02).
    EnterSpeedDial,
    /// That nobody has that speed dial.
    NoSuchSpeedDial,
    /// How hot desking is dialled (A11).
    HotDeskHelp,
    /// That one is at one's own desk already (S212).
    OwnDesk,
    /// That there is no such extension.
    NoSuchExtension,
    /// That nothing rings that could be picked up.
    NobodyRings,
    /// That nobody is parked there.
    NobodyParked,
    /// That nobody sits at another desk.
    NoHotDesk,
    /// That no PIN has been set.
    NoPin,
}

/// What a star code changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A forwarding rule is switched.
    Rule {
        /// Of this extension.
        extension: ExtensionId,
        /// Which.
        rule: ForwardingRuleId,
        /// On or off.
        on: bool,
    },
    /// An extension wants no calls, or wants them again.
    DoNotDisturb {
        /// Which.
        extension: ExtensionId,
        /// On or off.
        on: bool,
    },
    /// Somebody's calls ring at another's phones from now on.
    HotDesk {
        /// Whose.
        guest: ExtensionId,
        /// Where.
        host: ExtensionId,
    },
    /// They ring at the own phones again.
    HotDeskEnd {
        /// Whose.
        guest: ExtensionId,
    },
}

/// Which ringing call is picked up (A08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickUp {
    /// The one that has rung longest at any extension of the company.
    Any,
    /// The one that has rung longest in one of these groups.
    InGroups(Vec<RingGroupId>),
    /// One that rings at this extension.
    At(ExtensionId),
}

/// The plan for a call, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub plan: Plan,
    /// Whom the caller is calling, where that is somebody.
    pub callee: Option<Party>,
    /// Each consideration in order, for people to read.
    pub trace: Vec<TraceStep>,
}

impl Decision {
    /// Whether somebody calls for help.
    pub fn is_emergency(&self) -> bool {
        let is_emergency = |arm: &Arm| match &arm.target {
            Target::Outside(outside) => matches!(outside.number, OutsideNumber::Emergency(_)),
            Target::Extension(_) => false,
        };
        matches!(&self.plan, Plan::Ring(ring) if ring.arms.iter().any(is_emergency))
    }
}
