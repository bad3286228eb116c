//! Circles in which calls could be sent on, found when a rule is saved (A30); a running call has its own end to them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wigwag_model::{
    Destination, Extension, ExtensionId, ExtensionKind, ForwardTo, ForwardingAction, ForwardingRule, IncomingNumber,
    PhoneNumber, RingGroup,
};

/// All ways by which a company sends calls on.
#[derive(Clone, Copy, Debug)]
pub struct Ways<'a> {
    /// Its extensions: virtual ones ring elsewhere.
    pub extensions: &'a [Extension],
    /// The rules of all of them.
    pub forwarding_rules: &'a [(ExtensionId, ForwardingRule)],
    /// Its ring groups: they ring their members, and fail over.
    pub ring_groups: &'a [RingGroup],
    /// Its public numbers: what is sent to one of them comes in again.
    pub numbers: &'a [IncomingNumber],
}

/// A place where a call is, and whether a group brought it there, whose calls follow only some rules (S110).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: Destination,
    by_group: bool,
}

impl Ways<'_> {
    /// The shortest circle that leads from `extension` back to it, with the extension at both ends. Whether the rules on
    /// the way ever match the same call is not asked.
    pub fn circle(&self, extension: ExtensionId) -> Option<Vec<Destination>> {
        let home = Destination::Extension(extension);
        let start = Place {
            at: home,
            by_group: false,
        };
        let mut came_from: BTreeMap<Place, Place> = BTreeMap::new();
        let mut seen = BTreeSet::from([start]);
        let mut waiting = VecDeque::from([start]);
        while let Some(place) = waiting.pop_front() {
            for next in self.next(place) {
                if next.at == home && (!next.by_group || !self.next(next).is_empty()) {
                    return Some(path(&came_from, place, home));
                }
                if seen.insert(next) {
                    came_from.insert(next, place);
                    waiting.push_back(next);
                }
            }
        }
        None
    }

    /// Where a call can go from `place`.
    fn next(&self, place: Place) -> Vec<Place> {
        match place.at {
            Destination::Extension(id) => self.by_extension(id, place.by_group),
            Destination::RingGroup(id) => {
                let group = self.ring_groups.iter().find(|group| group.id == id);
                group.map(from_group).unwrap_or_default()
            }
            // Nothing leads on from these yet.
            Destination::Queue(_) | Destination::Menu(_) | Destination::Mailbox(_) | Destination::Announcement(_) => {
                Vec::new()
            }
        }
    }

    fn by_extension(&self, id: ExtensionId, by_group: bool) -> Vec<Place> {
        let own = self.extensions.iter().find(|extension| extension.id == id);
        if let Some(ExtensionKind::Virtual { forward_to, .. }) = own.map(|extension| &extension.kind) {
            return self.by_number(forward_to).into_iter().collect();
        }
        let rules = self.forwarding_rules.iter().filter(|(of, _)| *of == id);
        let rules = rules.map(|(_, rule)| &rule.settings);
        let followed = rules.filter(|rule| rule.enabled && (rule.group_calls || !by_group));
        followed.filter_map(|rule| self.by_action(&rule.action)).collect()
    }

    fn by_action(&self, action: &ForwardingAction) -> Option<Place> {
        match action {
            ForwardingAction::Forward(ForwardTo::Destination(destination)) => Some(direct(*destination)),
            ForwardingAction::Forward(ForwardTo::Number(number)) => self.by_number(number),
            ForwardingAction::Voicemail | ForwardingAction::Announcement(_) | ForwardingAction::Busy => None,
        }
    }

    fn by_number(&self, number: &PhoneNumber) -> Option<Place> {
        let own = self.numbers.iter().find(|own| own.number == *number);
        own.and_then(|own| own.settings.destination).map(direct)
    }
}

fn direct(at: Destination) -> Place {
    Place { at, by_group: false }
}

fn from_group(group: &RingGroup) -> Vec<Place> {
    let members = group.settings.members.iter().map(|member| Place {
        at: Destination::Extension(*member),
        by_group: true,
    });
    members.chain(group.settings.failover.map(direct)).collect()
}

