//! INVITE client transaction (RFC 3261 §17.1.1, figure 5, with state Accepted of RFC 6026 §7.2 and CANCEL of §9.1).
//!
//! | state      | 1xx                  | 2xx                | 300–699                    | cancel    | timer A      | timers B, D, M, C | transport fails |
//! |------------|----------------------|--------------------|----------------------------|-----------|--------------|-------------------|-----------------|
//! | Calling    | deliver → Proceeding | deliver → Accepted | deliver, ACK → Completed   | hold back | send, double | B: fail → end     | fail → end      |
//! | Proceeding | deliver              | deliver → Accepted | deliver, ACK → Completed   | CANCEL → Cancelling | –  | –                 | fail → end      |
//! | Cancelling | deliver              | deliver → Accepted | deliver, ACK → Completed   | drop      | –            | C: fail → end     | fail → end      |
//! | Completed  | drop                 | drop               | ACK                        | drop      | –            | D → Terminated    | Terminated      |
//! | Accepted   | drop                 | deliver            | drop                       | drop      | –            | M → Terminated    | Terminated      |
//!
//! A CANCEL held back in Calling leaves with the first 1xx and is forgotten with a final response. "C" is the 64·T1
//! that a cancelled INVITE waits for its final response; it is not the proxies' timer C.

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Machine, Now, Tick};

use super::{Failure, Packet, Reliability, Timers, derived, outbox::Outbox, timers::Retransmission};
use crate::wire::{Request, Response, header::Reason};

/// One INVITE that we have sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct ClientInvite {
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
    /// The owner no longer wants an answer, perhaps for a reason to be told (RFC 3326).
    Cancel(Option<Reason>),
    /// The INVITE cannot be sent, or its connection has ended.
    TransportFailed,
}

/// What it wants done.
#[derive(Debug, Serialize, Deserialize)]
pub enum Output {
    /// Send to where the INVITE goes.
    Send(Packet),
    /// Start a transaction with this CANCEL.
    Cancel(Request),
    /// Give to the owner.
    Deliver(Response),
    /// Tell the owner that no final response will come.
    Failed(Failure),
    /// Forget the transaction.
    Terminated,
}

#[derive(Debug, Serialize, Deserialize)]
enum State {
    Calling {
        request: Request,
        timer_a: Option<Retransmission>,
        timer_b: Tick,
        cancel: Cancel,
    },
    Proceeding {
        request: Request,
    },
    Cancelling {
        request: Request,
        timer_c: Tick,
    },
    Completed {
        ack: Packet,
        timer_d: Tick,
    },
    Accepted {
        timer_m: Tick,
    },
    Terminated,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Cancel {
    Unwanted,
    HeldBack(Option<Reason>),
}

impl ClientInvite {
    /// The transaction of `request`, which starts by sending it.
    pub fn new(request: Request, timers: Timers, reliability: Reliability, now: Now) -> Self {
        let mut outputs = Outbox::new();
        outputs.push(Output::Send(Packet::from(&request)));
        ClientInvite {
            state: State::Calling {
                request,
                timer_a: Retransmission::start(timers, reliability, now.tick),
                timer_b: now.tick + timers.give_up(),
                cancel: Cancel::Unwanted,
            },
            timers,
            reliability,
            outputs,
        }
    }

    fn ring(&mut self, request: Request, cancel: Cancel, response: Response, now: Now) {
        self.outputs.push(Output::Deliver(response));
        match cancel {
            Cancel::Unwanted => self.state = State::Proceeding { request },
            Cancel::HeldBack(reason) => self.cancel(request, reason, now),
        }
    }

    fn cancel(&mut self, request: Request, reason: Option<Reason>, now: Now) {
        self.outputs
            .push(Output::Cancel(derived::cancel(&request, reason.as_ref())));
        self.state = State::Cancelling {
            request,
            timer_c: now.tick + self.timers.give_up(),
        };
    }

