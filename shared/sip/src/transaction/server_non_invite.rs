//! Non-INVITE server transaction (RFC 3261 §17.2.2, figure 8).
//!
//! | state      | request again | provisional       | final            | timer J    | nobody answers |
//! |------------|---------------|-------------------|------------------|------------|----------------|
//! | Trying     | drop          | send → Proceeding | send → Completed | –          | Terminated     |
//! | Proceeding | send last     | send              | send → Completed | –          | Terminated     |
//! | Completed  | send last     | drop              | drop             | Terminated | –              |
//!
//! "Nobody answers" is ours: after 64·T1 the client has given up and an answer only does harm (RFC 4320 §4.2).

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Machine, Now, Tick};

use super::{Packet, Reliability, Timers, outbox::Outbox};
use crate::wire::Response;

/// One request other than INVITE, ACK and CANCEL that we have accepted.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServerNonInvite {
    state: State,
    timers: Timers,
    reliability: Reliability,
    outputs: Outbox<Output>,
}

/// What can happen to it.
#[derive(Clone, Debug)]
pub enum Input {
    /// The request was received again.
    RequestAgain,
    /// The user answers.
    Respond(Response),
}

/// What it wants done.
#[derive(Debug, Serialize, Deserialize)]
pub enum Output {
    /// Send to where the request came from.
    Send(Packet),
    /// Forget the transaction.
    Terminated,
}

#[derive(Debug, Serialize, Deserialize)]
enum State {
    Trying { abandoned: Tick },
    Proceeding { last: Packet, abandoned: Tick },
    Completed { last: Packet, timer_j: Tick },
    Terminated,
}

impl ServerNonInvite {
    /// The transaction of a request that came in now.
    pub fn new(timers: Timers, reliability: Reliability, now: Now) -> Self {
        ServerNonInvite {
            state: State::Trying {
                abandoned: now.tick + timers.give_up(),
            },
            timers,
            reliability,
            outputs: Outbox::new(),
        }
    }

    fn proceed(&mut self, last: Packet, abandoned: Tick) {
        self.outputs.push(Output::Send(last.clone()));
        self.state = State::Proceeding { last, abandoned };
    }

    fn complete(&mut self, last: Packet, now: Now) {
        self.outputs.push(Output::Send(last.clone()));
        match self.reliability {
            Reliability::Reliable => self.terminate(),
            Reliability::Unreliable => {
                let timer_j = now.tick + self.timers.timer_j(self.reliability);
                self.state = State::Completed { last, timer_j };
            }
        }
    }

    fn terminate(&mut self) {
        self.state = State::Terminated;
        self.outputs.push(Output::Terminated);
    }
}

impl Machine for ServerNonInvite {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match (&self.state, input) {
            (&State::Trying { abandoned } | &State::Proceeding { abandoned, .. }, Input::Respond(response)) => {
                let packet = Packet::from(&response);
                if response.status().is_final() {
                    self.complete(packet, now);
                } else {
                    self.proceed(packet, abandoned);
                }
            }
            (State::Proceeding { last, .. } | State::Completed { last, .. }, Input::RequestAgain) => {
                self.outputs.push(Output::Send(last.clone()));
            }
            (State::Trying { .. }, Input::RequestAgain)
            | (State::Completed { .. }, Input::Respond(_))
            | (State::Terminated, Input::RequestAgain | Input::Respond(_)) => {}
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        if self.deadline().is_some_and(|deadline| deadline <= now.tick) {
            self.terminate();
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop()
    }

    fn deadline(&self) -> Option<Tick> {
        match self.state {
            State::Trying { abandoned } | State::Proceeding { abandoned, .. } => Some(abandoned),
            State::Completed { timer_j, .. } => Some(timer_j),
            State::Terminated => None,
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

    fn bench(reliability: Reliability) -> Bench<ServerNonInvite> {
        Bench::new(|now| ServerNonInvite::new(Timers::RFC_3261, reliability, now))
    }

    fn respond(code: u16) -> Input {
        Input::Respond(response(&request(Method::Register, VIA), code))
    }

    #[test]
    fn trying_drops_repeated_requests() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(Input::RequestAgain), "");
        assert_eq!(transaction.put(respond(100)), "Send");
        assert_eq!(transaction.put(respond(200)), "Send");
    }

    #[test]
    fn proceeding_repeats_the_last_response() {
        let mut transaction = bench(Reliability::Unreliable);
        transaction.put(respond(100));
        assert_eq!(transaction.put(Input::RequestAgain), "Send");
        assert_eq!(transaction.put(respond(180)), "Send");
    }

    #[test]
    fn timer_j_ends_the_transaction_after_64_t1() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(respond(404)), "Send");
        assert_eq!(transaction.put(respond(200)), "");
        transaction.run_until(31_999);
        assert_eq!(transaction.put(Input::RequestAgain), "Send");
        assert_eq!(transaction.run_until(40_000), ["32000: Terminated"]);
        assert_eq!(transaction.put(Input::RequestAgain), "");
        assert_eq!(transaction.put(respond(200)), "");
        assert!(transaction.sleeps());
    }

    #[test]
    fn timer_j_is_zero_on_reliable_transports() {
        assert_eq!(bench(Reliability::Reliable).put(respond(200)), "Send, Terminated");
    }

    #[test]
    fn a_request_that_nobody_answers_is_forgotten_after_64_t1() {
        let mut silent = bench(Reliability::Unreliable);
        assert_eq!(silent.run_until(40_000), ["32000: Terminated"]);
        let mut half = bench(Reliability::Reliable);
        half.run_until(1_000);
        half.put(respond(100));
        assert_eq!(half.run_until(40_000), ["32000: Terminated"]);
    }
}