fn path(came_from: &BTreeMap<Place, Place>, last: Place, home: Destination) -> Vec<Destination> {
    let mut path = vec![home, last.at];
    let mut place = last;
    while let Some(before) = came_from.get(&place) {
        path.push(before.at);
        place = *before;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use wigwag_model::{CallStatus, ForwardingRuleId, ForwardingRuleSettings, RingGroupId, RingStrategy};
    use wigwag_sansio::{Entropy, Utc};

    use super::*;

    struct Company {
        entropy: Entropy,
        rules: Vec<(ExtensionId, ForwardingRule)>,
        groups: Vec<RingGroup>,
    }

    const AT: Utc = Utc::from_millis(0);

    impl Company {
        fn new() -> Self {
            Company {
                entropy: Entropy::from_number(1),
                rules: Vec::new(),
                groups: Vec::new(),
            }
        }

        fn extension(&mut self) -> ExtensionId {
            ExtensionId::new(AT, &mut self.entropy)
        }

        fn forward(&mut self, from: ExtensionId, to: Destination, group_calls: bool) {
            let settings = ForwardingRuleSettings {
                interval_id: None,
                status: CallStatus::Any,
                action: ForwardingAction::Forward(ForwardTo::Destination(to)),
                group_calls,
                preserve_caller_id: false,
                screening: false,
                external_only: false,
                key: None,
                enabled: true,
            };
            let rule = ForwardingRule {
                id: ForwardingRuleId::new(AT, &mut self.entropy),
                revision: Default::default(),
                settings,
            };
            self.rules.push((from, rule));
        }

        fn group(&mut self, members: &[ExtensionId]) -> Destination {
            let id = RingGroupId::new(AT, &mut self.entropy);
            let settings = wigwag_model::RingGroupSettings {
                number: "200".parse().expect("a number"),
                name: "Sales".to_owned(),
                strategy: RingStrategy::RingAll { timeout_s: 20 },
                members: members.to_vec(),
                failover: None,
            };
            self.groups.push(RingGroup {
                id,
                revision: Default::default(),
                settings,
            });
            Destination::RingGroup(id)
        }

        fn circle(&self, extension: ExtensionId) -> Option<Vec<Destination>> {
            let ways = Ways {
                extensions: &[],
                forwarding_rules: &self.rules,
                ring_groups: &self.groups,
                numbers: &[],
            };
            ways.circle(extension)
        }
    }

    #[test]
    fn two_extensions_that_forward_to_each_other_are_a_circle() {
        let mut company = Company::new();
        let (ann, bob, cy) = (company.extension(), company.extension(), company.extension());
        let [a, b] = [ann, bob].map(Destination::Extension);
        company.forward(ann, b, false);
        assert_eq!(company.circle(ann), None);
        company.forward(bob, a, false);
        assert_eq!(company.circle(ann), Some(vec![a, b, a]));
        company.forward(cy, a, false);
        assert_eq!(company.circle(cy), None, "it leads into a circle without being in it");
        company.forward(cy, Destination::Extension(cy), false);
        assert_eq!(company.circle(cy).map(|circle| circle.len()), Some(2));
    }

    #[test]
    fn a_group_closes_a_circle_only_where_its_calls_follow_the_rule() {
        let mut company = Company::new();
        let ann = company.extension();
        let group = company.group(&[ann]);
        company.forward(ann, group, false);
        assert_eq!(company.circle(ann), None);
        company.forward(ann, group, true);
        let home = Destination::Extension(ann);
        assert_eq!(company.circle(ann), Some(vec![home, group, home]));
    }

    #[test]
    fn a_rule_that_is_switched_off_leads_nowhere() {
        let mut company = Company::new();
        let ann = company.extension();
        company.forward(ann, Destination::Extension(ann), false);
        company.rules[0].1.settings.enabled = false;
        assert_eq!(company.circle(ann), None);
    }
}
