//! A company whose call handling a test sets up in a few words.

use serde_json::json;
use wigwag_model::{
    CallHandling, Destination, Extension, ExtensionDraft, ExtensionId, ForwardingRule, ForwardingRuleId, HangupCause,
    IncomingNumber, Interval, IntervalId, NumberId, PhoneNumber, Revision, RingGroup, RingGroupId, Tenant,
    TenantConfiguration, TenantId,
};
use wigwag_sansio::{Entropy, Utc};

use crate::{
    TenantSnapshot,
    routing::{Attempt, Called, Caller, Decision, NoNumber, Outsider, Plan, Target, after, plan},
};

pub(super) struct Company {
    entropy: Entropy,
    tenant_id: TenantId,
    pub(super) extensions: Vec<Extension>,
    pub(super) handling: CallHandling,
    /// When its calls are made.
    pub(super) at: Utc,
}

impl Company {
    /// With the extensions 101, 102 and 103; Monday, 23 November 2026, noon.
    pub(super) fn new() -> Self {
        let mut entropy = Entropy::from_number(7);
        let at = Utc::from_millis(1_795_435_200_000);
        let tenant_id = TenantId::new(at, &mut entropy);
        let mut company = Company {
            entropy,
            tenant_id,
            extensions: Vec::new(),
            handling: CallHandling::default(),
            at,
        };
        for number in ["101", "102", "103"] {
            company.extension(number);
        }
        company
    }

    pub(super) fn extension(&mut self, number: &str) -> ExtensionId {
        let id = ExtensionId::new(self.at, &mut self.entropy);
        let draft = ExtensionDraft::new(number.parse().expect("three digits"), format!("Person {number}"));
        let username = format!("{number}000").parse().expect("six digits");
        self.extensions
            .push(Extension::new(id, self.tenant_id, username, draft, self.at));
        id
    }

    pub(super) fn get(&mut self, number: &str) -> &mut Extension {
        let found = self
            .extensions
            .iter_mut()
            .find(|extension| extension.number.as_str() == number);
        found.expect("is there")
    }

    pub(super) fn id(&self, number: &str) -> ExtensionId {
        let found = self
            .extensions
            .iter()
            .find(|extension| extension.number.as_str() == number);
        found.expect("is there").id
    }

    pub(super) fn number(&mut self, number: &str, destination: Option<Destination>) -> NumberId {
        let id = NumberId::new(self.at, &mut self.entropy);
        self.handling.numbers.push(IncomingNumber {
            id,
            number: number.parse().expect("a number"),
            capabilities: wigwag_model::NumberCapabilities {
                calls: true,
                sms: false,
                fax: false,
            },
            revision: Revision(1),
            settings: wigwag_model::IncomingNumberSettings {
                destination,
                ..Default::default()
            },
            taken_at: self.at,
        });
        id
    }

    pub(super) fn group(&mut self, number: &str, strategy: serde_json::Value, members: &[&str]) -> RingGroupId {
        let id = RingGroupId::new(self.at, &mut self.entropy);
        let members: Vec<_> = members.iter().map(|member| self.id(member)).collect();
        let settings = json!({"number": number, "name": "Sales", "strategy": strategy, "members": members});
        let settings = serde_json::from_value(settings).expect("settings");
        self.handling.ring_groups.push(RingGroup {
            id,
            revision: Revision(1),
            settings,
        });
        id
    }

    pub(super) fn interval(&mut self, name: &str, when: serde_json::Value) -> IntervalId {
        let id = IntervalId::new(self.at, &mut self.entropy);
        let settings = serde_json::from_value(json!({"name": name, "when": when})).expect("settings");
        self.handling.intervals.push(Interval {
            id,
            revision: Revision(1),
            settings,
        });
        id
    }

    /// Gives an extension a forwarding rule, below those that it has.
    pub(super) fn rule(&mut self, number: &str, settings: serde_json::Value) -> ForwardingRuleId {
        let id = ForwardingRuleId::new(self.at, &mut self.entropy);
        let settings = serde_json::from_value(settings).expect("a rule");
        self.handling.forwarding_rules.push((
            self.id(number),
            ForwardingRule {
                id,
                revision: Revision(1),
                settings,
            },
        ));
        id
    }

    pub(super) fn snapshot(&self) -> TenantSnapshot {
        let tenant = Tenant {
            id: self.tenant_id,
            name: "Acme".into(),
            concurrent_calls: 10,
            created_at: self.at,
        };
        let configuration = TenantConfiguration {
            version: 1,
            tenant,
            extensions: self.extensions.clone(),
            devices: Vec::new(),
            call_handling: self.handling.clone(),
        };
        TenantSnapshot::new(configuration, "pbx.example")
    }

    /// What happens when `caller` dials `text`.
    pub(super) fn dial(&self, caller: &str, text: &str) -> Decision {
        plan(&self.snapshot(), &Attempt::dialled(self.id(caller), text), self.at)
    }

    /// What happens when somebody outside calls a public number.
    pub(super) fn call_in(&self, number: NumberId, from: &str) -> Decision {
        plan(&self.snapshot(), &from_outside(number, from), self.at)
    }

    /// What follows when nobody has answered.
    pub(super) fn then(&self, attempt: &Attempt, decision: &Decision, cause: HangupCause) -> Decision {
        let Plan::Ring(ring) = &decision.plan else {
            panic!("nobody rings: {:?}", decision.plan)
        };
        after(&self.snapshot(), attempt, &ring.course, cause, self.at)
    }

    /// Whom a decision rings: extensions by their number, outside numbers as they are.
    pub(super) fn rings(&self, decision: &Decision) -> Vec<String> {
        let Plan::Ring(ring) = &decision.plan else {
            return Vec::new();
        };
        ring.arms.iter().map(|arm| self.name(&arm.target)).collect()
    }

    pub(super) fn name(&self, target: &Target) -> String {
        match target {
            Target::Extension(id) => {
                let extension = self.extensions.iter().find(|extension| extension.id == *id);
                extension.expect("is there").number.to_string()
            }
            Target::Outside(outside) => match &outside.number {
                crate::routing::OutsideNumber::Public(number) => number.to_string(),
                crate::routing::OutsideNumber::Short(number) | crate::routing::OutsideNumber::Emergency(number) => {
                    number.to_string()
                }
            },
        }
    }
}

/// A call from `from`, which is `withheld`, `unavailable` or a number.
pub(super) fn from_outside(number: NumberId, from: &str) -> Attempt {
    let caller = match from {
        "withheld" => Err(NoNumber::Withheld),
        "unavailable" => Err(NoNumber::Unavailable),
        number => Ok(phone(number)),
    };
    Attempt {
        caller: Caller::Outside(Outsider {
            number: caller,
            name: None,
        }),
        called: Called::Number(number),
    }
}

pub(super) fn phone(text: &str) -> PhoneNumber {
    text.parse().expect("a number")
}

/// How a decision was found, in words.
pub(super) fn told(decision: &Decision) -> Vec<String> {
    decision.trace.iter().map(ToString::to_string).collect()
}
