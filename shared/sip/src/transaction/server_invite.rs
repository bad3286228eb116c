//! INVITE server transaction (RFC 3261 §17.2.1, figure 7, with state Accepted of RFC 6026 §7.1).
//!
//! | state      | INVITE again | 1xx  | 2xx             | 300–699          | ACK         | timer G      | timers H, I, L |
//! |------------|--------------|------|-----------------|------------------|-------------|--------------|----------------|
//! | Proceeding | send last    | send | send → Accepted | send → Completed | drop        | –            | –              |
//! | Completed  | send last    | drop | drop            | drop             | → Confirmed | send, double | H → Terminated |
//! | Confirmed  | drop         | drop | drop            | drop             | drop        | –            | I → Terminated |
//! | Accepted   | drop         | drop | send            | drop             | pass on     | –            | L → Terminated |
//!
//! 100 Trying leaves at once instead of after 200 ms, because the plan of a call can take longer than that.
//! When timer H fires nobody is told: a refused caller that does not acknowledge is gone.

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Machine, Now, Tick};

use super::{Packet, Reliability, Timers, outbox::Outbox, timers::Retransmission};
use crate::wire::{Request, Response};

/// One INVITE that we have accepted.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServerInvite {
    state: State,
    timers: Timers,
    reliability: Reliability,
    outputs: Outbox<Output>,
}

/// What can happen to it.
#[derive(Clone, Debug)]
pub enum Input {
    /// The INVITE was received again.
    RequestAgain,
    /// The user answers.
    Respond(Response),
    /// An ACK with the INVITE's branch was received.
    Ack(Request),
}

/// What it wants done.
#[derive(Debug, Serialize, Deserialize)]
pub enum Output {
    /// Send to where the INVITE came from.
    Send(Packet),
    /// Tell the user, whose 2xx is acknowledged.
    Ack(Request),
    /// Forget the transaction.
    Terminated,
}

#[derive(Debug, Serialize, Deserialize)]
enum State {
    Proceeding {
        last: Response,
    },
    Completed {
        last: Packet,
        timer_g: Option<Retransmission>,
        timer_h: Tick,
    },
    Confirmed {
        timer_i: Tick,
    },
    Accepted {
        timer_l: Tick,
    },
    Terminated,
}

impl ServerInvite {
    /// The transaction of an INVITE, which starts by sending `trying`.
    pub fn new(trying: Response, timers: Timers, reliability: Reliability) -> Self {
        let mut outputs = Outbox::new();
        outputs.push(Output::Send(Packet::from(&trying)));
        ServerInvite {
            state: State::Proceeding { last: trying },
            timers,
            reliability,
            outputs,
        }
    }

    /// The last provisional response, as long as there is no final one.
    pub fn provisional(&self) -> Option<&Response> {
        match &self.state {
            State::Proceeding { last } => Some(last),
            State::Completed { .. } | State::Confirmed { .. } | State::Accepted { .. } | State::Terminated => None,
        }
    }

    fn respond(&mut self, response: Response, now: Now) {
        let packet = Packet::from(&response);
        self.outputs.push(Output::Send(packet.clone()));
        if response.status().is_provisional() {
            self.state = State::Proceeding { last: response };
        } else if response.status().is_success() {
            let timer_l = now.tick + self.timers.give_up();
            self.state = State::Accepted { timer_l };
        } else {
            self.state = State::Completed {
                last: packet,
                timer_g: Retransmission::start(self.timers, self.reliability, now.tick),
                timer_h: now.tick + self.timers.give_up(),
            };
        }
    }

    fn confirm(&mut self, now: Now) {
        match self.reliability {
            Reliability::Reliable => self.terminate(),
            Reliability::Unreliable => {
                let timer_i = now.tick + self.timers.timer_i(self.reliability);
                self.state = State::Confirmed { timer_i };
            }
        }
    }

    fn terminate(&mut self) {
        self.state = State::Terminated;
        self.outputs.push(Output::Terminated);
    }
}

impl Machine for ServerInvite {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match (&self.state, input) {
            (State::Proceeding { last }, Input::RequestAgain) => self.outputs.push(Output::Send(Packet::from(last))),
            (State::Proceeding { .. }, Input::Respond(response)) => self.respond(response, now),
            (State::Completed { last, .. }, Input::RequestAgain) => self.outputs.push(Output::Send(last.clone())),
            (State::Completed { .. }, Input::Ack(_)) => self.confirm(now),
            (State::Accepted { .. }, Input::Respond(response)) if response.status().is_success() => {
                self.outputs.push(Output::Send(Packet::from(&response)));
            }
            (State::Accepted { .. }, Input::Ack(ack)) => self.outputs.push(Output::Ack(ack)),
            (State::Proceeding { .. }, Input::Ack(_))
            | (State::Completed { .. }, Input::Respond(_))
            | (State::Accepted { .. }, Input::RequestAgain | Input::Respond(_))
            | (State::Confirmed { .. } | State::Terminated, Input::RequestAgain | Input::Respond(_) | Input::Ack(_)) => {
            }
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        if self.deadline().is_none_or(|deadline| now.tick < deadline) {
            return;
        }
        match &mut self.state {
            State::Completed {
                last,
                timer_g: Some(timer_g),
                timer_h,
            } if now.tick < *timer_h => {
                self.outputs.push(Output::Send(last.clone()));
                *timer_g = timer_g.next(self.timers.t2_ms, now.tick);
            }
            State::Completed { .. } | State::Confirmed { .. } | State::Accepted { .. } => self.terminate(),
            State::Proceeding { .. } | State::Terminated => {}
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop()
    }

