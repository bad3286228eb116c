//! From the start of the program to its first answer, and the memory of a server that has nothing to do.

use std::{net::UdpSocket, path::Path, process::Command, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};

use super::median;
use crate::{clock, process, report::Report, scale::Scale, server::Server, sipp::free_address};

/// The server does not answer before it listens: it is asked again so often.
const ASK_AGAIN: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn measure(scale: &Scale, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    // The first start makes the demo, keys and certificate.
    drop(Server::start(&scale.program, folder.path(), 2)?);
    let starts = (0..scale.starts).map(|_| first_answer(&scale.program, folder.path()));
    let starts = starts.collect::<Result<Vec<(f64, u64)>>>()?;
    report.add(
        "start to first answered OPTIONS",
        "s",
        0.3,
        median(starts.iter().map(|(secs, _)| *secs).collect()),
    );
    let memory = median(starts.iter().map(|(_, kb)| *kb as f64 / 1024.0).collect());
    report.add("idle memory", "MB", 40.0, memory);
    Ok(())
}

/// Starts the server without a demo: seconds until it answers, and its memory in kB then.
pub(super) fn first_answer(program: &Path, data: &Path) -> Result<(f64, u64)> {
    let address = free_address()?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(ASK_AGAIN))?;
    let us = socket.local_addr()?;
    let begin = clock::now();
    let mut child = Command::new(program)
        .args([
            "serve",
            "--json",
            "--http",
            "127.0.0.1:0",
            "--sip",
            &address.to_string(),
        ])
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start the server")?;
    let mut answer = [0; 4096];
    let mut count = 0;
    let secs = loop {
        count += 1;
        let question = format!(
            "OPTIONS sip:{address} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{count};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:probe@{us}>;tag=p\r\nTo: <sip:{address}>\r\n\
             Call-ID: probe-{count}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        );
        // Nobody listens yet.
        let _ = socket.send_to(question.as_bytes(), address);
        if socket.recv(&mut answer).is_ok() {
            break begin.elapsed().as_secs_f64();
        }
        ensure!(begin.elapsed() < PATIENCE, "the server does not answer");
        clock::pause(ASK_AGAIN);
    };
    process::settle(child.id(), Duration::from_secs(5))?;
    let memory = process::memory_kb(child.id());
    let _ = child.kill();
    child.wait()?;
    ensure!(answer.starts_with(b"SIP/2.0 200"), "OPTIONS is refused");
    Ok((secs, memory?))
}
