//! Backups of a server that works, restored elsewhere.

use std::path::Path;

use harness::Outcome;
use tempfile::TempDir;
use test_postgres::Cluster;

use crate::office::{Office, configuration, connect};

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

#[tokio::test]
async fn a_backup_taken_under_load_is_a_whole_server_elsewhere() {
    let office = Office::open(4).await;
    let (alice, mut bob) = office.two_phones().await;
    office.call(&alice, &mut bob).await;
    office.history(1).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("wigwag.backup");
    // One call runs for as long as the backup takes, and others come and go.
    let (carol, mut dave) = (office.phone(2).await, office.phone(3).await);
    let running = connect(&carol, &mut dave, office.number(3)).await;
    let tool = ["backup", text(&file)];
    let mut backup = std::pin::pin!(office.server.tool(&tool));
    let mut calls = 1;
    let outcome = loop {
        tokio::select! {
            outcome = &mut backup => break outcome,
            () = office.call(&alice, &mut bob) => calls += 1,
        }
    };
    outcome.expect_success();

    let data = TempDir::new().unwrap();
    let restored = Outcome::of(data.path(), &["restore", text(&file)]).await;
    assert!(restored.expect_success().contains("rows"));
    let elsewhere = Office::open_in(data).await;
    assert_eq!(
        elsewhere.server.ready().extensions[..],
        office.server.ready().extensions[..3]
    );
    let history = elsewhere.api.history(2).await;
    assert!((2..=calls + 2).contains(&history.len()), "{calls}: {history:#?}");
    let (alice, mut bob) = elsewhere.two_phones().await;
    elsewhere.call(&alice, &mut bob).await;
    elsewhere.api.history(history.len() + 1).await;
    drop(running);
}

#[tokio::test]
async fn a_company_moves_from_a_file_to_postgres() {
    let office = Office::open(3).await;
    let (alice, mut bob) = office.two_phones().await;
    office.call(&alice, &mut bob).await;
    office.history(1).await;
    let folder = TempDir::new().unwrap();
    office
        .server
        .tool(&["backup", text(folder.path())])
        .await
        .expect_success();
    let mut files = std::fs::read_dir(folder.path()).unwrap();
    let file = files.next().expect("a file with a name of its own").unwrap().path();

    let cluster = Cluster::start().unwrap();
    let (data, place) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let file_of_config = configuration(&place, &cluster.database());
    let config = ["--config", file_of_config.as_str()];
    let pending = Outcome::of(data.path(), &[&["migrate", "--check"], &config[..]].concat()).await;
    assert_eq!(pending.code, Some(1), "{pending:#?}");
    assert!(pending.output.contains("pending  0001 core"), "{pending:#?}");
    let restore = [&["restore", text(&file)], &config[..]].concat();
    // The check may have made nothing that is in the way.
    Outcome::of(data.path(), &restore).await.expect_success();
    let applied = Outcome::of(data.path(), &[&["migrate", "--apply"], &config[..]].concat()).await;
    let applied = applied.expect_success();
    assert!(applied.contains("security"), "{applied}");
    let checked = Outcome::of(data.path(), &[&["migrate", "--check"], &config[..]].concat()).await;
    checked.expect_success();
    let refused = Outcome::of(data.path(), &restore).await;
    assert!(
        refused.code == Some(1) && refused.complaints.contains("--force"),
        "{refused:#?}"
    );

    let elsewhere = Office::open_with(data, &config).await;
    assert_eq!(elsewhere.server.ready().extensions, office.server.ready().extensions);
    elsewhere.history(1).await;
    let (alice, mut bob) = elsewhere.two_phones().await;
    elsewhere.call(&alice, &mut bob).await;
    elsewhere.history(2).await;
}

#[tokio::test]
async fn nothing_is_restored_under_a_running_server() {
    let office = Office::open(3).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("wigwag.backup");
    office.server.tool(&["backup", text(&file)]).await.expect_success();
    let refused = office.server.tool(&["restore", text(&file), "--force"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.complaints.contains("another server"), "{refused:#?}");
    let (alice, mut bob) = office.two_phones().await;
    office.call(&alice, &mut bob).await;
}
