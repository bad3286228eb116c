//! A company's call handling, indexed for decisions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use wigwag_model::{
    BlockedMatch, CallHandling, CompanySettings, Destination, ExtensionId, ExtensionNumber, FeatureCodes,
    ForwardingRule, IncomingNumber, Interval, IntervalId, NumberId, PhoneNumber, Pin, RingGroup, RingGroupId,
    SpeedDial,
};

/// Everything that decides where a company's calls go, beside its extensions.
#[derive(Debug)]
pub struct Handling {
    settings: CompanySettings,
    clock: TimeZone,
    numbers: BTreeMap<NumberId, IncomingNumber>,
    own_numbers: BTreeMap<PhoneNumber, NumberId>,
    approved: BTreeSet<PhoneNumber>,
    groups: BTreeMap<RingGroupId, RingGroup>,
    intervals: BTreeMap<IntervalId, Interval>,
    rules: BTreeMap<ExtensionId, Vec<ForwardingRule>>,
    blocked: Blocked,
    hosts: BTreeMap<ExtensionId, ExtensionId>,
    codes: FeatureCodes,
    speed_dials: BTreeMap<u16, SpeedDial>,
    pins: BTreeMap<ExtensionId, Pin>,
    internal: BTreeMap<ExtensionNumber, Destination>,
}

/// The list of blocked callers, such that a caller is looked up in it without going through it.
#[derive(Debug, Default)]
struct Blocked {
    exact: BTreeSet<PhoneNumber>,
    prefixes: BTreeSet<String>,
    withheld: bool,
    unavailable: bool,
}

impl Handling {
    /// Indexes `handling`. A time zone that nobody knows counts as the United Kingdom's.
    pub fn new(handling: CallHandling) -> Self {
        let CallHandling {
            settings,
            numbers,
            approved_caller_ids,
            ring_groups,
            intervals,
            forwarding_rules,
            blocked_callers,
            hot_desks,
            feature_codes,
            speed_dials,
            pins,
        } = handling;
        let mut rules: BTreeMap<ExtensionId, Vec<ForwardingRule>> = BTreeMap::new();
        for (extension, rule) in forwarding_rules {
            rules.entry(extension).or_default().push(rule);
        }
        let mut blocked = Blocked::default();
        for caller in blocked_callers {
            blocked.add(caller.matches);
        }
        Handling {
            clock: TimeZone::get(&settings.time_zone)
                .or_else(|_| TimeZone::get("Europe/London"))
                .unwrap_or(TimeZone::UTC),
            settings,
            own_numbers: numbers
                .iter()
                .map(|number| (number.number.clone(), number.id))
                .collect(),
            numbers: numbers.into_iter().map(|number| (number.id, number)).collect(),
            approved: approved_caller_ids.into_iter().collect(),
            internal: ring_groups
                .iter()
                .map(|group| (group.settings.number.clone(), Destination::RingGroup(group.id)))
                .collect(),
            groups: ring_groups.into_iter().map(|group| (group.id, group)).collect(),
            intervals: intervals.into_iter().map(|interval| (interval.id, interval)).collect(),
            rules,
            blocked,
            hosts: hot_desks.into_iter().map(|desk| (desk.guest, desk.host)).collect(),
            codes: feature_codes,
            speed_dials: speed_dials.into_iter().map(|dial| (dial.key, dial)).collect(),
            pins: pins.into_iter().collect(),
        }
    }

    /// What holds for the whole company.
    pub fn settings(&self) -> &CompanySettings {
        &self.settings
    }

    /// The company's clock.
    pub fn clock(&self) -> &TimeZone {
        &self.clock
    }

    /// A public number of the company.
    pub fn number(&self, id: NumberId) -> Option<&IncomingNumber> {
        self.numbers.get(&id)
    }

    /// The public number `number`, where it is one of the company's own.
    pub fn own_number(&self, number: &PhoneNumber) -> Option<&IncomingNumber> {
        self.numbers.get(self.own_numbers.get(number)?)
    }

    /// All public numbers, in their order.
    pub fn numbers(&self) -> impl Iterator<Item = &IncomingNumber> {
        self.own_numbers.values().filter_map(|id| self.numbers.get(id))
    }

    /// Whether calls of the company may show `number` (S059, A33).
    pub fn may_show(&self, number: &PhoneNumber) -> bool {
        self.approved.contains(number) || self.own_number(number).is_some_and(|own| own.capabilities.calls)
    }

    /// A ring group.
    pub fn ring_group(&self, id: RingGroupId) -> Option<&RingGroup> {
        self.groups.get(&id)
    }

    /// All ring groups.
    pub fn ring_groups(&self) -> impl Iterator<Item = &RingGroup> {
        self.groups.values()
    }

    /// What has an internal number, other than an extension.
    pub fn internal(&self, number: &ExtensionNumber) -> Option<Destination> {
        self.internal.get(number).copied()
    }

    /// A time interval.
    pub fn interval(&self, id: IntervalId) -> Option<&Interval> {
        self.intervals.get(&id)
    }

    /// All time intervals.
    pub fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.intervals.values()
    }

    /// The forwarding rules of an extension, in their order.
    pub fn rules(&self, extension: ExtensionId) -> &[ForwardingRule] {
        self.rules.get(&extension).map_or(&[], Vec::as_slice)
    }

    /// Where an extension's calls ring instead: at another's phones (S211).
    pub fn host(&self, guest: ExtensionId) -> Option<ExtensionId> {
        self.hosts.get(&guest).copied()
    }

    /// Whose calls ring at the phones of `host`, too.
    pub fn guests(&self, host: ExtensionId) -> impl Iterator<Item = ExtensionId> {
        self.hosts
            .iter()
            .filter(move |(_, at)| **at == host)
            .map(|(guest, _)| *guest)
    }

    /// The star codes.
    pub fn codes(&self) -> &FeatureCodes {
        &self.codes
    }

    /// The contact behind `*0` and `key`.
    pub fn speed_dial(&self, key: u16) -> Option<&SpeedDial> {
        self.speed_dials.get(&key)
    }

    /// The PIN of an extension.
    pub fn pin(&self, extension: ExtensionId) -> Option<&Pin> {
        self.pins.get(&extension)
    }

    /// The rule of the list of blocked callers that a call from `number` falls under (S205–S208, A66).
    pub fn blocks(&self, number: &PhoneNumber) -> Option<BlockedMatch> {
        self.blocked.number(number)
    }

    /// Whether callers who withhold their number are blocked.
    pub fn blocks_withheld(&self) -> bool {
        self.blocked.withheld
    }

    /// Whether callers without a number are blocked.
    pub fn blocks_unavailable(&self) -> bool {
        self.blocked.unavailable
    }
}

impl Blocked {
    fn add(&mut self, matches: BlockedMatch) {
        match matches {
            BlockedMatch::Exact(number) => {
                self.exact.insert(number);
            }
            BlockedMatch::Prefix(prefix) => {
                self.prefixes.insert(prefix.digits().to_owned());
            }
            BlockedMatch::Withheld => self.withheld = true,
            BlockedMatch::Unavailable => self.unavailable = true,
        }
    }

    fn number(&self, number: &PhoneNumber) -> Option<BlockedMatch> {
        if self.exact.contains(number) {
            return Some(BlockedMatch::Exact(number.clone()));
        }
        let digits = number.digits();
        let prefix = (1..=digits.len())
            .map(|count| &digits[..count])
            .find(|prefix| self.prefixes.contains(*prefix))?;
        format!("+{prefix}").parse().ok().map(BlockedMatch::Prefix)
    }
}
