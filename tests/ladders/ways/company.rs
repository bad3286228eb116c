//! A random company: extensions, virtual ones, groups, rules of all kinds, intervals, hot desks and blocked callers.

use wigwag_model::{
    AnnouncementId, BlockedCaller, BlockedCallerId, BlockedMatch, CallHandling, CallStatus, Destination, Extension,
    ExtensionDraft, ExtensionId, ExtensionKind, ForwardTo, ForwardingAction, ForwardingRule, ForwardingRuleId,
    ForwardingRuleSettings, HotDesk, IncomingNumber, IncomingNumberSettings, Interval, IntervalId, IntervalSettings,
    NumberCapabilities, NumberId, PhoneNumber, Region, Revision, RingGroup, RingGroupId, RingGroupSettings,
    RingStrategy, RoutingRule, Tenant, TenantConfiguration, TenantId, Weekday, WeeklyRange, When, YearlyRange,
};
use wigwag_pbx::{
    TenantSnapshot,
    routing::{Attempt, Called, Caller, NoNumber, Outsider},
};
use wigwag_sansio::{Entropy, Utc};

const CREATED: Utc = Utc::from_millis(1_735_000_000_000);
const DAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
const STATUSES: [CallStatus; 4] = [
    CallStatus::Any,
    CallStatus::Busy,
    CallStatus::Unanswered,
    CallStatus::Failure,
];

/// A random company.
pub(super) struct Company {
    tenant: Tenant,
    extensions: Vec<Extension>,
    handling: CallHandling,
}

impl Company {
    pub(super) fn random(entropy: &mut Entropy) -> Self {
        let tenant = Tenant {
            id: TenantId::new(CREATED, entropy),
            name: "Acme".into(),
            concurrent_calls: 10,
            created_at: CREATED,
        };
        let mut company = Company {
            tenant,
            extensions: Vec::new(),
            handling: CallHandling::default(),
        };
        (0..6).for_each(|index| company.add_extension(index, entropy));
        (0..3).for_each(|index| company.add_interval(index, entropy));
        // First all groups, so that they can lead to each other.
        let groups: Vec<RingGroupId> = (0..3).map(|_| RingGroupId::new(CREATED, entropy)).collect();
        for (index, id) in groups.iter().enumerate() {
            company.add_group(index, *id, &groups, entropy);
        }
        for extension in 0..company.extensions.len() {
            (0..entropy.below(4)).for_each(|_| company.add_rule(extension, &groups, entropy));
        }
        (0..2).for_each(|index| company.add_number(index, &groups, entropy));
        company.add_blocked(entropy);
        company.add_hot_desk(entropy);
        company.handling.settings.suspended = entropy.below(12) == 0;
        company
    }

    pub(super) fn snapshot(&self) -> TenantSnapshot {
        let configuration = TenantConfiguration {
            version: 1,
            tenant: self.tenant.clone(),
            extensions: self.extensions.clone(),
            devices: Vec::new(),
            call_handling: self.handling.clone(),
        };
        TenantSnapshot::new(configuration, "pbx.example")
    }

    /// Somebody dials something, or calls from outside.
    pub(super) fn attempt(&self, entropy: &mut Entropy) -> Attempt {
        if entropy.below(3) == 0 {
            let number = match entropy.below(6) {
                0 => Err(NoNumber::Withheld),
                1 => Err(NoNumber::Unavailable),
                _ => Ok(outsider(entropy)),
            };
            return Attempt {
                caller: Caller::Outside(Outsider { number, name: None }),
                called: Called::Number(pick(&self.handling.numbers, entropy).id),
            };
        }
        let caller = pick(&self.extensions, entropy).id;
        let dialled = match entropy.below(12) {
            0 => "*74".to_owned(),
            1 => "07700900999".to_owned(),
            2 => self.handling.numbers[0].number.to_string(),
            3..=6 => format!("20{}", entropy.below(3)),
            7 => "999".to_owned(),
            8 => "150".to_owned(),
            _ => format!("10{}", entropy.below(6)),
        };
        Attempt::dialled(caller, dialled)
    }

    fn add_extension(&mut self, index: u32, entropy: &mut Entropy) {
        let number = format!("10{index}");
        let mut draft = ExtensionDraft::new(number.parse().unwrap(), format!("Person {index}"));
        draft.ring_timeout_s = u16::try_from(5 + entropy.below(40)).unwrap();
        draft.do_not_disturb = entropy.below(6) == 0;
        if index > 3 {
            draft.kind = ExtensionKind::Virtual {
                forward_to: outsider(entropy),
                screening: entropy.below(2) == 0,
            };
        }
        let id = ExtensionId::new(CREATED, entropy);
        let username = format!("{number}000").parse().unwrap();
        self.extensions
            .push(Extension::new(id, self.tenant.id, username, draft, CREATED));
    }

    fn add_interval(&mut self, index: u32, entropy: &mut Entropy) {
        let hour = |entropy: &mut Entropy| format!("{:02}:00", entropy.below(24)).parse().unwrap();
        let day = |entropy: &mut Entropy| format!("{:02}-{:02}", 1 + entropy.below(12), 1 + entropy.below(28));
        let when = match entropy.below(5) {
            0 => When::BankHolidays(Region::EnglandAndWales),
            1 => When::Yearly(vec![YearlyRange {
                from: day(entropy).parse().unwrap(),
                to: day(entropy).parse().unwrap(),
            }]),
            _ => When::Weekly(vec![WeeklyRange {
                days: DAYS.into_iter().filter(|_| entropy.below(3) > 0).collect(),
                from: hour(entropy),
                to: hour(entropy),
            }]),
        };
        self.handling.intervals.push(Interval {
            id: IntervalId::new(CREATED, entropy),
            revision: Revision(0),
            settings: IntervalSettings {
                name: format!("Interval {index}"),
                description: None,
                when,
            },
        });
    }

