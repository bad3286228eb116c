//! The disk of the data folder takes nothing any more, and then it does again.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use crate::office::{Office, connect};

#[tokio::test]
async fn calls_go_on_while_the_disk_is_full_and_the_history_catches_up() {
    let Some(office) = Office::open_on_small_disk(16).await else {
        // The journal has the same test with a file that is always full.
        eprintln!("nobody may mount a disk here: not tested");
        return;
    };
    let (alice, mut bob) = office.two_phones().await;
    office.call(&alice, &mut bob).await;
    office.history(1).await;
    let filler = office.server.data().join("filler");
    fill(&filler);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(1)).await;
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    assert_eq!(alice.registers().await.status(), 200);
    // Whatever room was left goes to the journal, call by call, until it is refused.
    let mut calls = 2;
    while office.server.figures().await.of("wigwag_journal_backlog_bytes") == 0 {
        office.call(&alice, &mut bob).await;
        calls += 1;
        fill(&filler);
    }
    office.call(&alice, &mut bob).await;
    std::fs::remove_file(&filler).expect("the disk can be emptied");
    let figures = office
        .server
        .figures_with("the journal did not catch up", |figures| {
            figures.of("wigwag_journal_backlog_bytes") == 0
        })
        .await;
    assert!(figures.of("wigwag_journal_failures_total") > 0);
    assert_eq!(figures.of("wigwag_journal_entries_lost_total"), 0);
    office.history(calls + 1).await;
    office.server.settle().await;
}

/// Writes until there is no room for one byte more.
fn fill(path: &Path) {
    let mut file = File::options()
        .append(true)
        .create(true)
        .open(path)
        .expect("the disk is there");
    let mut zeros = std::io::repeat(0);
    for size in [1024 * 1024, 4096, 1] {
        let mut bytes = vec![0; size];
        zeros.read_exact(&mut bytes).expect("there is no end of zeros");
        while file.write_all(&bytes).is_ok() {}
    }
}
