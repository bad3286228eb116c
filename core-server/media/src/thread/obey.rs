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
use crate::{event::MediaEvent, key::LegKey, leg::Channel};

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
            Command::HandOver(leg, to) => self.hand_over(leg, |anchor| {
                // The plane waits for it; if not, the leg closes with its sockets.
                let _ = to.send(anchor);
            }),
            Command::Configure(leg, agreement) => self.configure(leg, *agreement, now),
            Command::Bridge(a, b) => self.bridge(a, b),
            Command::Unbridge(a, b) => self.unbridge(a, b),
            Command::Play(leg, sound) => self.with(leg, now, |anchor| anchor.leg.play(sound, now)),
            Command::Stop(leg) => self.with(leg, now, |anchor| anchor.leg.stop_sound()),
            Command::Echo(leg) => self.echo(leg),
            Command::Close(leg) => self.close(leg, now),
            Command::Statistics(leg, reply) => self.with(leg, now, |anchor| reply(anchor.leg.statistics())),
            Command::Shutdown => {}
        }
    }

    fn adopt(&mut self, anchor: Box<Anchor>, now: Now) {
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
        self.set_alarm(token, now);
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
        self.set_alarm(token, now);
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
    pub(super) fn detach(&mut self, token: Token) {
        let other = self.anchors.get_mut(token).and_then(|anchor| anchor.listener.take());
        if let Some(anchor) = other.and_then(|other| self.anchors.get_mut(other)) {
            anchor.listener = None;
        }
    }

    fn with(&mut self, leg: LegKey, now: Now, act: impl FnOnce(&mut Anchor)) {
        let Some(token) = self.anchors.token(leg) else {
            return;
        };
        if let Some(anchor) = self.anchors.get_mut(token) {
            act(anchor);
        }
        self.set_alarm(token, now);
    }
}
