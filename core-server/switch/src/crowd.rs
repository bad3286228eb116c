//! How much of everybody is let in: strangers by where they come from, devices by what they are, all when it is too much.
//!
//! Emergency calls pass by all of this.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use parking_lot::Mutex;
use wigwag_model::DeviceId;
use wigwag_pbx::guard::{DEVICE, Limiter, OFFICE, Offices, STRANGER, STRANGER_REFUSALS, Source};
use wigwag_sansio::Now;
use wigwag_sip::wire::Method;
use wigwag_sip_io::Flow;

/// How long everybody is sent away while there is too much to do, in seconds; phones spread their next attempts.
const OVERLOADED_SECS: u32 = 5;

/// Counts what comes from whom.
pub(crate) struct Crowd {
    strangers: Mutex<Strangers>,
    devices: Mutex<Limiter<DeviceId>>,
    is_overloaded: AtomicBool,
}

struct Strangers {
    answered: Limiter<Source>,
    refused: Limiter<Source>,
    offices: Offices,
}

/// Why somebody is not served now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooMuch {
    /// To come again after so many seconds.
    Later { secs: u32 },
    /// To be ignored: it was told often enough.
    Silence,
}

impl Default for Crowd {
    fn default() -> Self {
        Crowd {
            strangers: Mutex::new(Strangers {
                answered: Limiter::new(STRANGER),
                refused: Limiter::new(STRANGER_REFUSALS),
                offices: Offices::default(),
            }),
            devices: Mutex::new(Limiter::new(DEVICE)),
            is_overloaded: AtomicBool::new(false),
        }
    }
}

impl Crowd {
    /// Counts a request whose sender has not proved who it is, or not yet.
    pub(crate) fn stranger(&self, flow: &Flow, now: Now) -> Result<(), TooMuch> {
        let source = Source::from(flow.remote.ip());
        let strangers = &mut *self.strangers.lock();
        let is_office = strangers.offices.knows(&source, now);
        let rate = if is_office { OFFICE } else { STRANGER };
        match strangers.answered.take_at(&source, rate, now) {
            Ok(()) => Ok(()),
            Err(wait) => match strangers.refused.take(&source, now) {
                Ok(()) => Err(TooMuch::Later { secs: secs(wait) }),
                Err(_) => Err(TooMuch::Silence),
            },
        }
    }

    /// The sender of a counted request has proved who it is, and the challenge before it was for that.
    pub(crate) fn proved(&self, flow: &Flow, answers_challenge: bool, now: Now) {
        let source = Source::from(flow.remote.ip());
        let Strangers { answered, offices, .. } = &mut *self.strangers.lock();
        offices.proved(source, now);
        answered.give_back(&source);
        if answers_challenge {
            answered.give_back(&source);
        }
    }

    /// Counts a request of a device that has proved who it is.
    pub(crate) fn device(&self, device: DeviceId, now: Now) -> Result<(), TooMuch> {
        let taken = self.devices.lock().take(&device, now);
        taken.map_err(|wait| TooMuch::Later { secs: secs(wait) })
    }

    /// Whether a new request is sent away because there is too much to do; requests of dialogs never are.
    pub(crate) fn sheds(&self, method: &Method) -> Result<(), TooMuch> {
        let is_work = matches!(method, Method::Register | Method::Invite);
        if is_work && self.is_overloaded.load(Ordering::Relaxed) {
            Err(TooMuch::Later { secs: OVERLOADED_SECS })
        } else {
            Ok(())
        }
    }

    /// There is too much to do from now on, or no longer; says whether that is news.
    pub(crate) fn set_overloaded(&self, is_overloaded: bool) -> bool {
        self.is_overloaded.swap(is_overloaded, Ordering::Relaxed) != is_overloaded
    }

    /// Whether there is too much to do.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.is_overloaded.load(Ordering::Relaxed)
    }
}

