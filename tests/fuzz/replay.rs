//! Goes through all inputs that were kept, and through neighbours of each: bounded, and the same with every run.

use std::{fs, path::PathBuf};

use fuzz::{TARGETS, Target};
use wigwag_sansio::Entropy;

/// Neighbours of each input.
const NEIGHBOURS: u64 = 300;

#[test]
fn messages() {
    replay("message");
}

#[test]
fn streams() {
    replay("stream");
}

#[test]
fn uris() {
    replay("uri");
}

#[test]
fn headers() {
    replay("header");
}

#[test]
fn descriptions() {
    replay("description");
}

#[test]
fn credentials() {
    replay("credentials");
}

#[test]
fn gruus() {
    replay("gruu");
}

#[test]
fn journals() {
    replay("journal");
}

#[test]
fn packets_of_sound() {
    replay("rtp");
}

#[test]
fn reports_of_sound() {
    replay("rtcp");
}

#[test]
fn sealed_sound() {
    replay("srtp");
}

#[test]
fn pressed_keys() {
    replay("keys");
}

#[test]
fn sound_files() {
    replay("wav");
}

#[test]
fn calls() {
    replay("call");
    let target = target("call");
    for seed in 0..3_000 {
        let mut entropy = Entropy::from_number(seed);
        let mut events = vec![0; 4 + entropy.below(200) as usize];
        entropy.fill(&mut events);
        run(target, &events);
    }
}

#[test]
fn every_target_has_inputs() {
    for target in TARGETS {
        assert!(!inputs(target.name).is_empty(), "corpus/{} is empty", target.name);
    }
}

fn replay(name: &str) {
    let target = target(name);
    let inputs = inputs(name);
    for (number, input) in inputs.iter().enumerate() {
        run(target, input);
        for seed in 0..NEIGHBOURS {
            let mut entropy = Entropy::from_number(seed << 16 | number as u64);
            let other = &inputs[entropy.below(inputs.len() as u32) as usize];
            run(target, &neighbour(input, other, &mut entropy));
        }
    }
}

/// An input that makes the product panic is printed, so that it can be kept.
fn run(target: Target, input: &[u8]) {
    let text = input.escape_ascii().to_string();
    if std::panic::catch_unwind(|| (target.run)(input)).is_err() {
        panic!("{} fails for b\"{text}\"", target.name);
    }
}

fn neighbour(input: &[u8], other: &[u8], entropy: &mut Entropy) -> Vec<u8> {
    let mut changed = input.to_vec();
    for _ in 0..=entropy.below(4) {
        let at = |entropy: &mut Entropy, length: usize| entropy.below(length.max(1) as u32) as usize;
        let here = at(entropy, changed.len());
        match entropy.below(6) {
            _ if changed.is_empty() => changed.extend_from_slice(other),
            0 => changed[here] = entropy.below(256) as u8,
            1 => changed[here] ^= 1 << entropy.below(8),
            2 => {
                let end = (here + at(entropy, 16) + 1).min(changed.len());
                changed.drain(here..end);
            }
            3 => {
                let end = (here + at(entropy, 64)).min(changed.len());
                let copy = changed[here..end].to_vec();
                let there = at(entropy, changed.len());
                changed.splice(there..there, copy);
            }
            4 => {
                let nasty = [
                    &b"\0"[..],
                    b"\"",
                    b"<",
                    b"\\",
                    b"%",
                    b"\r\n ",
                    b";",
                    b",",
                    b"\xff",
                    b"-1",
                    b"99999999999",
                ];
                let insert = nasty[at(entropy, nasty.len())];
                changed.splice(here..here, insert.iter().copied());
            }
            _ => {
                let from = at(entropy, other.len());
                changed.truncate(here);
                changed.extend_from_slice(&other[from..]);
            }
        }
    }
    changed
}

fn target(name: &str) -> Target {
    let found = TARGETS.into_iter().find(|target| target.name == name);
    found.expect("there is such a target")
}

fn inputs(name: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(folder).expect("each target has a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    if matches!(name, "message" | "stream") {
        let torture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../conformance/rfc4475");
        let entries = fs::read_dir(torture).expect("the torture messages lie there");
        let messages = entries.map(|entry| entry.expect("a readable folder").path());
        paths.extend(messages.filter(|path| path.extension().is_some_and(|kind| kind == "dat")));
    }
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read(path).expect("a readable file"))
        .collect()
}
