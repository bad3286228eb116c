//! Calls with sound: some at a time, for some seconds, then the next from other ports.

use std::time::Duration;

use anyhow::Result;

use super::tally::{Count, Tally};
use crate::{
    load::{Leg, Phones, run},
    server::{Pair, Server},
};

const KIND: &str = "calls with sound";
/// So long each round of calls talks.
const LENGTH: Duration = Duration::from_secs(15);
/// The registrations of a round that fails end by themselves.
const EXPIRES_SECS: u32 = 120;
/// Calls of each pair at a time.
const EACH: usize = 2;

/// Talks until the load ends.
pub(super) fn talk(server: &Server, pairs: &[Pair], tally: &Tally) -> Result<()> {
    while !tally.is_over() {
        let talked = round(server, pairs, tally);
        tally.add("rounds of calls with sound", &talked);
    }
    Ok(())
}

fn round(server: &Server, pairs: &[Pair], tally: &Tally) -> Result<()> {
    let mut phones = Phones::new(server)?;
    for pair in pairs {
        phones.register_for(&pair.callee, EXPIRES_SECS)?;
    }
    let (mut legs, mut dialogs) = (Vec::new(), Vec::new());
    for pair in pairs.iter().cycle().take(pairs.len() * EACH) {
        let (mut caller, mut callee) = (Leg::new()?, Leg::new()?);
        let dialog = phones.call(pair, [caller.address(), callee.address()])?;
        caller.send_to(dialog.sound[0]);
        callee.send_to(dialog.sound[1]);
        legs.extend([caller, callee]);
        dialogs.push(dialog);
    }
    let measured = run(&mut legs, LENGTH, server.pid())?;
    let sound = Count {
        done: measured.received,
        failed: measured.sent.saturating_sub(measured.received),
    };
    tally.add_many("packets of sound", sound);
    for dialog in &dialogs {
        let ended = phones.hang_up(dialog);
        tally.add(KIND, &ended);
    }
    for pair in pairs {
        phones.register_for(&pair.callee, 0)?;
    }
    Ok(())
}
