//! What a media thread does when it is told to.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nix::sys::epoll::{EpollEvent, EpollFlags};
use wigwag_sansio::Now;
use wigwag_sip::sdp::Agreement;

use super::{
    Anchor, Command,
    anchors::Token,
    media_thread::{Course, MediaThread},
};
use crate::{drops::DropReason, event::MediaEvent, key::LegKey};

/// Packets that are discarded of one socket before it is listened to: more than a socket of usual size holds.
const MOST_STALE: usize = 1_024;

impl MediaThread {
    /// Carries out what is queued.
    pub(super) fn obey(&mut self, now: Now) -> Course {
        self.inbox.bell.quiet();
        while let Ok(command) = self.inbox.commands.try_recv() {
            if let Command::Shutdown = command {
                for token in self.anchors.tokens() {
                    self.close_token(token, now);
                }
                return Course::End;
            }
            if catch_unwind(AssertUnwindSafe(|| self.carry_out(command, now))).is_err() {
                tracing::error!("a media command panicked");
            }
        }
        Course::GoOn
    }

    fn carry_out(&mut self, command: Command, now: Now) {
        match command {
            Command::Adopt(anchor) => self.adopt(anchor, now),
            Command::HandOver(leg, to) => self.hand_over(leg, now, |anchor| {
                // The plane waits for it; if not, the leg closes with its sockets.
                let _ = to.send(anchor);
            }),
            Command::Configure(leg, agreement) => self.configure(leg, *agreement, now),
            Command::Bridge(a, b) => self.bridge(a, b, now),
            Command::Unbridge(a, b) => self.unbridge(a, b, now),
            Command::Play(leg, programme) => self.with(leg, now, |anchor| anchor.leg.play(*programme, now)),
            Command::Stop(leg) => self.with(leg, now, |anchor| anchor.leg.stop()),
            Command::Press(leg, digit, ms) => self.with(leg, now, |anchor| {
                anchor.leg.press(digit, ms, now);
            }),
            Command::Keys(leg, keys) => self.with(leg, now, |anchor| anchor.leg.treat_keys(keys)),
            Command::Echo(leg) => self.echo(leg, now),
            Command::Join(leg, room, part) => self.join(leg, room, part, now),
            Command::Leave(leg) => self.leave(leg, now),
            Command::PlayIn(room, programme) => self.play_in(room, programme.map(|programme| *programme)),
            Command::Close(leg) => self.close(leg, now),
            Command::Statistics(leg, reply) => self.with(leg, now, |anchor| reply(anchor.leg.statistics())),
            Command::Shutdown => {}
        }
    }

    fn adopt(&mut self, anchor: Box<Anchor>, now: Now) {
        let is_heard = anchor.is_heard;
        let token = self.anchors.insert(anchor);
        if is_heard {
            self.watch(token);
        }
        self.counters.legs.set(self.anchors.len() as u64);
        self.set_alarm(token, now);
    }

    /// Begins to read a leg's sockets. What came before its first agreement is from nobody that it knows.
    fn hear(&mut self, token: Token) {
        let Some(anchor) = self.anchors.get_mut(token) else {
            return;
        };
        anchor.is_heard = true;
        for channel in anchor.channels() {
            for _ in 0..MOST_STALE {
                if anchor.socket(channel).recv_from(&mut self.buffer[..]).is_err() {
                    break;
                }
                self.counters.packets_received.add(1);
                self.counters.dropped(DropReason::UnknownSource);
                anchor.leg.count_drop(DropReason::UnknownSource);
            }
        }
        self.watch(token);
    }

    fn watch(&self, token: Token) {
        let Some(anchor) = self.anchors.get(token) else {
            return;
        };
        for channel in anchor.channels() {
            let event = EpollEvent::new(EpollFlags::EPOLLIN, token.with_channel(channel));
            if let Err(error) = self.epoll.add(anchor.socket(channel), event) {
                let key = anchor.key;
                tracing::error!(leg.call = key.call, leg.number = key.leg, %error, "a leg's socket cannot be watched");
            }
        }
    }

    fn hand_over(&mut self, leg: LegKey, now: Now, give: impl FnOnce(Box<Anchor>)) {
        let Some(token) = self.anchors.token(leg) else {
            return;
        };
        self.detach(token, now);
        if let Some(mut anchor) = self.anchors.remove(token) {
            for socket in [Some(&anchor.rtp), anchor.rtcp.as_ref()].into_iter().flatten() {
                // Fails when it was not watched.
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
                self.choose_means(token, listener, now);
            }
            self.tune_room_of(token);
        }
        if self.anchors.get(token).is_some_and(|anchor| !anchor.is_heard) {
            self.hear(token);
        }
        self.set_alarm(token, now);
    }

    fn bridge(&mut self, a: LegKey, b: LegKey, now: Now) {
        if let (Some(a), Some(b)) = (self.anchors.token(a), self.anchors.token(b)) {
            self.connect(a, b, now);
        }
    }

    fn echo(&mut self, leg: LegKey, now: Now) {
        if let Some(token) = self.anchors.token(leg) {
            self.connect(token, token, now);
        }
    }

    fn unbridge(&mut self, a: LegKey, b: LegKey, now: Now) {
        if let (Some(a), Some(b)) = (self.anchors.token(a), self.anchors.token(b))
            && self.anchors.get(a).is_some_and(|anchor| anchor.listener == Some(b))
        {
            self.detach(a, now);
        }
    }

    fn close(&mut self, leg: LegKey, now: Now) {
        if let Some(token) = self.anchors.token(leg) {
            self.close_token(token, now);
        }
    }

    fn close_token(&mut self, token: Token, now: Now) {
        self.detach(token, now);
        if let Some(anchor) = self.anchors.get_mut(token) {
            anchor.leg.stop();
        }
        self.tell(token, now);
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
    fn connect(&mut self, a: Token, b: Token, now: Now) {
        self.detach(a, now);
        self.detach(b, now);
        for (speaker, listener) in [(a, b), (b, a)] {
            if let Some(anchor) = self.anchors.get_mut(speaker) {
                anchor.listener = Some(listener);
            }
            if let Some(anchor) = self.anchors.get_mut(listener) {
                anchor.leg.stop();
            }
            self.introduce(speaker, listener);
            self.tell(listener, now);
        }
        self.choose_means(a, b, now);
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

    /// Ends the pair, or the echo, that the leg is part of, and takes it out of its room.
    pub(super) fn detach(&mut self, token: Token, now: Now) {
        let other = self.anchors.get_mut(token).and_then(|anchor| anchor.listener.take());
        if let Some(other) = other {
            if let Some(anchor) = self.anchors.get_mut(other) {
                anchor.listener = None;
            }
            self.exit(other, now);
        }
        self.exit(token, now);
    }

    fn with(&mut self, leg: LegKey, now: Now, act: impl FnOnce(&mut Anchor)) {
        let Some(token) = self.anchors.token(leg) else {
            return;
        };
        if let Some(anchor) = self.anchors.get_mut(token) {
            act(anchor);
        }
        self.tell(token, now);
        self.set_alarm(token, now);
    }
}
