//! The loop of one media thread: packets and timers; it waits only in epoll.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{Builder, JoinHandle},
    time::Duration,
};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use wigwag_sansio::{Now, Pii, Tick};

use super::{
    Clock, Events, ThreadHandle,
    anchors::{Anchors, Token},
    command::Inbox,
    rooms::{RoomName, Rooms},
};
use crate::{
    drops::DropReason,
    dtmf::KeyPress,
    event::MediaEvent,
    keys::KeyCourse,
    leg::{BUFFER, Channel, KeySource, LegEvent, MAX_PACKET, Received},
    metrics::Counters,
};

pub(crate) struct MediaThread {
    pub(super) epoll: Epoll,
    pub(super) inbox: Inbox,
    clock: Clock,
    pub(super) events: Events,
    pub(super) counters: Arc<Counters>,
    pub(super) anchors: Anchors,
    pub(super) rooms: Rooms,
    alarms: BinaryHeap<Reverse<(Tick, Token)>>,
    pub(super) buffer: Box<[u8; BUFFER]>,
}

/// The epoll number of the queue's bell; tokens stay below.
const BELL: u64 = u64::MAX;

/// Sockets served in one wake-up before the clock is read again.
const BATCH: usize = 256;

pub(super) enum Course {
    GoOn,
    End,
}

impl MediaThread {
    pub(crate) fn spawn(number: usize, clock: Clock, events: Events) -> io::Result<(ThreadHandle, JoinHandle<()>)> {
        let (handle, inbox) = ThreadHandle::new()?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(inbox.bell.descriptor(), EpollEvent::new(EpollFlags::EPOLLIN, BELL))?;
        let thread = MediaThread {
            epoll,
            inbox,
            clock,
            events,
            counters: Arc::clone(&handle.counters),
            anchors: Anchors::default(),
            rooms: Rooms::default(),
            alarms: BinaryHeap::new(),
            buffer: Box::new([0; BUFFER]),
        };
        let join = Builder::new()
            .name(format!("media-{number}"))
            .spawn(move || thread.run())?;
        Ok((handle, join))
    }

    fn run(mut self) {
        let mut ready = [EpollEvent::empty(); BATCH];
        let mut now = self.clock.read();
        loop {
            let count = match self.epoll.wait(&mut ready, self.timeout(now)) {
                Ok(count) => count,
                Err(nix::errno::Errno::EINTR) => 0,
                Err(error) => unreachable!("epoll refuses only bad descriptors and buffers: {error}"),
            };
            now = self.clock.read();
            self.counters.wake_ups.add(1);
            let mut rung = false;
            for event in &ready[..count] {
                match event.data() {
                    BELL => rung = true,
                    number => {
                        let (token, channel) = Token::from_number(number);
                        self.contain(token, now, |thread| thread.read(token, channel, now));
                    }
                }
            }
            if rung && let Course::End = self.obey(now) {
                return;
            }
            self.ring_alarms(now);
            self.mix(now);
        }
    }

    /// Takes one packet of a socket that has some. A socket that has more is reported again by the next wait, after
    /// all others had their turn: no flood on one leg delays another, and no read finds nothing.
    fn read(&mut self, token: Token, channel: Channel, now: Now) {
        let Some(anchor) = self.anchors.get_mut(token) else {
            return;
        };
        let Ok((len, source)) = anchor.socket(channel).recv_from(&mut self.buffer[..MAX_PACKET]) else {
            return;
        };
        self.counters.packets_received.add(1);
        let received = anchor.leg.receive(channel, &mut self.buffer[..len], source, now);
        let (listener, room) = (anchor.listener, anchor.room);
        if anchor.leg.has_news() {
            self.tell(token, now);
            self.set_alarm(token, now);
        }
        let outcome = match (received, listener) {
            (Ok(Received::Rtp(arrival)), _) if room.is_some() => {
                if let Some(room) = room
                    && let Err(reason) = self.hear_in_room(token, room, &arrival, now)
                {
                    self.drop_packet(token, reason);
                }
                return;
            }
            (Ok(Received::Rtp(arrival)), Some(listener)) => {
                let speaker = token.with_channel(Channel::Rtp);
                let Some(anchor) = self.anchors.get_mut(listener) else {
                    return;
                };
                match anchor.leg.forward(speaker, &arrival, &mut self.buffer[..], now) {
                    Ok(transmit) => {
                        let sent = anchor.send(transmit.channel, &self.buffer[transmit.range], transmit.to);
                        sent.map_err(|_| DropReason::SendFailed)
                    }
                    Err(reason) => Err(reason),
                }
            }
            (Ok(Received::Rtp(_)), None) => Err(DropReason::NoListener),
            (Ok(Received::Rtcp), _) => return,
            (Err(reason), _) => Err(reason),
        };
        match outcome {
            Ok(()) => self.counters.packets_relayed.add(1),
            Err(reason) => self.drop_packet(token, reason),
        }
    }

    /// Lets a panic, ours or that of who is told, end the one leg that it is about.
    fn contain(&mut self, token: Token, now: Now, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_ok() {
            return;
        }
        self.detach(token, now);
        let Some(anchor) = self.anchors.remove(token) else {
            return;
        };
        let leg = anchor.key;
        let statistics = catch_unwind(AssertUnwindSafe(|| anchor.leg.statistics())).unwrap_or_default();
        drop(anchor);
        self.counters.legs.set(self.anchors.len() as u64);
        tracing::error!(leg.call = leg.call, leg.number = leg.leg, "a leg was closed by a panic");
        let closed = MediaEvent::Closed {
            leg,
            statistics: Box::new(statistics),
        };
        // Whoever panics even at this is not told more.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.events)(closed)));
    }

