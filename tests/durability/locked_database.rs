//! Somebody else holds the SQLite file for longer than anybody wants to wait.

use wigwag_model::Author;
use wigwag_sansio::Entropy;
use wigwag_store::Store;

use crate::office::{Office, connect};

#[tokio::test]
async fn calls_go_on_while_the_database_is_locked_and_the_history_catches_up() {
    let office = Office::open(3).await;
    let (alice, mut bob) = office.two_phones().await;
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(1)).await;
    let mut entropy = Entropy::from_number(1);
    let other = Store::open(&office.server.data(), None, &mut entropy).await.unwrap();
    let company = other.tenants(None, 1).await.unwrap().swap_remove(0);
    let lock = other
        .write(company.id, Author::server(company.created_at))
        .await
        .unwrap();
    outgoing.hang_up().await;
    incoming.over().await;
    office
        .server
        .figures_with("nobody has noticed the lock", |figures| {
            figures.of("wigwag_history_failures_total") > 0
        })
        .await;
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(1)).await;
    outgoing.hears(bob.hz()).await;
    assert_eq!(bob.registers().await.status(), 200);
    // A phone that was never registered before.
    let _carol = office.phone(2).await;
    outgoing.hang_up().await;
    incoming.over().await;
    assert_eq!(office.server.figures().await.of("wigwag_history_records_total"), 0);
    drop(lock);
    other.close().await;
    office.history(2).await;
    office.server.settle().await;
}
