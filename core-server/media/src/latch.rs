//! Symmetric RTP with strict latching: whom a leg listens to (RFC 7362 §4, attack case "RTP bleed").
//!
//! | state       | trusted address speaks | other address speaks               | window ends       |
//! |-------------|------------------------|------------------------------------|-------------------|
//! | Unsignalled | drop                   | drop                               | –                 |
//! | Open        | → Locked               | in the window → Provisional        | only trusted left |
//! | Provisional | in the window → Locked | the one that spoke first, else drop | only that one left |
//! | Locked      | pass                   | drop                               | –                 |
//!
//! Each offer/answer opens a window. Trusted is the signalled address, and while that stays the same also the address
//! that was proven before. The address from before a move is never latched on again.

use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

/// The latch of one leg.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Latch {
    state: State,
    signalled: Option<SocketAddr>,
    proven: Option<Proven>,
    stream: Option<Stream>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    #[default]
    Unsignalled,
    Open {
        trusted: SocketAddr,
        moved_from: Option<SocketAddr>,
        until: Tick,
    },
    Provisional {
        trusted: SocketAddr,
        remote: SocketAddr,
        until: Tick,
    },
    Locked {
        remote: SocketAddr,
    },
}

/// An address that a valid packet came from, and the signalled address of that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Proven {
    signalled: SocketAddr,
    remote: SocketAddr,
}

/// The synchronisation source that is listened to, and one that may follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stream {
    ssrc: u32,
    successor: Option<Successor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Successor {
    ssrc: u32,
    next_sequence: u16,
    packets: u8,
    since: Tick,
}

/// What a packet that passed did to the latch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// It came from where we listened already.
    Known,
    /// From here on this address is listened to.
    Latched(SocketAddr),
}

/// A packet of another synchronisation source than the one that speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownSsrc;

/// A new source from the latched address takes over after so many packets in a row …
const SUCCESSOR_PACKETS: u8 = 3;
/// … over at least this time, in which the old one says nothing: nobody cuts in on a stream that flows.
const SUCCESSOR_PATIENCE: Duration = Duration::from_millis(100);

impl Latch {
    /// Opens the window that follows an offer/answer.
    pub(crate) fn open(&mut self, signalled: Option<SocketAddr>, window: Duration, now: Tick) {
        self.signalled = signalled;
        self.stream = None;
        self.state = match (signalled, self.proven) {
            (None, _) => State::Unsignalled,
            (Some(signalled), Some(proven)) => {
                let unmoved = proven.signalled == signalled;
                State::Open {
                    trusted: if unmoved { proven.remote } else { signalled },
                    moved_from: (!unmoved).then_some(proven.remote),
                    until: now + window,
                }
            }
            (Some(signalled), None) => State::Open {
                trusted: signalled,
                moved_from: None,
                until: now + window,
            },
        };
    }

    /// Whether packets from `source` deserve a closer look; cheap, before any decryption.
    pub(crate) fn may_pass(&self, source: SocketAddr, now: Tick) -> bool {
        match self.state {
            State::Unsignalled => false,
            State::Open {
                trusted,
                moved_from,
                until,
            } => {
                let in_time = now <= until && source.is_ipv4() == trusted.is_ipv4() && moved_from != Some(source);
                source == trusted || Some(source) == self.signalled || in_time
            }
            State::Provisional { trusted, remote, until } => {
                source == remote || (now <= until && (source == trusted || Some(source) == self.signalled))
            }
            State::Locked { remote } => source == remote,
        }
    }

    /// Takes a packet that is valid (and authentic, where that can be told) from a `source` that [may pass](Self::may_pass).
    pub(crate) fn pass(
        &mut self,
        source: SocketAddr,
        ssrc: u32,
        sequence: u16,
        now: Tick,
    ) -> Result<Passed, UnknownSsrc> {
        let before = match self.state {
            State::Provisional { remote, .. } => Some(remote),
            State::Unsignalled | State::Open { .. } | State::Locked { .. } => self.proven(),
        };
        match self.state {
            State::Locked { .. } | State::Unsignalled => {
                return self.follow(ssrc, sequence, now).map(|()| Passed::Known);
            }
            State::Open { trusted, until, .. } => {
                let trusts = source == trusted || Some(source) == self.signalled;
                if trusts {
                    self.lock(source);
                } else {
                    self.state = State::Provisional {
                        trusted,
                        remote: source,
                        until,
                    };
                }
            }
            State::Provisional { remote, until, .. } if source == remote => {
                self.follow(ssrc, sequence, now)?;
                if now > until {
                    self.lock(remote);
                }
                return Ok(Passed::Known);
            }
            State::Provisional { .. } => self.lock(source),
        }
        self.stream = Some(Stream { ssrc, successor: None });
        Ok(if before == Some(source) {
            Passed::Known
        } else {
            Passed::Latched(source)
        })
    }