fn secs(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use wigwag_sansio::{Entropy, Tick};
    use wigwag_sip::transaction::{FlowId, Link};
    use wigwag_sip_io::Transport;

    use super::*;

    fn from(last: u8) -> Flow {
        let (local, remote) = (
            SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)),
            SocketAddr::from(([192, 0, 2, last], 5060)),
        );
        let link = Link::Datagram {
            socket: 0,
            local: local.ip(),
            remote,
        };
        Flow {
            id: FlowId { node: 0, link },
            transport: Transport::Udp,
            local,
            remote,
        }
    }

    fn at(millis: u64) -> Now {
        Now {
            tick: Tick::from_micros(millis * 1000),
            ..Now::default()
        }
    }

    #[test]
    fn a_flood_is_answered_refused_and_then_ignored_and_nobody_else_notices() {
        let crowd = Crowd::default();
        let flood: Vec<_> = (0..20_000).map(|_| crowd.stranger(&from(1), at(0))).collect();
        let count = |wanted| flood.iter().filter(|told| **told == wanted).count();
        assert_eq!(count(Ok(())), 200);
        assert_eq!(count(Err(TooMuch::Later { secs: 1 })), 10);
        assert_eq!(count(Err(TooMuch::Silence)), 19_790);
        assert_eq!(crowd.stranger(&from(2), at(0)), Ok(()));
        assert_eq!(crowd.stranger(&from(1), at(100)), Ok(()), "it goes on at its rate");
    }

    #[test]
    fn an_office_of_a_thousand_phones_registers_at_once() {
        let crowd = Crowd::default();
        for _ in 0..1_000 {
            assert_eq!(crowd.stranger(&from(1), at(0)), Ok(()), "the challenge");
            assert_eq!(crowd.stranger(&from(1), at(0)), Ok(()), "the proof");
            crowd.proved(&from(1), true, at(0));
        }
    }

    #[test]
    fn an_office_is_served_when_its_proofs_come_a_second_after_its_questions() {
        let crowd = Crowd::default();
        assert_eq!(crowd.stranger(&from(1), at(0)), Ok(()));
        crowd.proved(&from(1), true, at(0));
        for _ in 0..1_000 {
            assert_eq!(crowd.stranger(&from(1), at(10)), Ok(()), "the challenge");
        }
        for _ in 0..1_000 {
            assert_eq!(crowd.stranger(&from(1), at(1_010)), Ok(()), "the proof");
            crowd.proved(&from(1), true, at(1_010));
        }
        let flood = (0..5_000)
            .filter(|_| crowd.stranger(&from(1), at(1_020)).is_ok())
            .count();
        assert_eq!(flood, 2_000, "and not more");
    }

    #[test]
    fn a_device_that_runs_wild_waits_and_its_neighbour_does_not() {
        let crowd = Crowd::default();
        let mut entropy = Entropy::from_number(1);
        let [wild, tame] = [(); 2].map(|()| DeviceId::new(Now::default().utc, &mut entropy));
        let served = (0..500).filter(|_| crowd.device(wild, at(0)).is_ok()).count();
        assert_eq!(served, 100);
        assert_eq!(crowd.device(wild, at(0)), Err(TooMuch::Later { secs: 1 }));
        assert_eq!(crowd.device(tame, at(0)), Ok(()));
    }

    #[test]
    fn overload_sends_new_work_away_and_nothing_else() {
        let crowd = Crowd::default();
        assert!(crowd.set_overloaded(true) && !crowd.set_overloaded(true));
        for method in [Method::Register, Method::Invite] {
            assert_eq!(crowd.sheds(&method), Err(TooMuch::Later { secs: OVERLOADED_SECS }));
        }
        for method in [Method::Options, Method::Bye, Method::Update] {
            assert_eq!(crowd.sheds(&method), Ok(()));
        }
        assert!(crowd.set_overloaded(false));
        assert_eq!(crowd.sheds(&Method::Invite), Ok(()));
    }
}
