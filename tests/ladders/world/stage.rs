//! The stage: company, phones, network and clock, moved on together.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use wigwag_model::{CallRecord, HangupCause, LegId};
use wigwag_pbx::call::Observed;
use wigwag_sansio::{
    Now, Tick,
    testing::{VirtualClock, Weather},
};
use wigwag_sip::wire::Message;

use super::{
    drawing::{self, Drawing},
    exchange::{Exchange, Out},
    network::{Network, Packet, Receiver, Wire},
    office::Office,
    phone::Phone,
};

/// After so long without anybody doing anything nothing may be under way any more.
const AFTERMATH: Duration = Duration::from_secs(100);

/// Everything that takes part in a scenario.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) exchange: Exchange,
    phones: Vec<Phone>,
    /// Phones whose power is off: nothing reaches them, nothing leaves them.
    dead: Vec<&'static str>,
    network: Network,
    clock: VirtualClock,
    drawing: Drawing,
    connections: u64,
    seed: u64,
}

impl World {
    /// Phones of extensions, all registered over UDP in fine weather.
    pub(crate) fn new(phones: &[(&'static str, &'static str)]) -> Self {
        World::build(phones, &[], true, Weather::FINE, 1)
    }

    /// The same with call waiting switched off.
    pub(crate) fn without_call_waiting(phones: &[(&'static str, &'static str)]) -> Self {
        World::build(phones, &[], false, Weather::FINE, 1)
    }

    /// The same; those of the second list connect by TLS.
    pub(crate) fn with_tls(phones: &[(&'static str, &'static str)], tls: &[&str]) -> Self {
        World::build(phones, tls, true, Weather::FINE, 1)
    }

    /// The same in any weather.
    pub(crate) fn in_weather(
        phones: &[(&'static str, &'static str)],
        tls: &[&str],
        weather: Weather,
        seed: u64,
    ) -> Self {
        World::build(phones, tls, true, weather, seed)
    }

    fn build(
        list: &[(&'static str, &'static str)],
        tls: &[&str],
        call_waiting: bool,
        weather: Weather,
        seed: u64,
    ) -> Self {
        let mut world = World {
            exchange: Exchange::new(Office::new(list, call_waiting), seed),
            phones: Vec::new(),
            dead: Vec::new(),
            network: Network::new(weather, seed),
            clock: VirtualClock::default(),
            drawing: Drawing::default(),
            connections: 0,
            seed,
        };
        for (name, number) in list {
            world.place(name, number, tls.contains(name));
        }
        for (name, _) in list {
            world.at(name, Phone::register);
        }
        world.run_ms(40_000);
        world.drawing = Drawing::beginning_at(world.now().tick);
        world
    }

    /// A further phone of the company, which has not registered yet.
    pub(crate) fn add_phone(&mut self, name: &'static str, number: &'static str) {
        self.exchange.office.add_device(name, number);
        self.place(name, number, false);
    }

