//! Why a call was decided as it was: one step for each consideration, in words that a company's admin understands.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{BlockedMatch, CallStatus, ExtensionNumber, FeatureCode, HangupCause, PhoneNumber, RuleKey};

use super::{attempt::NoNumber, course::Detour};

/// One consideration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceStep {
    /// An extension of the company calls.
    Caller { extension: ExtensionNumber, name: SmolStr },
    /// Somebody outside calls.
    Outsider { number: Result<PhoneNumber, NoNumber> },
    /// What was dialled.
    Dialled { text: SmolStr },
    /// What a call is sent to.
    Transferred { text: SmolStr },
    /// A star code was recognised.
    Feature { feature: FeatureCode },
    /// It is the speed dial of a contact.
    SpeedDial { name: SmolStr },
    /// The call is for a public number of the company.
    Number {
        number: PhoneNumber,
        identifier: Option<SmolStr>,
    },
    /// A public number of the company was dialled inside of it.
    OwnNumber { number: PhoneNumber },
    /// The caller is on the list of blocked callers.
    Blocked { by: BlockedMatch },
    /// A routing rule of the number was looked at.
    RoutingRule { interval: SmolStr, holds: bool },
    /// The number has no destination.
    NotSet,
    /// The call goes to an extension.
    Extension {
        number: ExtensionNumber,
        name: SmolStr,
        ring_timeout_s: u16,
    },
    /// Its user is at another desk.
    AtAnotherDesk { host: ExtensionNumber },
    /// Its user wants no calls.
    DoNotDisturb,
    /// A forwarding rule is followed.
    Rule { status: CallStatus, key: Option<RuleKey> },
    /// A forwarding rule is for calls from outside only.
    RuleForExternalCalls { key: Option<RuleKey> },
    /// A forwarding rule holds at other times.
    RuleAtOtherTimes { interval: SmolStr, key: Option<RuleKey> },
    /// The call goes to a ring group.
    RingGroup {
        number: ExtensionNumber,
        name: SmolStr,
        members: usize,
    },
    /// A member of the group is looked at.
    Member { number: ExtensionNumber, name: SmolStr },
    /// A member's own rule leaves it out of the group's call.
    LeftOut,
    /// No member can be rung.
    NobodyToRing,
    /// The group's failover is followed.
    Failover { cause: HangupCause },
    /// The call is not sent there.
    NoFurther { detour: Detour },
    /// Nobody in the company has that number.
    NobodyHas { text: SmolStr },
    /// A bare number of a public service, which has to be dialled with 44 (A16).
    NeedsPrefix { dial: SmolStr },
    /// A short number of the country.
    Short { number: SmolStr },
    /// An emergency number.
    Emergency { number: SmolStr },
    /// The call goes outside.
    Outside { shown: Option<PhoneNumber> },
    /// The call is sent to a number outside.
    ForwardedOutside {
        number: PhoneNumber,
        shown: Option<PhoneNumber>,
    },
    /// The caller's number is withheld.
    Withheld,
    /// The company has no number that it could show.
    NoCallerId,
    /// Numbers of other countries may not be called.
    NoInternational,
    /// The company may not call out at present.
    Suspended,
    /// Something that is not built yet.
    ComesLater { kind: SmolStr },
    /// The call is refused.
    Refused { cause: HangupCause },
}