    /// Listens to `remote` alone. Only now is it proven: who spoke first in a window may have been an injector, and must
    /// not be trusted in the next.
    fn lock(&mut self, remote: SocketAddr) {
        self.state = State::Locked { remote };
        self.proven = self.signalled.map(|signalled| Proven { signalled, remote });
    }

    /// Where packets for the peer go.
    pub(crate) fn destination(&self) -> Option<SocketAddr> {
        match self.state {
            State::Unsignalled => None,
            State::Open { trusted, .. } => Some(trusted),
            State::Provisional { remote, .. } | State::Locked { remote } => Some(remote),
        }
    }

    /// The address that a packet has proven.
    pub(crate) fn proven(&self) -> Option<SocketAddr> {
        self.proven.map(|proven| proven.remote)
    }

    fn follow(&mut self, ssrc: u32, sequence: u16, now: Tick) -> Result<(), UnknownSsrc> {
        let stream = self.stream.get_or_insert(Stream { ssrc, successor: None });
        if stream.ssrc == ssrc {
            stream.successor = None;
            return Ok(());
        }
        let successor = match stream.successor {
            Some(known) if known.ssrc == ssrc && known.next_sequence == sequence => Successor {
                next_sequence: sequence.wrapping_add(1),
                packets: known.packets.saturating_add(1),
                ..known
            },
            Some(_) | None => Successor {
                ssrc,
                next_sequence: sequence.wrapping_add(1),
                packets: 1,
                since: now,
            },
        };
        if successor.packets >= SUCCESSOR_PACKETS && now.since(successor.since) >= SUCCESSOR_PATIENCE {
            *stream = Stream { ssrc, successor: None };
            return Ok(());
        }
        stream.successor = Some(successor);
        Err(UnknownSsrc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(10);
    const SIGNALLED: &str = "10.0.0.2:4000";
    const NAT: &str = "198.51.100.7:30000";
    const THIRD: &str = "203.0.113.9:6000";

    fn at(address: &str) -> SocketAddr {
        address.parse().expect("an address")
    }

    fn seconds(seconds: u64) -> Tick {
        Tick::from_micros(seconds * 1_000_000)
    }

    fn open() -> Latch {
        let mut latch = Latch::default();
        latch.open(Some(at(SIGNALLED)), WINDOW, Tick::ZERO);
        latch
    }

    /// Offers a packet as the leg does; `None` is dropped.
    fn hear(latch: &mut Latch, source: &str, ssrc: u32, sequence: u16, now: Tick) -> Option<Passed> {
        latch.may_pass(at(source), now).then_some(())?;
        latch.pass(at(source), ssrc, sequence, now).ok()
    }

    #[test]
    fn nothing_passes_before_an_address_is_signalled() {
        assert_eq!(hear(&mut Latch::default(), THIRD, 1, 1, Tick::ZERO), None);
        assert_eq!(Latch::default().destination(), None);
    }

    #[test]
    fn the_signalled_address_locks_at_once() {
        let mut latch = open();
        assert_eq!(latch.destination(), Some(at(SIGNALLED)));
        assert_eq!(
            hear(&mut latch, SIGNALLED, 1, 1, seconds(1)),
            Some(Passed::Latched(at(SIGNALLED)))
        );
        assert_eq!(hear(&mut latch, THIRD, 1, 2, seconds(1)), None);
        assert_eq!(hear(&mut latch, SIGNALLED, 1, 2, seconds(1)), Some(Passed::Known));
    }

    #[test]
    fn a_phone_behind_nat_latches_within_the_window_and_third_addresses_do_not() {
        let mut latch = open();
        assert_eq!(hear(&mut latch, NAT, 1, 1, seconds(9)), Some(Passed::Latched(at(NAT))));
        assert_eq!(hear(&mut latch, THIRD, 1, 2, seconds(9)), None);
        assert_eq!(latch.destination(), Some(at(NAT)));
        assert_eq!(hear(&mut latch, NAT, 1, 2, seconds(11)), Some(Passed::Known));
        assert_eq!(hear(&mut latch, SIGNALLED, 2, 1, seconds(11)), None);
    }

    #[test]
    fn the_window_closes() {
        let mut latch = open();
        assert_eq!(hear(&mut latch, NAT, 1, 1, seconds(11)), None);
        assert_eq!(
            hear(&mut latch, SIGNALLED, 1, 1, seconds(30)),
            Some(Passed::Latched(at(SIGNALLED)))
        );
    }

    #[test]
    fn an_injector_who_speaks_while_a_phone_on_hold_is_silent_is_not_trusted_after_it() {
        let mut latch = open();
        hear(&mut latch, SIGNALLED, 1, 1, seconds(1));
        latch.open(Some(at(SIGNALLED)), WINDOW, seconds(2));
        assert_eq!(
            hear(&mut latch, THIRD, 66, 1, seconds(3)),
            Some(Passed::Latched(at(THIRD)))
        );
        latch.open(Some(at(SIGNALLED)), WINDOW, seconds(4));
        hear(&mut latch, THIRD, 66, 2, seconds(5));
        assert_eq!(
            hear(&mut latch, SIGNALLED, 1, 2, seconds(6)),
            Some(Passed::Latched(at(SIGNALLED)))
        );
        assert_eq!(hear(&mut latch, THIRD, 66, 3, seconds(6)), None);
    }

    #[test]
    fn an_injector_that_was_first_loses_to_the_signalled_address() {
        let mut latch = open();
        assert_eq!(
            hear(&mut latch, THIRD, 66, 1, seconds(1)),
            Some(Passed::Latched(at(THIRD)))
        );
        assert_eq!(
            hear(&mut latch, SIGNALLED, 1, 1, seconds(1)),
            Some(Passed::Latched(at(SIGNALLED)))
        );
        assert_eq!(hear(&mut latch, THIRD, 66, 2, seconds(1)), None);
        assert_eq!(latch.destination(), Some(at(SIGNALLED)));
    }

    #[test]
    fn after_a_hold_the_proven_address_is_trusted_like_before() {
        let mut latch = open();
        hear(&mut latch, NAT, 1, 1, seconds(1));
        hear(&mut latch, NAT, 1, 2, seconds(11));
        latch.open(None, WINDOW, seconds(20));
        assert_eq!(
            (latch.destination(), hear(&mut latch, NAT, 1, 2, seconds(21))),
            (None, None)
        );
        latch.open(Some(at(SIGNALLED)), WINDOW, seconds(40));
        assert_eq!(latch.destination(), Some(at(NAT)));
        hear(&mut latch, THIRD, 66, 1, seconds(41));
        assert_eq!(hear(&mut latch, NAT, 1, 3, seconds(41)), Some(Passed::Latched(at(NAT))));
        assert_eq!(hear(&mut latch, THIRD, 66, 2, seconds(41)), None);
    }

    #[test]
    fn the_address_before_a_move_is_not_latched_again() {
        let mut latch = open();
        hear(&mut latch, SIGNALLED, 1, 1, seconds(1));
        latch.open(Some(at("10.0.0.3:5000")), WINDOW, seconds(2));
        assert_eq!(hear(&mut latch, SIGNALLED, 1, 2, seconds(2)), None);
        assert_eq!(hear(&mut latch, NAT, 2, 1, seconds(3)), Some(Passed::Latched(at(NAT))));
    }

    #[test]
    fn the_other_address_family_never_latches() {
        assert_eq!(hear(&mut open(), "[2001:db8::1]:4000", 1, 1, seconds(1)), None);
    }

    #[test]
    fn a_new_source_takes_over_only_from_one_that_fell_silent() {
        let mut latch = open();
        let at_ms = |ms: u64| Tick::from_micros(ms * 1000);
        hear(&mut latch, SIGNALLED, 1, 1, at_ms(0));
        for n in 0..50u16 {
            let now = u64::from(n) * 20;
            assert!(hear(&mut latch, SIGNALLED, 1, 2 + n, at_ms(now)).is_some());
            for burst in 0..5 {
                assert_eq!(hear(&mut latch, SIGNALLED, 66, n * 5 + burst, at_ms(now + 1)), None);
            }
        }
        let passed = |n: u16| 2000 + u64::from(n) * 20;
        let heard: Vec<_> = (0..8)
            .map(|n| hear(&mut latch, SIGNALLED, 2, n, at_ms(passed(n))).is_some())
            .collect();
        assert_eq!(heard, [false, false, false, false, false, true, true, true]);
        assert_eq!(hear(&mut latch, SIGNALLED, 1, 60, at_ms(2200)), None);
    }
}
