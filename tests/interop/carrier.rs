//! The make-believe carrier with sipp: what it does is right in the eyes of a peer that is none of ours.

use harness::Sipp;
use wigwag_simulator::{Account, Admission, Config, Demand, Outcome, Simulator};

/// A carrier that asks for a proof by 401.
async fn carrier() -> Simulator {
    let config = Config {
        admission: Admission::Proof(Demand::Unauthorized),
        accounts: vec![Account::new("gateway", "a-secret")],
        ..Config::default()
    };
    Simulator::start(config).await.expect("there are free ports")
}

/// sipp as the carrier's customer, who calls `number`.
async fn calls(scenario: Sipp, number: &str) {
    let domain = "carrier.example";
    let called = format!("{number}@{domain}");
    let scenario = scenario.field("gateway").field(domain).field(number);
    let outcome = scenario.credentials("gateway", "a-secret", &called).play().await;
    outcome.expect_success();
}

#[tokio::test]
async fn sipp_calls_somebody_over_a_carrier_and_hangs_up() {
    let carrier = carrier().await;
    calls(Sipp::scenario(scenario!("call"), carrier.udp()), "01632960100").await;
    calls(
        Sipp::scenario(scenario!("call"), carrier.tcp()).over_tcp(),
        "01632960101",
    )
    .await;
    let seen = carrier.seen();
    assert_eq!(seen.len(), 2);
    for call in seen {
        assert_eq!(call.account.as_deref(), Some("gateway"));
        assert!(matches!(call.outcome, Outcome::Ended(_)), "{:?}", call.outcome);
    }
    carrier.shutdown().await;
}

#[tokio::test]
async fn sipp_confirms_that_somebody_rings_over_a_carrier_and_gives_up() {
    let carrier = carrier().await;
    calls(Sipp::scenario(scenario!("confirmed"), carrier.udp()), "01632960160").await;
    carrier.sees(|call| call.outcome == Outcome::GivenUp).await;
    carrier.shutdown().await;
}
