//! `*74xx`: switching one of the own forwarding rules; bare, hearing which are on (S114, S229, A04).

use wigwag_model::{Extension, RuleKey};

use crate::routing::{
    plan::{Change, Plan, Saying, Treatment},
    planner::Planner,
};

pub(super) fn plan(planner: &Planner<'_>, caller: &Extension, argument: &str) -> Plan {
    let rules = planner.handling.rules(caller.id);
    if argument.is_empty() {
        let on = rules
            .iter()
            .filter(|rule| rule.settings.enabled)
            .filter_map(|rule| rule.settings.key);
        return Plan::Treat(Treatment::Say(Saying::RulesOn(on.collect())));
    }
    let key: Option<RuleKey> = argument.parse().ok();
    match rules.iter().find(|rule| rule.settings.key == key && key.is_some()) {
        Some(rule) => Plan::Treat(Treatment::Change(Change::Rule {
            extension: caller.id,
            rule: rule.id,
            on: !rule.settings.enabled,
        })),
        None => Plan::Treat(Treatment::Say(Saying::NoSuchRule)),
    }
}