impl fmt::Display for TraceStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceStep::Caller { extension, name } => write!(f, "Extension {extension} ({name}) calls"),
            TraceStep::Outsider { number: Ok(number) } => write!(f, "{number} calls from outside"),
            TraceStep::Outsider {
                number: Err(NoNumber::Withheld),
            } => f.write_str("Somebody outside calls and withholds the number"),
            TraceStep::Outsider {
                number: Err(NoNumber::Unavailable),
            } => f.write_str("Somebody outside calls, without a number"),
            TraceStep::Dialled { text } => write!(f, "Dialled: {text}"),
            TraceStep::Transferred { text } => write!(f, "Sent on to: {text}"),
            TraceStep::Feature { feature } => write!(f, "That is the star code to {}", purpose(*feature)),
            TraceStep::SpeedDial { name } => write!(f, "It is the speed dial of {name}"),
            TraceStep::Number {
                number,
                identifier: None,
            } => write!(f, "The call is for {number}"),
            TraceStep::Number {
                number,
                identifier: Some(name),
            } => write!(f, "The call is for {number} ({name})"),
            TraceStep::OwnNumber { number } => {
                write!(f, "{number} is a number of the company itself: the call stays inside")
            }
            TraceStep::Blocked { by } => write!(f, "The caller is blocked: {}", Blocked(by)),
            TraceStep::RoutingRule { interval, holds: true } => {
                write!(f, "It is “{interval}”: that routing rule holds")
            }
            TraceStep::RoutingRule { interval, holds: false } => write!(f, "It is not “{interval}” now"),
            TraceStep::NotSet => f.write_str("The number has no destination yet"),
            TraceStep::Extension {
                number,
                name,
                ring_timeout_s,
            } => {
                write!(f, "{number} is the extension “{name}”: it rings for {ring_timeout_s} s")
            }
            TraceStep::AtAnotherDesk { host } => write!(f, "Its user is at the desk of {host}: the phones there ring"),
            TraceStep::DoNotDisturb => f.write_str("It does not want to be disturbed"),
            TraceStep::Rule { status, key } => write!(f, "Its forwarding rule{} {}", Key(*key), when(*status)),
            TraceStep::RuleForExternalCalls { key } => {
                write!(f, "Its forwarding rule{} is for calls from outside only", Key(*key))
            }
            TraceStep::RuleAtOtherTimes { interval, key } => {
                write!(f, "Its forwarding rule{} waits for “{interval}”", Key(*key))
            }
            TraceStep::RingGroup { number, name, members } => {
                write!(f, "{number} is the ring group “{name}” with {members} members")
            }
            TraceStep::Member { number, name } => write!(f, "Member {number} ({name})"),
            TraceStep::LeftOut => f.write_str("That rule leaves it out of the group's call"),
            TraceStep::NobodyToRing => f.write_str("Nobody of the group can be rung"),
            TraceStep::Failover { cause } => write!(f, "{}: the group's failover takes the call", cause.words()),
            TraceStep::NoFurther { detour: Detour::Loop } => f.write_str("The call has been there already: not again"),
            TraceStep::NoFurther { detour: Detour::TooFar } => f.write_str("The call has been sent on too often"),
            TraceStep::NobodyHas { text } => write!(f, "Nobody in the company has the number {text}"),
            TraceStep::NeedsPrefix { dial } => {
                write!(f, "No extension has that number; for the public service dial {dial}")
            }
            TraceStep::Short { number } => write!(f, "{number} is a public service"),
            TraceStep::Emergency { number } => write!(f, "{number} is an emergency number"),
            TraceStep::Outside { shown: Some(shown) } => write!(f, "The call goes outside and shows {shown}"),
            TraceStep::Outside { shown: None } => f.write_str("The call goes outside and shows no number"),
            TraceStep::ForwardedOutside {
                number,
                shown: Some(shown),
            } => {
                write!(f, "{number} is called outside and shown {shown}")
            }
            TraceStep::ForwardedOutside { number, shown: None } => {
                write!(f, "{number} is called outside without showing a number")
            }
            TraceStep::Withheld => f.write_str("The number is withheld"),
            TraceStep::NoCallerId => f.write_str("The company has no number of its own to call from"),
            TraceStep::NoInternational => f.write_str("The company does not call other countries"),
            TraceStep::Suspended => f.write_str("The company's calls to the outside are suspended"),
            TraceStep::ComesLater { kind } => write!(f, "A {} cannot take calls yet", kind.replace('_', " ")),
            TraceStep::Refused { cause } => write!(f, "Refused: {}", cause.words()),
        }
    }
}

/// The key of a rule, in the middle of a sentence.
struct Key(Option<RuleKey>);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |key| write!(f, " {:02}", key.value()))
    }
}

struct Blocked<'a>(&'a BlockedMatch);

impl fmt::Display for Blocked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            BlockedMatch::Exact(number) => write!(f, "{number}"),
            BlockedMatch::Prefix(prefix) => write!(f, "numbers beginning with +{}", prefix.digits()),
            BlockedMatch::Withheld => f.write_str("callers who withhold their number"),
            BlockedMatch::Unavailable => f.write_str("callers without a number"),
        }
    }
}

fn when(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Any => "holds for every call",
        CallStatus::Busy => "takes the call, as it is busy",
        CallStatus::Unanswered => "takes the call, as nobody answers",
        CallStatus::Failure => "takes the call, as it cannot be reached",
    }
}

fn purpose(feature: FeatureCode) -> &'static str {
    match feature {
        FeatureCode::Mailbox => "hear a mailbox",
        FeatureCode::AnyMailbox => "hear any mailbox",
        FeatureCode::QueueLogIn => "log in to queues",
        FeatureCode::QueueToggle => "log in to queues or out of them",
        FeatureCode::QueueLogOut => "log out of queues",
        FeatureCode::PickUpAny => "pick up whoever rings longest",
        FeatureCode::PickUp => "pick up an extension",
        FeatureCode::HotDesk => "receive one's calls here",
        FeatureCode::HotDeskEnd => "receive them at one's own desk again",
        FeatureCode::SpeedDial => "dial a contact",
        FeatureCode::Withhold | FeatureCode::WithholdUk => "withhold the number",
        FeatureCode::Release => "show the number",
        FeatureCode::ForwardingRule => "switch a forwarding rule",
        FeatureCode::DoNotDisturb => "switch do not disturb",
        FeatureCode::Park => "park a call or fetch it",
        FeatureCode::Echo => "hear oneself",
    }
}
