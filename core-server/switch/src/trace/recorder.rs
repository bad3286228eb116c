//! Keeps the story of one call while it runs, cheaply: messages are remembered as they travelled, and become text only
//! when the story is told or stored.

use std::fmt::Display;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wigwag_model::{
    CallEvent, LegId,
    api::{CallTrace, LadderDirection, LadderEntry, TraceStep},
};
use wigwag_pbx::registrar::Reach;
use wigwag_sansio::{Now, Pii, Tick};

use super::{mask::masked, story};

/// Steps and messages that are remembered of one call; what comes later is left out, and said to be.
const REMEMBERED: usize = 400;
/// Octets of messages that are remembered of one call.
const REMEMBERED_BYTES: usize = 512 * 1024;

/// The story of one call.
#[derive(Debug)]
pub(crate) struct Recorder {
    started: Tick,
    scenes: Vec<(u64, Scene)>,
    bytes: usize,
    truncated: bool,
}

#[derive(Debug)]
enum Scene {
    Step(String),
    Message {
        leg: LegId,
        direction: LadderDirection,
        peer: Reach,
        message: Bytes,
    },
}

/// One line of a stored story.
#[derive(Debug, Serialize, Deserialize)]
enum Line {
    Step(TraceStep),
    Message(LadderEntry),
    Truncated,
}

impl Recorder {
    pub(crate) fn new(now: Now) -> Self {
        Recorder {
            started: now.tick,
            scenes: Vec::with_capacity(48),
            bytes: 0,
            truncated: false,
        }
    }

    pub(crate) fn step(&mut self, step: &impl Display, now: Now) {
        self.add(0, now, || Scene::Step(step.to_string()));
    }

    pub(crate) fn event(&mut self, event: &CallEvent, now: Now) {
        self.add(0, now, || Scene::Step(story::sentence(event)));
    }

    pub(crate) fn message(&mut self, leg: LegId, direction: LadderDirection, peer: &Reach, message: &Bytes, now: Now) {
        self.add(message.len(), now, || Scene::Message {
            leg,
            direction,
            peer: peer.clone(),
            message: message.clone(),
        });
    }

    fn add(&mut self, bytes: usize, now: Now, scene: impl FnOnce() -> Scene) {
        if self.scenes.len() >= REMEMBERED || self.bytes + bytes > REMEMBERED_BYTES {
            self.truncated = true;
            return;
        }
        self.bytes += bytes;
        let elapsed_ms = u64::try_from(now.tick.since(self.started).as_millis()).unwrap_or(u64::MAX);
        self.scenes.push((elapsed_ms, scene()));
    }

    /// The story so far.
    pub(crate) fn tell(&self) -> CallTrace {
        collect(self.lines())
    }

    /// The story as lines of JSON, for storing.
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.bytes + self.scenes.len() * 160);
        for line in self.lines() {
            serde_json::to_writer(&mut text, &line).expect("a line has only text keys, and memory takes bytes");
            text.push(b'\n');
        }
        text
    }

    fn lines(&self) -> impl Iterator<Item = Line> {
        let lines = self.scenes.iter().map(|(elapsed_ms, scene)| line(*elapsed_ms, scene));
        lines.chain(self.truncated.then_some(Line::Truncated))
    }
}

/// Reads what [`Recorder::text`] wrote; lines that cannot be read count as cut off.
pub(crate) fn read(text: &[u8]) -> CallTrace {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    collect(lines.map(|line| serde_json::from_slice(line).unwrap_or(Line::Truncated)))
}

fn collect(lines: impl Iterator<Item = Line>) -> CallTrace {
    let mut trace = CallTrace::default();
    for line in lines {
        match line {
            Line::Step(step) => trace.decision.push(step),
            Line::Message(entry) => trace.ladder.push(entry),
            Line::Truncated => trace.truncated = true,
        }
    }
    trace
}

fn line(elapsed_ms: u64, scene: &Scene) -> Line {
    match scene {
        Scene::Step(text) => Line::Step(TraceStep {
            elapsed_ms,
            text: Pii::new(text.clone()),
        }),
        Scene::Message {
            leg,
            direction,
            peer,
            message,
        } => {
            let message = masked(message);
            Line::Message(LadderEntry {
                elapsed_ms,
                leg: Some(leg.0),
                direction: *direction,
                peer: Pii::new(peer.to_string()),
                summary: summary(&message),
                message: Pii::new(message),
            })
        }
    }
}

/// `INVITE` of a request, `180 Ringing` of a response.
fn summary(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    match first.strip_prefix("SIP/2.0 ") {
        Some(status) => status.to_owned(),
        None => first.split(' ').next().unwrap_or_default().to_owned(),
    }
}
