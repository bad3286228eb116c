//! The timer table of the transactions (RFC 3261 §17, table 4; RFC 6026 §8.4).
//!
//! | timer | meaning                                 | unreliable          | reliable |
//! |-------|-----------------------------------------|---------------------|----------|
//! | A     | INVITE again                            | T1, doubling        | –        |
//! | B     | INVITE gets no response                 | 64·T1               | 64·T1    |
//! | D     | final responses to INVITE come again    | 64·T1 (32 s)        | 0        |
//! | E     | other request again                     | T1, doubling to T2  | –        |
//! | F     | other request gets no final response    | 64·T1               | 64·T1    |
//! | G     | final response to INVITE again          | T1, doubling to T2  | –        |
//! | H     | final response to INVITE gets no ACK    | 64·T1               | 64·T1    |
//! | I     | ACKs come again                         | T4                  | 0        |
//! | J     | other requests come again               | 64·T1               | 0        |
//! | K     | final responses to others come again    | T4                  | 0        |
//! | L     | INVITEs come again after a 2xx          | 64·T1               | 64·T1    |
//! | M     | 2xx come again, or from another branch  | 64·T1               | 64·T1    |

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

/// Whether the transport retransmits by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reliability {
    /// TCP, TLS, WebSocket.
    Reliable,
    /// UDP.
    Unreliable,
}

/// The three times from which all timers derive, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timers {
    /// Estimate of a round trip.
    pub t1_ms: u32,
    /// Longest pause between retransmissions of a request other than INVITE and of a response to INVITE.
    pub t2_ms: u32,
    /// Longest time that a message stays in the network.
    pub t4_ms: u32,
}

impl Timers {
    /// The values of RFC 3261.
    pub const RFC_3261: Timers = Timers {
        t1_ms: 500,
        t2_ms: 4_000,
        t4_ms: 5_000,
    };

    /// 64·T1: timers B, F, H, L and M, and how long a cancelled INVITE waits for its end (RFC 3261 §9.1).
    pub const fn give_up(self) -> Duration {
        Duration::from_millis(64 * self.t1_ms as u64)
    }

    /// How long a client transaction of an INVITE absorbs final responses that come again: timer D.
    pub const fn timer_d(self, reliability: Reliability) -> Duration {
        self.linger(reliability, self.give_up())
    }

    /// How long a server transaction of an INVITE absorbs ACKs that come again: timer I.
    pub const fn timer_i(self, reliability: Reliability) -> Duration {
        self.linger(reliability, Duration::from_millis(self.t4_ms as u64))
    }

    /// How long a server transaction answers requests that come again: timer J.
    pub const fn timer_j(self, reliability: Reliability) -> Duration {
        self.linger(reliability, self.give_up())
    }

    /// How long a client transaction absorbs responses that come again: timer K.
    pub const fn timer_k(self, reliability: Reliability) -> Duration {
        self.timer_i(reliability)
    }

    const fn linger(self, reliability: Reliability, unreliable: Duration) -> Duration {
        match reliability {
            Reliability::Reliable => Duration::ZERO,
            Reliability::Unreliable => unreliable,
        }
    }
}

impl Default for Timers {
    fn default() -> Self {
        Timers::RFC_3261
    }
}

/// When a message is sent again, with pauses that double: timers A, E and G.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Retransmission {
    pub(super) due: Tick,
    pause_ms: u32,
}

impl Retransmission {
    /// The first one after T1; none where the transport does it.
    pub(super) fn start(timers: Timers, reliability: Reliability, now: Tick) -> Option<Self> {
        match reliability {
            Reliability::Reliable => None,
            Reliability::Unreliable => Some(Retransmission {
                due: now + Duration::from_millis(u64::from(timers.t1_ms)),
                pause_ms: timers.t1_ms,
            }),
        }
    }

    /// The next one after twice the last pause, at most `longest_ms`.
    pub(super) fn next(self, longest_ms: u32, now: Tick) -> Self {
        self.next_after(self.pause_ms.saturating_mul(2).min(longest_ms), now)
    }

    /// The next one after `pause_ms`.
    pub(super) fn next_after(self, pause_ms: u32, now: Tick) -> Self {
        Retransmission {
            due: now + Duration::from_millis(u64::from(pause_ms)),
            pause_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reliable_transport_neither_repeats_nor_lingers() {
        let timers = Timers::RFC_3261;
        assert_eq!(Retransmission::start(timers, Reliability::Reliable, Tick::ZERO), None);
        for timer in [Timers::timer_d, Timers::timer_i, Timers::timer_j, Timers::timer_k] {
            assert_eq!(timer(timers, Reliability::Reliable), Duration::ZERO);
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut retransmission =
            Retransmission::start(Timers::RFC_3261, Reliability::Unreliable, Tick::ZERO).expect("UDP repeats");
        let mut pauses = Vec::new();
        for _ in 0..5 {
            pauses.push(retransmission.pause_ms);
            retransmission = retransmission.next(4_000, retransmission.due);
        }
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 4_000]);
        assert_eq!(retransmission.due, Tick::from_micros(15_500_000));
    }
}