    fn deadline(&self) -> Option<Tick> {
        match &self.state {
            State::Proceeding { .. } | State::Terminated => None,
            State::Completed { timer_g, timer_h, .. } => Some(timer_g.map_or(*timer_h, |g| g.due.min(*timer_h))),
            State::Confirmed { timer_i } => Some(*timer_i),
            State::Accepted { timer_l } => Some(*timer_l),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        transaction::fixture::{Bench, VIA, request, response},
        wire::Method,
    };

    fn bench(reliability: Reliability) -> Bench<ServerInvite> {
        let trying = response(&request(Method::Invite, VIA), 100);
        Bench::new(|_| ServerInvite::new(trying, Timers::RFC_3261, reliability))
    }

    fn respond(code: u16) -> Input {
        Input::Respond(response(&request(Method::Invite, VIA), code))
    }

    fn ack() -> Input {
        Input::Ack(request(Method::Ack, VIA))
    }

    #[test]
    fn trying_leaves_at_once() {
        let trying = response(&request(Method::Invite, VIA), 100);
        let mut transaction = ServerInvite::new(trying.clone(), Timers::RFC_3261, Reliability::Unreliable);
        assert!(matches!(transaction.poll(), Some(Output::Send(packet)) if packet.bytes() == trying.bytes()));
        assert!(transaction.poll().is_none());
    }

    #[test]
    fn proceeding_repeats_the_last_provisional_response_and_has_no_timer() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(Input::RequestAgain), "Send");
        assert_eq!(transaction.put(respond(180)), "Send");
        assert_eq!(transaction.put(Input::RequestAgain), "Send");
        assert_eq!(transaction.put(ack()), "");
        assert!(transaction.sleeps());
    }

    #[test]
    fn timer_g_repeats_a_refusal_until_timer_h() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(respond(486)), "Send");
        assert_eq!(transaction.put(respond(200)), "");
        let happened = transaction.run_until(40_000);
        assert_eq!(
            happened,
            [
                "500: Send",
                "1500: Send",
                "3500: Send",
                "7500: Send",
                "11500: Send",
                "15500: Send",
                "19500: Send",
                "23500: Send",
                "27500: Send",
                "31500: Send",
                "32000: Terminated"
            ]
        );
        assert!(transaction.sleeps());
    }

    #[test]
    fn timer_h_alone_runs_on_reliable_transports() {
        let mut transaction = bench(Reliability::Reliable);
        transaction.put(respond(486));
        assert_eq!(transaction.put(Input::RequestAgain), "Send");
        assert_eq!(transaction.run_until(40_000), ["32000: Terminated"]);
    }

    #[test]
    fn an_ack_stops_the_repetition_and_timer_i_absorbs_more() {
        let mut transaction = bench(Reliability::Unreliable);
        transaction.put(respond(486));
        transaction.run_until(600);
        assert_eq!(transaction.put(ack()), "");
        assert_eq!(transaction.put(ack()), "");
        assert_eq!(transaction.put(Input::RequestAgain), "");
        assert_eq!(transaction.put(respond(486)), "");
        assert_eq!(transaction.run_until(10_000), ["5600: Terminated"]);
        assert_eq!(transaction.put(ack()), "");
    }

    #[test]
    fn timer_i_is_zero_on_reliable_transports() {
        let mut transaction = bench(Reliability::Reliable);
        transaction.put(respond(486));
        assert_eq!(transaction.put(ack()), "Terminated");
    }

    #[test]
    fn accepted_absorbs_invites_passes_2xx_and_acks_until_timer_l() {
        for reliability in [Reliability::Reliable, Reliability::Unreliable] {
            let mut transaction = bench(reliability);
            assert_eq!(transaction.put(respond(200)), "Send");
            assert_eq!(transaction.put(Input::RequestAgain), "");
            assert_eq!(transaction.put(respond(200)), "Send");
            assert_eq!(transaction.put(respond(486)), "");
            assert_eq!(transaction.put(respond(180)), "");
            assert_eq!(transaction.put(ack()), "Ack");
            assert_eq!(transaction.run_until(40_000), ["32000: Terminated"]);
            assert_eq!(transaction.put(respond(200)), "");
            assert!(transaction.sleeps());
        }
    }
}
