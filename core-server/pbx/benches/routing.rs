//! What a routing decision costs in a large company: 500 extensions, 200 rules, 100 intervals.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use wigwag_model::{
    CallHandling, Destination, Extension, ExtensionDraft, ExtensionId, ForwardingRule, ForwardingRuleId,
    IncomingNumber, Interval, IntervalId, NumberId, Revision, RingGroup, RingGroupId, RoutingRule, Tenant,
    TenantConfiguration, TenantId,
};
use wigwag_pbx::{
    TenantSnapshot,
    routing::{Attempt, Called, Caller, Outsider, plan},
};
use wigwag_sansio::{Entropy, Utc};

fn large_company() -> (TenantSnapshot, Vec<(&'static str, Attempt)>, Utc) {
    let (at, mut entropy) = (Utc::from_millis(1_795_435_200_000), Entropy::from_number(1));
    let tenant = Tenant {
        id: TenantId::new(at, &mut entropy),
        name: "Acme".into(),
        concurrent_calls: 100,
        created_at: at,
    };
    let extensions: Vec<Extension> = (200..700)
        .map(|number: u32| {
            let draft = ExtensionDraft::new(number.to_string().parse().expect("a number"), "Somebody");
            let username = format!("{number}000").parse().expect("six digits");
            Extension::new(ExtensionId::new(at, &mut entropy), tenant.id, username, draft, at)
        })
        .collect();
    let mut handling = CallHandling::default();
    for minute in 0..100 {
        let time = format!("{:02}:{:02}", minute / 60, minute % 60);
        let when = json!({"kind": "weekly", "ranges": [{"days": ["monday", "friday"], "from": time, "to": time}]});
        handling.intervals.push(Interval {
            id: IntervalId::new(at, &mut entropy),
            revision: Revision(0),
            settings: serde_json::from_value(json!({"name": time, "when": when})).expect("an interval"),
        });
    }
    let interval = |index: usize| handling.intervals[index % 100].id;
    for index in 0..200 {
        // Half of them belong to one extension, which looks at all of them and follows none.
        let extension = if index < 100 {
            extensions[0].id
        } else {
            extensions[index].id
        };
        let rule = json!({"interval_id": interval(index), "status": "any", "action": {"kind": "busy"}});
        let settings = serde_json::from_value(rule).expect("a rule");
        let id = ForwardingRuleId::new(at, &mut entropy);
        handling.forwarding_rules.push((
            extension,
            ForwardingRule {
                id,
                revision: Revision(0),
                settings,
            },
        ));
    }
    let members: Vec<_> = extensions.iter().take(20).map(|extension| extension.id).collect();
    let group = json!({"number": "700", "name": "Sales", "strategy": {"kind": "ring_all", "timeout_s": 20}, "members": members});
    let group_id = RingGroupId::new(at, &mut entropy);
    let settings = serde_json::from_value(group).expect("a group");
    let rules = (0..50).map(|index| RoutingRule {
        interval_id: interval(index),
        destination: Destination::Extension(extensions[1].id),
    });
    let number = IncomingNumber {
        id: NumberId::new(at, &mut entropy),
        number: "01632 960100".parse().expect("a number"),
        capabilities: wigwag_model::NumberCapabilities {
            calls: true,
            sms: false,
            fax: false,
        },
        revision: Revision(0),
        settings: wigwag_model::IncomingNumberSettings {
            identifier: None,
            destination: Some(Destination::RingGroup(group_id)),
            routing_rules: rules.collect(),
        },
        taken_at: at,
    };
    let outsider = Outsider {
        number: Ok("07700 900123".parse().expect("a number")),
        name: None,
    };
    let attempts = vec![
        ("an extension", Attempt::dialled(extensions[1].id, "650")),
        ("an extension with 100 rules", Attempt::dialled(extensions[1].id, "200")),
        ("a group of 20", Attempt::dialled(extensions[1].id, "700")),
        ("a number outside", Attempt::dialled(extensions[1].id, "01632960999")),
        (
            "a public number with 50 routing rules to a group of 20",
            Attempt {
                caller: Caller::Outside(outsider),
                called: Called::Number(number.id),
            },
        ),
    ];
    handling.numbers.push(number);
    handling.ring_groups.push(RingGroup {
        id: group_id,
        revision: Revision(0),
        settings,
    });
    let configuration = TenantConfiguration {
        version: 1,
        tenant,
        extensions,
        devices: Vec::new(),
        call_handling: handling,
    };
    (TenantSnapshot::new(configuration, "pbx.example"), attempts, at)
}

fn routing(criterion: &mut Criterion) {
    let (snapshot, attempts, at) = large_company();
    let mut group = criterion.benchmark_group("routing");
    group
        .measurement_time(Duration::from_secs(2))
        .warm_up_time(Duration::from_millis(500));
    for (name, attempt) in attempts {
        group.bench_function(name, |bench| bench.iter(|| plan(&snapshot, black_box(&attempt), at)));
    }
    group.finish();
}

criterion_group!(benches, routing);
criterion_main!(benches);