    fn drop_packet(&mut self, token: Token, reason: DropReason) {
        self.counters.dropped(reason);
        if let Some(anchor) = self.anchors.get_mut(token) {
            anchor.leg.count_drop(reason);
        }
    }

    /// Makes sure that an alarm rings when the leg wants it, or earlier, but never at once: time has to pass.
    pub(super) fn set_alarm(&mut self, token: Token, now: Now) {
        let Some(anchor) = self.anchors.get_mut(token) else {
            return;
        };
        if let Some(deadline) = anchor
            .leg
            .deadline()
            .map(|deadline| deadline.max(now.tick + SHORTEST_WAIT))
            && anchor.alarm.is_none_or(|alarm| deadline < alarm)
        {
            anchor.alarm = Some(deadline);
            self.alarms.push(Reverse((deadline, token)));
        }
    }

    fn ring_alarms(&mut self, now: Now) {
        while let Some(Reverse((tick, token))) = self.alarms.peek().copied()
            && tick <= now.tick
        {
            self.alarms.pop();
            let Some(anchor) = self.anchors.get_mut(token) else {
                continue;
            };
            // An alarm that was replaced by an earlier one is not the leg's any more.
            if anchor.alarm == Some(tick) {
                anchor.alarm = None;
                self.contain(token, now, |thread| thread.let_time_pass(token, now));
                self.set_alarm(token, now);
            }
        }
    }

    fn let_time_pass(&mut self, token: Token, now: Now) {
        let Some(anchor) = self.anchors.get_mut(token) else {
            return;
        };
        anchor.leg.handle_timeout(now);
        while let Some(transmit) = anchor.leg.poll_transmit(&mut self.buffer[..], now) {
            let sent = anchor.send(transmit.channel, &self.buffer[transmit.range], transmit.to);
            match (sent, transmit.channel) {
                (Ok(()), Channel::Rtp) => self.counters.packets_played.add(1),
                (Ok(()), Channel::Rtcp) => self.counters.reports_sent.add(1),
                (Err(_), Channel::Rtp | Channel::Rtcp) => self.counters.dropped(DropReason::SendFailed),
            }
        }
        self.tell(token, now);
    }

    /// Reports what the leg has to tell.
    pub(super) fn tell(&mut self, token: Token, now: Now) {
        while let Some(anchor) = self.anchors.get_mut(token)
            && let Some(event) = anchor.leg.poll_event()
        {
            let (leg, course) = (anchor.key, anchor.leg.key_course());
            let event = match event {
                LegEvent::Dtmf { press, source } => {
                    let passed_on = course != KeyCourse::Report && self.pass_key_on(token, press, source, now);
                    if course == KeyCourse::Forward {
                        continue;
                    }
                    MediaEvent::Dtmf {
                        leg,
                        digit: press.digit,
                        duration_ms: press.duration_ms,
                        passed_on,
                    }
                }
                LegEvent::Latched(remote) => MediaEvent::Latched {
                    leg,
                    remote: Pii::<SocketAddr>::new(remote),
                },
                LegEvent::NoMedia { silent_for } => MediaEvent::NoMedia { leg, silent_for },
                LegEvent::MediaResumed => MediaEvent::MediaResumed { leg },
                LegEvent::Played { programme } => MediaEvent::Played { leg, programme },
                LegEvent::Stopped { programme, position } => MediaEvent::Stopped {
                    leg,
                    programme,
                    position,
                },
            };
            (self.events)(event);
        }
    }

    /// Lets who listens to a leg hear its key, where it does not anyway; answers whether it does.
    fn pass_key_on(&mut self, speaker: Token, press: KeyPress, source: KeySource, now: Now) -> bool {
        let Some(anchor) = self.anchors.get(speaker) else {
            return false;
        };
        let (listener, room) = (anchor.listener, anchor.room);
        let heard_by = listener.and_then(|listener| self.anchors.get_mut(listener));
        match (source, room, heard_by) {
            (KeySource::Tones, room, heard_by) => room.is_some() || heard_by.is_some(),
            (KeySource::Event, None, Some(listener)) => listener.leg.hears_keys(),
            (KeySource::Event, Some(RoomName::Pair(_)), Some(anchor)) => {
                let passed_on = anchor.leg.press(press.digit, press.duration_ms, now);
                if let Some(listener) = listener {
                    self.set_alarm(listener, now);
                }
                passed_on
            }
            (KeySource::Event, Some(RoomName::Open(_)) | None, _)
            | (KeySource::Event, Some(RoomName::Pair(_)), None) => false,
        }
    }

    fn timeout(&self, now: Now) -> EpollTimeout {
        let alarm = self.alarms.peek().map(|Reverse((tick, _))| *tick);
        let Some(tick) = alarm.into_iter().chain(self.rooms.deadline()).min() else {
            return EpollTimeout::NONE;
        };
        let micros = tick.since(now.tick).min(LONGEST_WAIT).as_micros();
        let millis = u16::try_from(micros.div_ceil(1000)).expect("the longest wait is below 65 s");
        EpollTimeout::from(millis)
    }
}

const SHORTEST_WAIT: Duration = Duration::from_micros(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
