//! Anything in any order: a session never panics, ends exactly once, and leaves nothing behind.

use std::time::Duration;

use wigwag_sansio::Entropy;

use super::bench::{Bench, Make, PEER, invite, sdp, status};
use crate::{
    session::{Command, Input, OfferBy, ReferralId},
    transaction::Failure,
    wire::{Method, StatusCode},
};

const CODES: [u16; 18] = [
    100, 180, 183, 199, 200, 200, 200, 202, 302, 401, 405, 408, 422, 481, 487, 491, 500, 603,
];
const BODIES: [&str; 3] = ["", "one", "two"];
const TAGS: [&str; 3] = [PEER, PEER, "other"];

fn pick<T: Clone>(entropy: &mut Entropy, choices: &[T]) -> T {
    choices[entropy.below(u32::try_from(choices.len()).unwrap()) as usize].clone()
}

fn command(bench: &mut Bench, entropy: &mut Entropy) {
    let body = pick(entropy, &BODIES);
    let code = pick(entropy, &CODES);
    let headers = Vec::new();
    bench.command(match entropy.below(13) {
        0 => Command::Progress {
            status: status(code),
            sdp: Some(sdp(body)),
            headers,
        },
        1 | 2 => Command::Accept {
            sdp: sdp(body),
            headers,
        },
        3 if entropy.below(4) == 0 => Command::Reject {
            status: status(code),
            headers,
        },
        4 | 5 => Command::Offer {
            sdp: (!body.is_empty()).then(|| sdp(body)),
            by: pick(entropy, &[OfferBy::Invite, OfferBy::Update]),
        },
        6 | 7 => Command::AnswerOffer { sdp: sdp(body) },
        8 => Command::RefuseOffer { status: status(code) },
        11 => referral(entropy, status(code)),
        9 => Command::Respond {
            key: Bench::key(u64::from(entropy.below(9))),
            status: status(code),
            headers,
            content: None,
        },
        10 if entropy.below(6) == 0 => Command::End {
            status: Some(status(code)),
            reasons: Vec::new(),
        },
        _ => Command::Send {
            tag: 1,
            method: pick(entropy, &[Method::Info, Method::Bye, Method::Options]),
            headers,
            content: None,
        },
    });
}

fn referral(entropy: &mut Entropy, status: StatusCode) -> Command {
    let id = ReferralId(entropy.below(30));
    match entropy.below(4) {
        0 => Command::RefuseReferral { id, status },
        1 => Command::AcceptReferral { id },
        _ => Command::TellReferral { id, status },
    }
}

fn anything(bench: &mut Bench, entropy: &mut Entropy) {
    let (body, tag, code) = (pick(entropy, &BODIES), pick(entropy, &TAGS), pick(entropy, &CODES));
    let timer = [
        ("Supported", "timer"),
        ("Session-Expires", "90;refresher=uas"),
        ("Min-SE", "100"),
    ];
    let rseq = entropy.below(3).to_string();
    let reliable = [("Require", "100rel"), ("RSeq", rseq.as_str())];
    let referral = [("Refer-To", "<sip:carol@chicago.example>"), ("Event", "refer")];
    let headers = match entropy.below(8) {
        6 | 7 => &referral[..],
        4 | 5 => &reliable[..],
        some => &timer[..some as usize],
    };
    match entropy.below(20) {
        0..=5 => command(bench, entropy),
        6..=10 if bench.requests_sent() > 0 => {
            let nth = entropy.below(u32::try_from(bench.requests_sent()).unwrap()) as usize;
            bench.answers_nth(nth, code, tag, headers, body);
        }
        11 if bench.requests_sent() > 0 => bench.fails(pick(entropy, &[Failure::Timeout, Failure::Transport])),
        12..=14 => {
            let methods = [
                Method::Invite,
                Method::Invite,
                Method::Update,
                Method::Update,
                Method::Info,
                Method::Refer,
                Method::Refer,
                Method::Subscribe,
                Method::Options,
                Method::Prack,
            ];
            bench.requests(pick(entropy, &methods), headers, body);
        }
        15 if entropy.below(8) == 0 => bench.requests(Method::Bye, &[], ""),
        16 => bench.cancels(u64::from(entropy.below(9)), &[]),
        17 => bench.acks_with(body),
        18 => bench.confirms(body),
        _ => bench.wait(Duration::from_millis(u64::from(entropy.below(40_000)))),
    }
}

#[test]
fn whatever_happens_a_session_ends_once_and_is_over_in_the_end() {
    for seed in 0..500 {
        let mut entropy = Entropy::from_number(seed);
        let mut bench = match seed % 5 {
            0 => Make::default().caller(),
            1 => Make {
                offerless: true,
                password: Some("secret"),
                ..Make::default()
            }
            .caller(),
            2 => {
                let invite = invite(&[("Require", "100rel")]);
                let body = pick(&mut entropy, &["offer", ""]);
                let invite = if body.is_empty() {
                    invite
                } else {
                    invite.body("application/sdp", body)
                };
                Make::default().callee(invite).unwrap().0
            }
            3 => Make::default().callee(invite(&[])).unwrap().0,
            _ => Bench::answered(),
        };
        for _ in 0..60 {
            anything(&mut bench, &mut entropy);
        }
        bench.put(Input::Command(Command::End {
            status: None,
            reasons: Vec::new(),
        }));
        for _ in 0..3 {
            bench.wait(Duration::from_secs(100));
            bench.fail_all();
        }
        let ladder = bench.ladder();
        let mut events = ladder.lines().filter(|line| line.starts_with('*'));
        assert!(bench.is_over(), "seed {seed}:\n{ladder}");
        assert!(bench.sleeps(), "seed {seed}:\n{ladder}");
        let last = events.by_ref().position(|line| line.starts_with("* Ended"));
        assert!(last.is_some() && events.next().is_none(), "seed {seed}:\n{ladder}");
    }
}
