//! The make-believe carrier: with sipp, in whose eyes what it does is right, and as a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use harness::{Sipp, server_program};
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

#[test]
fn a_carrier_that_is_a_process_of_its_own_is_commanded_by_lines() {
    let mut program = Command::new(server_program())
        .args(["simulate", "carrier", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("wigwag runs");
    let mut commands = program.stdin.take().expect("it is piped");
    let lines = BufReader::new(program.stdout.take().expect("it is piped")).lines();
    let mut lines = lines.map(|line| line.expect("it is text"));
    let mut until = |wanted: &str| {
        let found = lines.find(|line| line.contains(wanted));
        found.unwrap_or_else(|| panic!("nothing was said of {wanted}"))
    };
    let ready: serde_json::Value = serde_json::from_str(&until("udp")).expect("it is JSON");
    let address = ready["sip"]["udp"].as_str().expect("it listens").to_owned();
    // It may call itself.
    writeln!(commands, "call --to 01632960161 --over udp:{address}").expect("it reads");
    until(r#""status":486"#);
    writeln!(commands, "quit").expect("it reads");
    assert!(program.wait().expect("it ends").success());
}
