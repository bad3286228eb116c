//! The whole server on PostgreSQL.

use test_postgres::Cluster;
use wigwag_model::{HangupCause, Outcome};

use crate::office::{Office, connect};

#[tokio::test]
async fn people_call_each_other_and_a_restart_forgets_nothing() {
    let cluster = Cluster::start().unwrap();
    let mut office = Office::open_on(&cluster, 3).await;
    let before = office.server.ready().extensions.clone();
    let (alice, mut bob) = office.two_phones().await;
    office.call(&alice, &mut bob).await;
    assert_eq!(office.history(1).await[0].outcome, Outcome::Answered);
    assert!(!office.server.data().join("wigwag.db").exists());
    office.server.restart().await;
    office.sign_in_again().await;
    assert_eq!(office.server.ready().extensions, before);
    let (alice, mut bob) = office.two_phones().await;
    office.call(&alice, &mut bob).await;
    office.history(2).await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_call_that_was_running_at_a_crash_is_closed_at_the_next_start() {
    let cluster = Cluster::start().unwrap();
    let mut office = Office::open_on(&cluster, 3).await;
    let (alice, mut bob) = office.two_phones().await;
    office.call(&alice, &mut bob).await;
    let _running = connect(&alice, &mut bob, office.number(1)).await;
    office.server.crash_and_restart().await;
    office.sign_in_again().await;
    let history = office.history(2).await;
    let causes = [HangupCause::ServerRestarted, HangupCause::NormalClearing];
    assert_eq!([history[0].cause, history[1].cause], causes);
}

#[tokio::test]
async fn calls_go_on_while_the_database_server_is_away_and_the_history_catches_up() {
    let mut cluster = Cluster::start().unwrap();
    let office = Office::open_on(&cluster, 3).await;
    let (alice, mut bob) = office.two_phones().await;
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(1)).await;
    cluster.stop().unwrap();
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    office
        .server
        .figures_with("the history never missed its database", |figures| {
            figures.of("wigwag_history_failures_total") > 0
        })
        .await;
    office.call(&alice, &mut bob).await;
    // A phone that refreshes its registration now must not be sent away.
    assert_eq!(alice.registers().await.status(), 200);
    assert_eq!(office.server.figures().await.of("wigwag_history_records_total"), 0);
    cluster.resume().unwrap();
    office.history(2).await;
    office.server.settle().await;
}