    fn add_group(&mut self, index: usize, id: RingGroupId, groups: &[RingGroupId], entropy: &mut Entropy) {
        let seconds = u16::try_from(5 + entropy.below(25)).unwrap();
        let strategy = match entropy.below(3) {
            0 => RingStrategy::RingAll { timeout_s: seconds },
            1 => RingStrategy::Cascade {
                delay_s: seconds,
                keep_ringing: true,
            },
            _ => RingStrategy::Cascade {
                delay_s: seconds,
                keep_ringing: false,
            },
        };
        let mut members: Vec<ExtensionId> = self.extensions.iter().map(|extension| extension.id).collect();
        members.retain(|_| entropy.below(2) == 0);
        let failover = (entropy.below(3) > 0).then(|| self.destination(groups, entropy));
        self.handling.ring_groups.push(RingGroup {
            id,
            revision: Revision(0),
            settings: RingGroupSettings {
                number: format!("20{index}").parse().unwrap(),
                name: format!("Group {index}"),
                strategy,
                members,
                failover,
            },
        });
    }

    fn add_rule(&mut self, extension: usize, groups: &[RingGroupId], entropy: &mut Entropy) {
        let action = match entropy.below(12) {
            0 => ForwardingAction::Busy,
            1 => ForwardingAction::Voicemail,
            2 => ForwardingAction::Announcement(AnnouncementId::new(CREATED, entropy)),
            3..=5 => ForwardingAction::Forward(ForwardTo::Number(outsider(entropy))),
            _ => ForwardingAction::Forward(ForwardTo::Destination(self.destination(groups, entropy))),
        };
        let settings = ForwardingRuleSettings {
            interval_id: (entropy.below(3) == 0).then(|| pick(&self.handling.intervals, entropy).id),
            status: *pick(&STATUSES, entropy),
            action,
            group_calls: entropy.below(2) == 0,
            preserve_caller_id: entropy.below(2) == 0,
            screening: entropy.below(2) == 0,
            external_only: entropy.below(4) == 0,
            key: None,
            enabled: entropy.below(8) > 0,
        };
        let id = ForwardingRuleId::new(CREATED, entropy);
        let revision = Revision(0);
        let rule = ForwardingRule { id, revision, settings };
        self.handling
            .forwarding_rules
            .push((self.extensions[extension].id, rule));
    }

    fn add_number(&mut self, index: u32, groups: &[RingGroupId], entropy: &mut Entropy) {
        let rule = |entropy: &mut Entropy| RoutingRule {
            interval_id: pick(&self.handling.intervals, entropy).id,
            destination: self.destination(groups, entropy),
        };
        let settings = IncomingNumberSettings {
            identifier: None,
            destination: (entropy.below(8) > 0).then(|| self.destination(groups, entropy)),
            routing_rules: (0..entropy.below(3)).map(|_| rule(entropy)).collect(),
        };
        let number = IncomingNumber {
            id: NumberId::new(CREATED, entropy),
            number: format!("0163296010{index}").parse().unwrap(),
            capabilities: NumberCapabilities {
                calls: true,
                ..NumberCapabilities::default()
            },
            revision: Revision(0),
            settings,
            taken_at: CREATED,
        };
        self.handling.numbers.push(number);
    }

    fn add_blocked(&mut self, entropy: &mut Entropy) {
        let matches = match entropy.below(4) {
            0 => BlockedMatch::Exact(outsider(entropy)),
            1 => BlockedMatch::Withheld,
            2 => BlockedMatch::Unavailable,
            _ => BlockedMatch::Prefix("0770090000".parse().unwrap()),
        };
        let id = BlockedCallerId::new(CREATED, entropy);
        self.handling.blocked_callers.push(BlockedCaller { id, matches });
    }

    fn add_hot_desk(&mut self, entropy: &mut Entropy) {
        let (guest, host) = (entropy.below(4) as usize, entropy.below(4) as usize);
        if guest != host {
            self.handling.hot_desks.push(HotDesk {
                guest: self.extensions[guest].id,
                host: self.extensions[host].id,
                since: CREATED,
                until: None,
            });
        }
    }

    fn destination(&self, groups: &[RingGroupId], entropy: &mut Entropy) -> Destination {
        match entropy.below(12) {
            0 => Destination::Announcement(AnnouncementId::new(CREATED, entropy)),
            1..=4 => Destination::RingGroup(*pick(groups, entropy)),
            _ => Destination::Extension(pick(&self.extensions, entropy).id),
        }
    }
}

fn outsider(entropy: &mut Entropy) -> PhoneNumber {
    format!("0770090000{}", entropy.below(6)).parse().unwrap()
}

fn pick<'a, T>(list: &'a [T], entropy: &mut Entropy) -> &'a T {
    &list[entropy.below(u32::try_from(list.len()).unwrap()) as usize]
}
