//! `cargo xtask check` and `cargo xtask test`.

use std::process::Command;

use anyhow::{Context, Result};
use test_postgres::Cluster;

use crate::cargo::{WORKSPACE, build_server, cargo, metadata};
use crate::steps::Steps;
use crate::tally::Runner;
use crate::{openapi, setup};

/// The crates whose unit tests take the database that they are given.
const ON_EITHER_DATABASE: [&str; 3] = ["wigwag-api", "wigwag-jobs", "wigwag-store"];

/// Format, lints, house rules, unit tests. Whether all of it passed.
pub(crate) fn check() -> Result<bool> {
    setup::for_checking()?;
    let mut steps = Steps::default();
    checks(&mut steps);
    Ok(steps.close())
}

/// Everything there is to test. Whether all of it passed.
pub(crate) fn test() -> Result<bool> {
    setup::for_testing()?;
    let mut steps = Steps::default();
    checks(&mut steps);
    tests_on_postgres(&mut steps);
    product_tests(&mut steps)?;
    documentation(&mut steps);
    Ok(steps.close())
}

fn checks(steps: &mut Steps) {
    steps.run("format", &mut cargo(["fmt", "--all", "--check"]));
    let mut lints = cargo(["clippy", WORKSPACE, "--all-targets"]);
    steps.run("lints", lints.args(locked()).args(["--", "--deny", "warnings"]));
    steps.run("build", &mut cargo(["test", WORKSPACE, "--no-run"]));
    let runner = runner();
    steps.run_tests("house rules", runner, tests_of(runner).args(["--test", "tidy"]));
    steps.run_tests("unit tests", runner, tests_of(runner).args(["--lib", "--bins"]));
}

/// The unit tests of whatever keeps something in the database, a second time, on the other one.
fn tests_on_postgres(steps: &mut Steps) {
    let mut cluster = None;
    steps.call("PostgreSQL", || {
        cluster = Some(Cluster::start()?);
        Ok(())
    });
    let Some(cluster) = cluster else { return };
    let runner = runner();
    let mut tests = match runner {
        Runner::Nextest => {
            let packages = ON_EITHER_DATABASE.map(|package| format!("package({package})"));
            let mut tests = tests_of(runner);
            tests.args(["--filterset", &packages.join(" | ")]);
            tests
        }
        Runner::Libtest => {
            let packages = ON_EITHER_DATABASE.map(|package| format!("--package={package}"));
            let mut tests = cargo(["test", "--no-fail-fast"]);
            tests.args(packages);
            tests
        }
    };
    tests.arg("--lib");
    steps.run_tests(
        "on PostgreSQL",
        runner,
        tests.env(test_postgres::SHARED, cluster.socket()),
    );
}

/// Each folder of tests is one test binary and gets its own line in the table.
fn product_tests(steps: &mut Steps) -> Result<()> {
    let runner = runner();
    let mut server = None;
    steps.call("server", || {
        server = Some(build_server("dev")?);
        Ok(())
    });
    for binary in test_binaries()?.iter().filter(|binary| *binary != "tidy") {
        let mut tests = tests_of(runner);
        tests.args(["--test", binary]);
        if let Some(server) = &server {
            tests.env("WIGWAG_BIN", server);
        }
        steps.run_tests(binary, runner, &mut tests);
    }
    Ok(())
}

fn documentation(steps: &mut Steps) {
    steps.run_tests(
        "examples in docs",
        Runner::Libtest,
        &mut cargo(["test", WORKSPACE, "--doc"]),
    );
    let mut docs = cargo(["doc", WORKSPACE, "--no-deps"]);
    steps.run("documentation", docs.env("RUSTDOCFLAGS", "--deny warnings"));
    steps.call("API document", openapi::check);
}

/// nextest where it is installed: it ends a test that hangs. Otherwise what every toolchain has.
fn runner() -> Runner {
    let nextest = cargo(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if nextest { Runner::Nextest } else { Runner::Libtest }
}

fn tests_of(runner: Runner) -> Command {
    match runner {
        Runner::Nextest => cargo(["nextest", "run", WORKSPACE, "--no-fail-fast", "--no-tests", "pass"]),
        Runner::Libtest => cargo(["test", WORKSPACE, "--no-fail-fast"]),
    }
}

/// The names of the workspace's test binaries, in order.
fn test_binaries() -> Result<Vec<String>> {
    let metadata = metadata()?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    let targets = packages
        .iter()
        .filter_map(|package| package["targets"].as_array())
        .flatten();
    let tests = targets.filter(|target| target["kind"][0] == "test");
    let mut names: Vec<String> = tests
        .filter_map(|test| test["name"].as_str())
        .map(str::to_owned)
        .collect();
    names.sort();
    Ok(names)
}

/// Nobody watches in CI: a Cargo.lock that does not fit must fail there instead of being mended.
fn locked() -> Option<&'static str> {
    std::env::var_os("CI").map(|_| "--locked")
}
