//! What the exchange does with a caller by itself, in words that a company's admin understands.

use std::fmt;

use super::plan::{Change, PickUp, Saying, Treatment};

impl fmt::Display for Treatment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Treatment::Echo => f.write_str("The caller hears the own voice"),
            Treatment::Say(saying) => write!(f, "The caller hears {saying}, and the call ends"),
            Treatment::Change(change) => write!(f, "{}, and the caller hears so", sentence(change)),
            Treatment::Ask { then, .. } => write!(f, "A PIN is asked for; if it is right: {}", sentence(then)),
            Treatment::PickUp(PickUp::Any) => f.write_str("The caller takes the call that rings longest"),
            Treatment::PickUp(PickUp::InGroups(_)) => {
                f.write_str("The caller takes the call that rings longest in one of the caller's own groups")
            }
            Treatment::PickUp(PickUp::At(_)) => f.write_str("The caller takes the call that rings there"),
            Treatment::Park { place: Some(place) } => {
                write!(f, "The caller is parked at place {place}, or fetches who is there")
            }
            Treatment::Park { place: None } => f.write_str("The caller is parked at the first free place"),
        }
    }
}

impl fmt::Display for Saying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Saying::DialInstead(number) => write!(f, "that {number} is to be dialled instead"),
            Saying::RulesOn(rules) if rules.is_empty() => f.write_str("that no forwarding rule is on"),
            Saying::RulesOn(rules) => {
                f.write_str("which forwarding rules are on:")?;
                rules.iter().try_for_each(|key| write!(f, " {:02}", key.value()))
            }
            Saying::NoSuchRule => f.write_str("that there is no such forwarding rule"),
            Saying::EnterSpeedDial => f.write_str("that a speed dial has one to four digits"),
            Saying::NoSuchSpeedDial => f.write_str("that nobody has that speed dial"),
            Saying::HotDeskHelp => f.write_str("how hot desks are dialled"),
            Saying::OwnDesk => f.write_str("that this is the own desk already"),
            Saying::NoSuchExtension => f.write_str("that there is no such extension"),
            Saying::NoHotDesk => f.write_str("that nobody sits at another desk"),
            Saying::NobodyRings => f.write_str("that nothing rings that could be picked up"),
            Saying::NobodyParked => f.write_str("that nobody is parked there"),
            Saying::NoPin => f.write_str("that no PIN has been set"),
        }
    }
}

fn sentence(change: &Change) -> &'static str {
    match change {
        Change::Rule { on: true, .. } => "The forwarding rule is switched on",
        Change::Rule { on: false, .. } => "The forwarding rule is switched off",
        Change::DoNotDisturb { on: true, .. } => "Do not disturb is switched on",
        Change::DoNotDisturb { on: false, .. } => "Do not disturb is switched off",
        Change::HotDesk { .. } => "The calls of that extension ring here from then on",
        Change::HotDeskEnd { .. } => "The calls of that extension ring at its own phones again",
    }
}
