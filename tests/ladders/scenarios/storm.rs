//! Any calls in any weather: nobody is lost, nothing is left.

use wigwag_model::HangupCause;
use wigwag_sansio::{Entropy, testing::Weather};
use wigwag_sip::{
    sdp::Direction,
    session::OfferBy,
    wire::{Method, StatusCode},
};

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 5] = [
    ("ann", "201"),
    ("bob", "202"),
    ("desk", "202"),
    ("cy", "203"),
    ("dee", "204"),
];
const NUMBERS: [&str; 6] = ["201", "202", "203", "204", "*52", "299"];
const TLS: [&str; 2] = ["desk", "dee"];
const STEPS: u32 = 40;
/// Runs of each test; many more were run when it was written.
const RUNS: u64 = 40;

/// Phones do whatever comes to their minds; says how many of their calls were answered.
fn any_calls(weather: Weather, seed: u64) -> usize {
    let mut world = World::in_weather(&PHONES, &TLS, weather, seed);
    let mut entropy = Entropy::from_number(seed);
    let mut attempts = 0;
    for _ in 0..STEPS {
        let (name, _) = PHONES[entropy.below(5) as usize];
        match entropy.below(17) {
            0..=2 => {
                let number = NUMBERS[entropy.below(6) as usize];
                world.at(name, |phone, now| phone.call(number, now));
                attempts += 1;
            }
            3 | 4 => PHONES
                .iter()
                .for_each(|(name, _)| world.at(name, |phone, now| phone.try_ring(now))),
            5 | 6 => world.at(name, |phone, now| phone.try_accept(now)),
            7 => world.at(name, |phone, now| phone.reject(StatusCode::BUSY_HERE, now)),
            8 => world.at(name, Phone::hang_up),
            9 => {
                let direction =
                    [Direction::SendRecv, Direction::SendOnly, Direction::Inactive][entropy.below(3) as usize];
                world.at(name, |phone, now| phone.turn(direction, now));
            }
            10 => world.at(name, |phone, now| phone.propose(OfferBy::Update, now)),
            11 => world.at(name, Phone::ask_for_offer),
            12 => world.at(name, |phone, now| phone.send(Method::Options, Vec::new(), now)),
            13 => world.at(name, |phone, now| phone.press('7', now)),
            14 => {
                let name = TLS[entropy.below(2) as usize];
                world.disconnect(name);
                world.at(name, Phone::register);
            }
            15 => {
                world.kill(name);
                world.run_ms(u64::from(entropy.below(20_000)));
                world.revive(name);
            }
            _ => world.at(name, Phone::register),
        }
        world.run_ms(u64::from(entropy.below(1500)));
    }
    PHONES.iter().for_each(|(name, _)| world.at(name, Phone::end_all));
    world.run_ms(300_000);
    let records = world.records();
    assert!(records.len() <= attempts, "no call is recorded twice");
    for record in records {
        let talked = record.answered_at.is_some();
        assert!(talked || record.talk_ms == 0);
        assert_ne!(record.cause, HangupCause::ServerRestarted);
    }
    if weather.loss_permille == 0 {
        assert_eq!(records.len(), attempts, "every call has its record");
    }
    records.iter().filter(|record| record.answered_at.is_some()).count()
}

#[test]
fn no_call_is_lost_in_fine_weather() {
    let answered: usize = (0..RUNS).map(|seed| any_calls(Weather::FINE, seed)).sum();
    assert!(answered > RUNS as usize, "calls are answered at all: {answered}");
}

#[test]
fn no_call_is_lost_in_a_storm() {
    let answered: usize = (0..RUNS).map(|seed| any_calls(Weather::STORM, 1000 + seed)).sum();
    assert!(answered > RUNS as usize, "calls are answered at all: {answered}");
}
