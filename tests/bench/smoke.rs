//! The benchmarks run; what they measure is no matter of a test.

use std::process::Command;

use harness::{require_peer, server_program};

#[test]
fn every_kind_of_work_is_measured() {
    let _sipp = require_peer("sipp");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .arg("--quick")
        .arg("--server")
        .arg(server_program())
        .output()
        .expect("the benchmarks start");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        printed.lines().filter(|line| line.starts_with("| ")).count(),
        12,
        "eleven figures below the heading\n{printed}"
    );
}
