//! The loop of one media thread: packets, commands, timers; it waits only in epoll.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io,
    net::SocketAddr,
    sync::Arc,
    thread::{Builder, JoinHandle},
    time::Duration,
};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use wigwag_sansio::{Now, Pii, Tick};
use wigwag_sip::sdp::Agreement;

use super::{
    Anchor, Clock, Command, Events, ThreadHandle,
    anchors::{Anchors, Token},
    command::Inbox,
};
use crate::{
    drops::DropReason,
    event::MediaEvent,
    key::LegKey,
    leg::{BUFFER, Channel, Leg, LegEvent, MAX_PACKET, Received},
    metrics::Counters,
};

pub(crate) struct MediaThread {
    epoll: Epoll,
    inbox: Inbox,
    clock: Clock,
    events: Events,
    counters: Arc<Counters>,
    anchors: Anchors,
    alarms: BinaryHeap<Reverse<(Tick, Token)>>,
    buffer: Box<[u8; BUFFER]>,
}

/// The epoll number of the queue's bell; tokens stay below.
const BELL: u64 = u64::MAX;

/// Sockets served in one wake-up before the clock is read again.
const BATCH: usize = 256;

enum Course {
    GoOn,
    End,
}

impl MediaThread {
    pub(crate) fn spawn(number: usize, clock: Clock, events: Events) -> io::Result<(ThreadHandle, JoinHandle<()>)> {
        let (handle, inbox) = ThreadHandle::new()?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&*inbox.bell, EpollEvent::new(EpollFlags::EPOLLIN, BELL))?;
        let thread = MediaThread {
            epoll,
            inbox,
            clock,
            events,
            counters: Arc::clone(&handle.counters),
            anchors: Anchors::default(),
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
                        self.read(token, channel, now);
                    }
                }
            }
            if rung && let Course::End = self.obey(now) {
                return;
            }
            self.ring_alarms(now);
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
        let (key, listener) = (anchor.key, anchor.listener);
        if anchor.leg.has_news() {
            tell(&self.events, key, &mut anchor.leg);
            self.set_alarm(token);
        }
        let outcome = match (received, listener) {
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

    fn drop_packet(&mut self, token: Token, reason: DropReason) {
        self.counters.dropped(reason);
        if let Some(anchor) = self.anchors.get_mut(token) {
            anchor.leg.count_drop(reason);
        }
    }

    fn obey(&mut self, now: Now) -> Course {
        // The bell is read first: what is queued after this read rings again.
        let _ = self.inbox.bell.read();
        while let Ok(command) = self.inbox.commands.try_recv() {
            match command {
                Command::Adopt(anchor) => self.adopt(anchor),
                Command::HandOver(leg, to) => self.hand_over(leg, |anchor| {
                    // The plane waits for it; if not, the leg closes with its sockets.
                    let _ = to.send(anchor);
                }),
                Command::Configure(leg, agreement) => self.configure(leg, *agreement, now),
                Command::Bridge(a, b) => self.bridge(a, b),
                Command::Unbridge(a, b) => self.unbridge(a, b),
                Command::Play(leg, sound) => self.with(leg, |anchor| anchor.leg.play(sound, now)),
                Command::Stop(leg) => self.with(leg, |anchor| anchor.leg.stop_sound()),
                Command::Echo(leg) => self.echo(leg),
                Command::Close(leg) => self.close(leg, now),
                Command::Statistics(leg, reply) => self.with(leg, |anchor| reply(anchor.leg.statistics())),
                Command::Shutdown => {
                    for token in self.anchors.tokens() {
                        self.close_token(token, now);
                    }
                    return Course::End;
                }
            }
        }
        Course::GoOn
    }

    fn adopt(&mut self, anchor: Box<Anchor>) {
        let key = anchor.key;
        let token = self.anchors.insert(anchor);
        if let Some(anchor) = self.anchors.get(token) {
            let watch = |channel| {
                let event = EpollEvent::new(EpollFlags::EPOLLIN, token.with_channel(channel));
                self.epoll.add(anchor.socket(channel), event)
            };
            let watched =
                watch(Channel::Rtp).and_then(|()| anchor.rtcp.as_ref().map_or(Ok(()), |_| watch(Channel::Rtcp)));
            if let Err(error) = watched {
                tracing::error!(leg.call = key.call, leg.number = key.leg, %error, "a leg's sockets cannot be watched");
            }
        }
        self.counters.legs.set(self.anchors.len() as u64);
        self.set_alarm(token);
    }

    fn hand_over(&mut self, leg: LegKey, give: impl FnOnce(Box<Anchor>)) {
        let Some(token) = self.anchors.token(leg) else {
            return;
        };
        self.detach(token);
        if let Some(mut anchor) = self.anchors.remove(token) {
            for socket in [Some(&anchor.rtp), anchor.rtcp.as_ref()].into_iter().flatten() {
                // It was added by `adopt`; if that failed there is nothing to remove.
                let _ = self.epoll.delete(socket);
            }
            anchor.alarm = None;
            self.counters.legs.set(self.anchors.len() as u64);
            give(anchor);
        }
    }

    fn configure(&mut self, leg: LegKey, agreement: Agreement, now: Now) {
        let Some(token) = self.anchors.token(leg) else {
            return;
        };
        if let Some(anchor) = self.anchors.get_mut(token) {
            if agreement.rtcp_mux {
                anchor.rtcp = None;
            }
            if let Err(error) = anchor.leg.configure(agreement, now) {
                tracing::error!(leg.call = leg.call, leg.number = leg.leg, %error, "a leg keeps its former agreement");
            }
            if let Some(listener) = anchor.listener {
                self.introduce(token, listener);
                self.introduce(listener, token);
            }
        }
        self.set_alarm(token);
    }

    fn bridge(&mut self, a: LegKey, b: LegKey) {
        if let (Some(a), Some(b)) = (self.anchors.token(a), self.anchors.token(b)) {
            self.connect(a, b);
        }
    }

    fn echo(&mut self, leg: LegKey) {
        if let Some(token) = self.anchors.token(leg) {
            self.connect(token, token);
        }
    }

    fn unbridge(&mut self, a: LegKey, b: LegKey) {
        if let (Some(a), Some(b)) = (self.anchors.token(a), self.anchors.token(b))
            && self.anchors.get(a).is_some_and(|anchor| anchor.listener == Some(b))
        {
            self.detach(a);
        }
    }

    fn close(&mut self, leg: LegKey, now: Now) {
        if let Some(token) = self.anchors.token(leg) {
            self.close_token(token, now);
        }
    }

    fn close_token(&mut self, token: Token, now: Now) {
        self.detach(token);
        let Some(mut anchor) = self.anchors.remove(token) else {
            return;
        };
        if let Some(goodbye) = anchor.leg.goodbye(&mut self.buffer[..], now)
            && anchor
                .send(goodbye.channel, &self.buffer[goodbye.range], goodbye.to)
                .is_ok()
        {
            self.counters.reports_sent.add(1);
        }
        let (leg, statistics) = (anchor.key, Box::new(anchor.leg.statistics()));
        drop(anchor);
        self.counters.legs.set(self.anchors.len() as u64);
        (self.events)(MediaEvent::Closed { leg, statistics });
    }

    /// Lets two legs hear each other, or one itself.
    fn connect(&mut self, a: Token, b: Token) {
        self.detach(a);
        self.detach(b);
        for (speaker, listener) in [(a, b), (b, a)] {
            if let Some(anchor) = self.anchors.get_mut(speaker) {
                anchor.listener = Some(listener);
            }
            if let Some(anchor) = self.anchors.get_mut(listener) {
                anchor.leg.stop_sound();
            }
            self.introduce(speaker, listener);
        }
    }

    /// Tells the listener which payload types the speaker uses.
    fn introduce(&mut self, speaker: Token, listener: Token) {
        let (Some(spoken), Some(heard)) = (self.anchors.get(speaker), self.anchors.get(listener)) else {
            return;
        };
        let map = heard.leg.map_from(&spoken.leg);
        if let Some(anchor) = self.anchors.get_mut(listener) {
            anchor.leg.hear(map);
        }
    }

    /// Ends the pair, or the echo, that the leg is part of.
    fn detach(&mut self, token: Token) {
        let other = self.anchors.get_mut(token).and_then(|anchor| anchor.listener.take());
        if let Some(anchor) = other.and_then(|other| self.anchors.get_mut(other)) {
            anchor.listener = None;
        }
    }

    fn with(&mut self, leg: LegKey, act: impl FnOnce(&mut Anchor)) {
        let Some(token) = self.anchors.token(leg) else {
            return;
        };
        if let Some(anchor) = self.anchors.get_mut(token) {
            act(anchor);
        }
        self.set_alarm(token);
    }

    /// Makes sure that an alarm rings when the leg wants it, or earlier.
    fn set_alarm(&mut self, token: Token) {
        let Some(anchor) = self.anchors.get_mut(token) else {
            return;
        };
        if let Some(deadline) = anchor.leg.deadline()
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
                self.let_time_pass(token, now);
                self.set_alarm(token);
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
        tell(&self.events, anchor.key, &mut anchor.leg);
    }

    fn timeout(&self, now: Now) -> EpollTimeout {
        let Some(Reverse((tick, _))) = self.alarms.peek() else {
            return EpollTimeout::NONE;
        };
        let micros = tick.since(now.tick).min(LONGEST_WAIT).as_micros();
        let millis = u16::try_from(micros.div_ceil(1000)).expect("the longest wait is below 65 s");
        EpollTimeout::from(millis)
    }
}

const LONGEST_WAIT: Duration = Duration::from_secs(30);

fn tell(events: &Events, key: LegKey, leg: &mut Leg) {
    while let Some(event) = leg.poll_event() {
        events(named(event, key));
    }
}

fn named(event: LegEvent, leg: LegKey) -> MediaEvent {
    match event {
        LegEvent::Latched(remote) => MediaEvent::Latched {
            leg,
            remote: Pii::<SocketAddr>::new(remote),
        },
        LegEvent::NoMedia { silent_for } => MediaEvent::NoMedia { leg, silent_for },
        LegEvent::MediaResumed => MediaEvent::MediaResumed { leg },
        LegEvent::Dtmf { digit, duration_ms } => MediaEvent::Dtmf {
            leg,
            digit,
            duration_ms,
        },
    }
}