    fn place(&mut self, name: &'static str, number: &'static str, is_tls: bool) {
        let index = u8::try_from(self.phones.len()).expect("few phones");
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 11 + index)), 5060);
        let wire = if is_tls {
            Wire::tls(address, self.new_connection())
        } else {
            Wire::udp(address)
        };
        let seed = self.seed * 100 + u64::from(index);
        self.phones.push(Phone::new(name, number, wire, seed));
    }

    /// A phone does something.
    pub(crate) fn at<T>(&mut self, name: &str, act: impl FnOnce(&mut Phone, Now) -> T) -> T {
        let now = self.clock.now();
        let index = self
            .phones
            .iter()
            .position(|phone| phone.name == name)
            .expect("the phone exists");
        let answer = act(&mut self.phones[index], now);
        self.flush();
        answer
    }

    /// Time passes, and everything that is due happens.
    pub(crate) fn run_ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    pub(crate) fn run(&mut self, duration: Duration) {
        let end = self.clock.now().tick + duration;
        while let Some(due) = self.next_due().filter(|due| *due <= end) {
            let now = self.clock.advance_to(due);
            while let Some(packet) = self.network.receive(now.tick) {
                self.deliver(packet, now);
            }
            self.exchange.wake(now);
            self.flush();
            for index in 0..self.phones.len() {
                if !self.dead.contains(&self.phones[index].name) {
                    self.phones[index].wake(now);
                }
                self.flush();
            }
        }
        self.clock.advance_to(end);
    }

    /// Ann calls 202, whose phone bob rings and answers.
    pub(crate) fn talk(&mut self) {
        self.at("ann", |ann, now| ann.call("202", now));
        self.run_ms(10);
        self.at("bob", Phone::ring);
        self.run_ms(990);
        self.at("bob", Phone::accept);
        self.run_ms(1000);
        self.assert_talking();
    }

    /// The same, of which nothing is drawn.
    pub(crate) fn talk_undrawn(&mut self) {
        self.drawing.set_off(true);
        self.talk();
        self.drawing.set_off(false);
    }

    /// Nothing is drawn while time passes.
    pub(crate) fn run_undrawn(&mut self, duration: Duration) {
        self.drawing.set_off(true);
        self.run(duration);
        self.drawing.set_off(false);
    }

    /// Both sides of the last call hear each other.
    #[track_caller]
    pub(crate) fn assert_talking(&self) {
        assert_eq!(self.heard(0, 1), (true, true), "both hear each other");
    }

    /// Whether the first leg of the last call hears the second, and the second the first.
    pub(crate) fn heard(&self, first: u16, second: u16) -> (bool, bool) {
        let call = self.exchange.last_call();
        let (first, second) = (
            self.exchange.sound(call, LegId(first)),
            self.exchange.sound(call, LegId(second)),
        );
        (
            self.exchange.media.hears(first, second),
            self.exchange.media.hears(second, first),
        )
    }

    /// The same for the call that was begun as the `call`th.
    pub(crate) fn heard_in(&self, call: u64, first: u16, second: u16) -> (bool, bool) {
        let first = self.exchange.sound(call, LegId(first));
        let second = self.exchange.sound(call, LegId(second));
        let media = &self.exchange.media;
        (media.hears(first, second), media.hears(second, first))
    }

    pub(crate) fn observe(&mut self, leg: u16, observed: Observed) {
        let now = self.clock.now();
        self.exchange.observe(leg, observed, now);
        self.flush();
    }

    pub(crate) fn shut_down(&mut self) {
        let now = self.clock.now();
        self.exchange.hang_up(HangupCause::ServerRestarted, now);
        self.flush();
    }

    /// The power of a phone fails.
    pub(crate) fn kill(&mut self, name: &'static str) {
        self.dead.push(name);
    }

    pub(crate) fn revive(&mut self, name: &str) {
        self.dead.retain(|dead| *dead != name);
    }

    /// The phone's connection breaks, and the exchange notices.
    pub(crate) fn disconnect(&mut self, name: &str) {
        let now = self.clock.now();
        let wire = self.at(name, |phone, _| phone.wire.clone());
        self.exchange.lose(&wire, now);
        let connection = self.new_connection();
        self.at(name, |phone, _| phone.wire = Wire::tls(phone.wire.phone, connection));
    }

    pub(crate) fn note(&mut self, text: &str) {
        let at = self.clock.now().tick;
        self.drawing.line(at, &format!("-- {text}"));
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// What the history says, once everything has ended.
    #[track_caller]
    pub(crate) fn records(&mut self) -> &[CallRecord] {
        self.run(AFTERMATH);
        assert!(self.exchange.is_idle(), "something is left: {}", self.drawing.text());
        for phone in self.phones.iter().filter(|phone| !self.dead.contains(&phone.name)) {
            assert!(
                phone.is_idle(),
                "{} has something left: {}",
                phone.name,
                self.drawing.text()
            );
        }
        &self.exchange.records
    }

    /// The ladder and what the history says.
    #[track_caller]
    pub(crate) fn story(&mut self) -> String {
        let records: Vec<String> = self.records().iter().map(drawing::record).collect();
        format!("{}\n{}", self.drawing.text(), records.join("\n"))
    }

    fn new_connection(&mut self) -> u64 {
        self.connections += 1;
        self.connections
    }

    fn next_due(&self) -> Option<Tick> {
        let alive = self.phones.iter().filter(|phone| !self.dead.contains(&phone.name));
        let phones = alive.filter_map(Phone::deadline);
        let rest = [self.exchange.deadline(), self.network.next_arrival()];
        phones.chain(rest.into_iter().flatten()).min()
    }

    fn deliver(&mut self, packet: Packet, now: Now) {
        match packet.to {
            Receiver::Exchange => self.exchange.receive(&packet.wire, packet.bytes, now),
            Receiver::Phone(name) if self.dead.contains(&name) => {}
            Receiver::Phone(name) => {
                let phone = self.phones.iter_mut().find(|phone| phone.name == name);
                phone.expect("packets are for phones").receive(packet.bytes, now);
            }
        }
        self.flush();
    }

    /// What everybody wants sent goes on its way, and into the ladder.
    fn flush(&mut self) {
        let at = self.clock.now().tick;
        for out in std::mem::take(&mut self.exchange.out) {
            match out {
                Out::Tell(text) => self.drawing.line(at, &text),
                Out::Send(flow, bytes) => {
                    let phone = self.phones.iter().find(|phone| phone.wire.flow() == flow);
                    let Some(phone) = phone else { continue };
                    let (to, wire) = (Receiver::Phone(phone.name), phone.wire.clone());
                    self.drawing
                        .line(at, &format!("{:<4} ◀── {}", phone.name, line(&bytes)));
                    self.network.send(Packet { to, wire, bytes }, at);
                }
            }
        }
        for phone in &mut self.phones {
            for bytes in std::mem::take(&mut phone.out) {
                if self.dead.contains(&phone.name) {
                    continue;
                }
                self.drawing
                    .line(at, &format!("{:<4} ──▶ {}", phone.name, line(&bytes)));
                let (to, wire) = (Receiver::Exchange, phone.wire.clone());
                self.network.send(Packet { to, wire, bytes }, at);
            }
        }
    }
}

fn line(bytes: &Bytes) -> String {
    drawing::message(&Message::parse(bytes.clone()).expect("all write well-formed messages"))
}
