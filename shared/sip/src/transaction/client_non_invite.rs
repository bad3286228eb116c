//! Non-INVITE client transaction (RFC 3261 §17.1.2, figure 6).
//!
//! | state      | provisional          | final               | timer E                  | timer F     | timer K    | transport fails |
//! |------------|----------------------|---------------------|--------------------------|-------------|------------|-----------------|
//! | Trying     | deliver → Proceeding | deliver → Completed | send, double, at most T2 | fail → end  | –          | fail → end      |
//! | Proceeding | deliver              | deliver → Completed | send after T2            | fail → end  | –          | fail → end      |
//! | Completed  | drop                 | drop                | –                        | –           | Terminated | Terminated      |

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Machine, Now, Tick};

use super::{Failure, Packet, Reliability, Timers, outbox::Outbox, timers::Retransmission};
use crate::wire::{Request, Response};

/// One request other than INVITE and ACK that we have sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct ClientNonInvite {
    state: State,
    timers: Timers,
    reliability: Reliability,
    outputs: Outbox<Output>,
}

/// What can happen to it.
#[derive(Clone, Debug)]
pub enum Input {
    /// A response with our branch was received.
    Response(Response),
    /// The request cannot be sent, or its connection has ended.
    TransportFailed,
}

/// What it wants done.
#[derive(Debug, Serialize, Deserialize)]
pub enum Output {
    /// Send to where the request goes.
    Send(Packet),
    /// Give to the owner.
    Deliver(Response),
    /// Tell the owner that no final response will come.
    Failed(Failure),
    /// Forget the transaction.
    Terminated,
}

#[derive(Debug, Serialize, Deserialize)]
enum State {
    Trying(Unanswered),
    Proceeding(Unanswered),
    Completed { timer_k: Tick },
    Terminated,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Unanswered {
    request: Packet,
    timer_e: Option<Retransmission>,
    timer_f: Tick,
}

impl ClientNonInvite {
    /// The transaction of `request`, which starts by sending it.
    pub fn new(request: &Request, timers: Timers, reliability: Reliability, now: Now) -> Self {
        let request = Packet::from(request);
        let mut outputs = Outbox::new();
        outputs.push(Output::Send(request.clone()));
        ClientNonInvite {
            state: State::Trying(Unanswered {
                request,
                timer_e: Retransmission::start(timers, reliability, now.tick),
                timer_f: now.tick + timers.give_up(),
            }),
            timers,
            reliability,
            outputs,
        }
    }

    fn receive(&mut self, unanswered: Unanswered, response: Response, now: Now) {
        let is_final = response.status().is_final();
        self.outputs.push(Output::Deliver(response));
        match (is_final, self.reliability) {
            (false, Reliability::Reliable | Reliability::Unreliable) => self.state = State::Proceeding(unanswered),
            (true, Reliability::Reliable) => self.terminate(),
            (true, Reliability::Unreliable) => {
                let timer_k = now.tick + self.timers.timer_k(self.reliability);
                self.state = State::Completed { timer_k };
            }
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.outputs.push(Output::Failed(failure));
        self.terminate();
    }

    fn terminate(&mut self) {
        self.state = State::Terminated;
        self.outputs.push(Output::Terminated);
    }
}

impl Machine for ClientNonInvite {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match (&self.state, input) {
            (State::Trying(unanswered) | State::Proceeding(unanswered), Input::Response(response)) => {
                self.receive(unanswered.clone(), response, now);
            }
            (State::Trying(_) | State::Proceeding(_), Input::TransportFailed) => self.fail(Failure::Transport),
            (State::Completed { .. }, Input::TransportFailed) => self.terminate(),
            (State::Completed { .. }, Input::Response(_))
            | (State::Terminated, Input::Response(_) | Input::TransportFailed) => {}
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        if self.deadline().is_none_or(|deadline| now.tick < deadline) {
            return;
        }
        let t2_ms = self.timers.t2_ms;
        match &mut self.state {
            State::Trying(waiting) | State::Proceeding(waiting) if waiting.timer_f <= now.tick => {
                self.fail(Failure::Timeout);
            }
            State::Trying(waiting) => {
                self.outputs.push(Output::Send(waiting.request.clone()));
                waiting.timer_e = waiting.timer_e.map(|timer_e| timer_e.next(t2_ms, now.tick));
            }
            State::Proceeding(waiting) => {
                self.outputs.push(Output::Send(waiting.request.clone()));
                waiting.timer_e = waiting.timer_e.map(|timer_e| timer_e.next_after(t2_ms, now.tick));
            }
            State::Completed { .. } => self.terminate(),
            State::Terminated => {}
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop()
    }

    fn deadline(&self) -> Option<Tick> {
        match &self.state {
            State::Trying(waiting) | State::Proceeding(waiting) => {
                Some(waiting.timer_e.map_or(waiting.timer_f, |e| e.due.min(waiting.timer_f)))
            }
            State::Completed { timer_k } => Some(*timer_k),
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

    fn bench(reliability: Reliability) -> Bench<ClientNonInvite> {
        let request = request(Method::Bye, VIA);
        Bench::new(|now| ClientNonInvite::new(&request, Timers::RFC_3261, reliability, now))
    }

    fn receive(code: u16) -> Input {
        Input::Response(response(&request(Method::Bye, VIA), code))
    }

    #[test]
    fn timer_e_doubles_up_to_t2_until_timer_f() {
        assert_eq!(
            bench(Reliability::Unreliable).run_until(60_000),
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
                "32000: Failed(Timeout), Terminated"
            ]
        );
    }

    #[test]
    fn timer_f_alone_runs_on_reliable_transports() {
        let mut transaction = bench(Reliability::Reliable);
        assert_eq!(transaction.run_until(60_000), ["32000: Failed(Timeout), Terminated"]);
        assert_eq!(transaction.put(receive(200)), "");
        assert_eq!(transaction.put(Input::TransportFailed), "");
    }

    #[test]
    fn proceeding_repeats_every_t2_until_timer_f() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(receive(100)), "Deliver");
        assert_eq!(transaction.put(receive(100)), "Deliver");
        assert_eq!(transaction.run_until(9_000), ["500: Send", "4500: Send", "8500: Send"]);
        transaction.run_until(31_999);
        assert_eq!(transaction.run_until(32_000), ["32000: Failed(Timeout), Terminated"]);
    }

    #[test]
    fn timer_k_absorbs_repeated_responses() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(receive(100)), "Deliver");
        assert_eq!(transaction.put(receive(200)), "Deliver");
        assert_eq!(transaction.put(receive(200)), "");
        assert_eq!(transaction.put(receive(100)), "");
        assert_eq!(transaction.run_until(9_000), ["5000: Terminated"]);
        assert!(transaction.sleeps());
    }

    #[test]
    fn timer_k_is_zero_on_reliable_transports() {
        assert_eq!(bench(Reliability::Reliable).put(receive(481)), "Deliver, Terminated");
    }

    #[test]
    fn a_failed_transport_ends_it_in_every_state() {
        let mut trying = bench(Reliability::Unreliable);
        assert_eq!(trying.put(Input::TransportFailed), "Failed(Transport), Terminated");
        let mut proceeding = bench(Reliability::Reliable);
        proceeding.put(receive(100));
        assert_eq!(proceeding.put(Input::TransportFailed), "Failed(Transport), Terminated");
        let mut completed = bench(Reliability::Unreliable);
        completed.put(receive(200));
        assert_eq!(completed.put(Input::TransportFailed), "Terminated");
    }
}