    fn finish(&mut self, request: Request, response: Response, now: Now) {
        if response.status().is_success() {
            let timer_m = now.tick + self.timers.give_up();
            self.state = State::Accepted { timer_m };
            self.outputs.push(Output::Deliver(response));
            return;
        }
        let ack = Packet::from(&derived::ack(&request, &response));
        self.outputs.push(Output::Send(ack.clone()));
        self.outputs.push(Output::Deliver(response));
        match self.reliability {
            Reliability::Reliable => self.terminate(),
            Reliability::Unreliable => {
                let timer_d = now.tick + self.timers.timer_d(self.reliability);
                self.state = State::Completed { ack, timer_d };
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

impl Machine for ClientInvite {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        match (&mut self.state, input) {
            (State::Calling { request, cancel, .. }, Input::Response(response))
                if response.status().is_provisional() =>
            {
                let (request, cancel) = (request.clone(), cancel.clone());
                self.ring(request, cancel, response, now);
            }
            (State::Proceeding { .. } | State::Cancelling { .. }, Input::Response(response))
                if response.status().is_provisional() =>
            {
                self.outputs.push(Output::Deliver(response));
            }
            (
                State::Calling { request, .. } | State::Proceeding { request } | State::Cancelling { request, .. },
                Input::Response(response),
            ) => {
                let request = request.clone();
                self.finish(request, response, now);
            }
            (State::Completed { ack, .. }, Input::Response(response)) if is_refusal(&response) => {
                self.outputs.push(Output::Send(ack.clone()));
            }
            (State::Accepted { .. }, Input::Response(response)) if response.status().is_success() => {
                self.outputs.push(Output::Deliver(response));
            }
            (State::Calling { cancel, .. }, Input::Cancel(reason)) => *cancel = Cancel::HeldBack(reason),
            (State::Proceeding { request }, Input::Cancel(reason)) => {
                let request = request.clone();
                self.cancel(request, reason, now);
            }
            (State::Calling { .. } | State::Proceeding { .. } | State::Cancelling { .. }, Input::TransportFailed) => {
                self.fail(Failure::Transport)
            }
            (State::Completed { .. } | State::Accepted { .. }, Input::TransportFailed) => self.terminate(),
            (State::Cancelling { .. }, Input::Cancel(_))
            | (State::Completed { .. } | State::Accepted { .. }, Input::Response(_) | Input::Cancel(_))
            | (State::Terminated, Input::Response(_) | Input::Cancel(_) | Input::TransportFailed) => {}
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        if self.deadline().is_none_or(|deadline| now.tick < deadline) {
            return;
        }
        match &mut self.state {
            State::Calling {
                request,
                timer_a: Some(timer_a),
                timer_b,
                ..
            } if now.tick < *timer_b => {
                self.outputs.push(Output::Send(Packet::from(&*request)));
                *timer_a = timer_a.next(u32::MAX, now.tick);
            }
            State::Calling { .. } | State::Cancelling { .. } => self.fail(Failure::Timeout),
            State::Completed { .. } | State::Accepted { .. } => self.terminate(),
            State::Proceeding { .. } | State::Terminated => {}
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop()
    }

    fn deadline(&self) -> Option<Tick> {
        match &self.state {
            State::Calling { timer_a, timer_b, .. } => Some(timer_a.map_or(*timer_b, |a| a.due.min(*timer_b))),
            State::Cancelling { timer_c, .. } => Some(*timer_c),
            State::Completed { timer_d, .. } => Some(*timer_d),
            State::Accepted { timer_m } => Some(*timer_m),
            State::Proceeding { .. } | State::Terminated => None,
        }
    }
}

fn is_refusal(response: &Response) -> bool {
    response.status().is_final() && !response.status().is_success()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        transaction::fixture::{Bench, VIA, request, response},
        wire::Method,
    };

    fn bench(reliability: Reliability) -> Bench<ClientInvite> {
        let request = request(Method::Invite, VIA);
        Bench::new(|now| ClientInvite::new(request, Timers::RFC_3261, reliability, now))
    }

    fn receive(code: u16) -> Input {
        Input::Response(response(&request(Method::Invite, VIA), code))
    }

    #[test]
    fn timer_a_doubles_without_end_until_timer_b() {
        assert_eq!(
            bench(Reliability::Unreliable).run_until(60_000),
            [
                "500: Send",
                "1500: Send",
                "3500: Send",
                "7500: Send",
                "15500: Send",
                "31500: Send",
                "32000: Failed(Timeout), Terminated"
            ]
        );
    }

    #[test]
    fn timer_b_alone_runs_on_reliable_transports() {
        let mut transaction = bench(Reliability::Reliable);
        assert_eq!(transaction.run_until(60_000), ["32000: Failed(Timeout), Terminated"]);
        assert_eq!(transaction.put(receive(200)), "");
        assert_eq!(transaction.put(Input::Cancel(None)), "");
        assert_eq!(transaction.put(Input::TransportFailed), "");
    }

    #[test]
    fn proceeding_waits_as_long_as_its_owner() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(receive(100)), "Deliver");
        assert_eq!(transaction.put(receive(180)), "Deliver");
        assert!(transaction.sleeps());
    }

    #[test]
    fn a_refusal_is_acknowledged_again_until_timer_d() {
        for first in [100, 486] {
            let mut transaction = bench(Reliability::Unreliable);
            transaction.put(receive(first));
            transaction.put(receive(486));
            assert_eq!(transaction.put(receive(486)), "Send");
            assert_eq!(transaction.put(receive(180)), "");
            assert_eq!(transaction.put(receive(200)), "");
            assert_eq!(transaction.put(Input::Cancel(None)), "");
            assert_eq!(transaction.run_until(60_000), ["32000: Terminated"]);
            assert!(transaction.sleeps());
        }
        assert_eq!(bench(Reliability::Unreliable).put(receive(486)), "Send, Deliver");
    }

    #[test]
    fn timer_d_is_zero_on_reliable_transports() {
        assert_eq!(
            bench(Reliability::Reliable).put(receive(603)),
            "Send, Deliver, Terminated"
        );
    }

    #[test]
    fn every_2xx_is_delivered_until_timer_m() {
        for reliability in [Reliability::Reliable, Reliability::Unreliable] {
            let mut transaction = bench(reliability);
            transaction.put(receive(180));
            assert_eq!(transaction.put(receive(200)), "Deliver");
            assert_eq!(transaction.put(receive(200)), "Deliver");
            assert_eq!(transaction.put(receive(486)), "");
            assert_eq!(transaction.put(receive(180)), "");
            assert_eq!(transaction.put(Input::Cancel(None)), "");
            assert_eq!(transaction.run_until(60_000), ["32000: Terminated"]);
        }
    }

    #[test]
    fn a_cancel_is_held_back_until_a_provisional_response() {
        let mut transaction = bench(Reliability::Unreliable);
        assert_eq!(transaction.put(Input::Cancel(None)), "");
        assert_eq!(transaction.run_until(500), ["500: Send"]);
        assert_eq!(transaction.put(receive(100)), "Deliver, Cancel");
        assert_eq!(transaction.put(receive(180)), "Deliver");
        assert_eq!(transaction.put(Input::Cancel(None)), "");
        assert_eq!(transaction.put(receive(487)), "Send, Deliver");
    }

    #[test]
    fn a_cancel_is_forgotten_with_a_final_response() {
        for (code, outputs) in [(200, "Deliver"), (486, "Send, Deliver")] {
            let mut transaction = bench(Reliability::Unreliable);
            transaction.put(Input::Cancel(None));
            assert_eq!(transaction.put(receive(code)), outputs);
        }
    }

    #[test]
    fn a_200_may_cross_the_cancel() {
        let mut transaction = bench(Reliability::Unreliable);
        transaction.put(receive(180));
        assert_eq!(transaction.put(Input::Cancel(None)), "Cancel");
        assert_eq!(transaction.put(receive(200)), "Deliver");
    }

    #[test]
    fn a_cancelled_invite_without_final_response_times_out_after_64_t1() {
        let mut transaction = bench(Reliability::Reliable);
        transaction.put(receive(180));
        transaction.run_until(100_000);
        assert_eq!(transaction.put(Input::Cancel(None)), "Cancel");
        assert_eq!(transaction.run_until(200_000), ["132000: Failed(Timeout), Terminated"]);
    }

    #[test]
    fn a_failed_transport_ends_it_in_every_state() {
        let failed = "Failed(Transport), Terminated";
        for (inputs, outputs) in [
            (vec![], failed),
            (vec![receive(180)], failed),
            (vec![receive(180), Input::Cancel(None)], failed),
            (vec![receive(486)], "Terminated"),
            (vec![receive(200)], "Terminated"),
        ] {
            let mut transaction = bench(Reliability::Unreliable);
            for input in inputs {
                transaction.put(input);
            }
            assert_eq!(transaction.put(Input::TransportFailed), outputs);
        }
    }

    #[test]
    fn the_cancel_and_the_ack_repeat_what_identifies_the_invite() {
        let invite = request(Method::Invite, VIA);
        let busy = response(&invite, 486);
        let common = "Via: SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bKkjshdyff\r\n\
                      From: <sip:alice@atlanta.example>;tag=88sja8x\r\nCall-ID: 987asjd97y7atg\r\n";
        let rest = "Route: <sip:proxy.atlanta.example;lr>\r\n";
        let text = |request: Request| String::from_utf8(request.bytes().to_vec()).expect("tests write ASCII");
        assert_eq!(
            text(derived::cancel(&invite, None)),
            format!(
                "CANCEL sip:bob@biloxi.example SIP/2.0\r\n{common}To: <sip:bob@biloxi.example>\r\n{rest}\
                 CSeq: 986759 CANCEL\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            )
        );
        assert_eq!(
            text(derived::ack(&invite, &busy)),
            format!(
                "ACK sip:bob@biloxi.example SIP/2.0\r\n{common}To: <sip:bob@biloxi.example>;tag=99sa0xk\r\n{rest}\
                 CSeq: 986759 ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            )
        );
    }
}
