//! `kill -9` in the middle of a hundred calls.

use harness::{Call, Phone};
use test_postgres::Cluster;
use wigwag_model::HangupCause;
use wigwag_model::api::Timestamp;
use wigwag_sip_io::Clock;

use crate::office::{Office, connect};

const PAIRS: usize = 20;
const ROUNDS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_amid_a_hundred_calls_loses_no_record_and_doubles_none() {
    kill_amid_a_hundred_calls(Office::open(2 * PAIRS).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_it_on_postgres() {
    let cluster = Cluster::start().unwrap();
    kill_amid_a_hundred_calls(Office::open_on(&cluster, 2 * PAIRS).await).await;
}

async fn kill_amid_a_hundred_calls(mut office: Office) {
    let begun = Timestamp(Clock::start().now().utc);
    let mut pairs = Vec::new();
    for index in 0..PAIRS {
        pairs.push((office.phone(index).await, office.phone(PAIRS + index).await));
    }
    for _ in 0..ROUNDS {
        for (mut outgoing, mut incoming) in round(&office, &mut pairs).await {
            outgoing.hang_up().await;
            incoming.over().await;
        }
    }
    let mut running = round(&office, &mut pairs).await;
    // Half of them end at this very moment: nobody waits for what becomes of them.
    let ending: Vec<_> = running.drain(..PAIRS / 2).collect();
    ending.iter().for_each(|(outgoing, _)| outgoing.give_up());
    office.server.crash();
    let killed = Timestamp(Clock::start().now().utc);
    office.server.begin_again().await;
    office.sign_in_again().await;

    let history = office.history((ROUNDS + 1) * PAIRS).await;
    let (interrupted, ended): (Vec<_>, Vec<_>) = history
        .iter()
        .partition(|call| call.cause == HangupCause::ServerRestarted);
    assert!(ended.iter().all(|call| call.cause == HangupCause::NormalClearing));
    let least = PAIRS - PAIRS / 2;
    assert!((least..=PAIRS).contains(&interrupted.len()), "{}", interrupted.len());
    for call in interrupted {
        let answered = call.answered_at.expect("it was answered");
        assert!(begun <= call.started_at && call.started_at <= answered);
        assert!(answered <= call.ended_at && call.ended_at <= killed, "{call:#?}");
    }

    // Nothing happens to them at yet another crash.
    office.server.crash_and_restart().await;
    office.sign_in_again().await;
    assert_eq!(office.history((ROUNDS + 1) * PAIRS).await, history);
}

async fn round(office: &Office, pairs: &mut [(Phone, Phone)]) -> Vec<(Call, Call)> {
    let mut calls = Vec::new();
    for (index, (caller, callee)) in pairs.iter_mut().enumerate() {
        calls.push(connect(caller, callee, office.number(PAIRS + index)).await);
    }
    calls
}
