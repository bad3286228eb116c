//! A phone: what a person does with it, and what it shows.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::control::{Answer, Control, HungUp};
use super::event::{Event, EventKind};
use super::setup::{Says, Setup};
use crate::hearing::Listener;
use crate::patience::{PATIENCE, within};
use crate::peer::require_peer;
use crate::ports::HeldPort;
use crate::process::Process;
use crate::tone::Tone;

/// How often a phone is started with other ports, when somebody else was quicker to take them.
const ATTEMPTS: usize = 5;

/// A running phone with one account. Nobody answers or hangs up unless told to.
///
/// Whatever does not happen in time fails the test with the phone's log.
#[derive(Debug)]
pub struct Baresip {
    name: String,
    address: SocketAddr,
    uri: String,
    says: Says,
    bridges: u32,
    folder: TempDir,
    process: Process,
    control: Control,
}

impl Baresip {
    /// Starts a phone; `name` is how a failing test calls it.
    pub async fn start(name: &str, setup: &Setup) -> Baresip {
        let program = require_peer("baresip");
        let mut last_words = String::new();
        for _ in 0..ATTEMPTS {
            let folder = TempDir::new().expect("a temporary folder can be made");
            let (sip, control) = (HeldPort::sip(setup.ip), HeldPort::tcp(setup.ip));
            let (sip, control) = (sip.release(), control.release());
            setup.write(name, folder.path(), sip, control);
            let mut command = Command::new(&program);
            command
                .arg("-s")
                .arg(if setup.ip.is_ipv6() { "-6" } else { "-4" })
                .arg("-f")
                .arg(folder.path());
            let mut process = Process::start(name, &mut command);
            if let Some(control) = connect(&mut process, control).await {
                let uri = setup.uri(name, sip);
                return Baresip {
                    name: name.to_owned(),
                    address: sip,
                    uri,
                    says: setup.says,
                    bridges: 0,
                    folder,
                    process,
                    control,
                };
            }
            last_words = process.last_words();
        }
        panic!("{name} does not start\n{last_words}");
    }

    /// Where this phone listens for SIP.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where another phone reaches this one without a server.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Dials a number or a SIP address.
    pub async fn dial(&mut self, target: &str) {
        self.command("dial", target).await;
    }

    /// Answers the call that comes in.
    pub async fn accept(&mut self) {
        self.command("accept", "").await;
    }

    /// Ends the call, or refuses the one that comes in.
    pub async fn hang_up(&mut self) {
        self.command("hangup", "").await;
    }

    /// Puts the other side on hold, and waits until it has agreed.
    pub async fn hold(&mut self) {
        self.command("hold", "").await;
        self.agreed().await;
    }

    /// Takes the other side back from hold, and waits until it has agreed.
    pub async fn resume(&mut self) {
        self.command("resume", "").await;
        self.agreed().await;
    }

    /// Sends the other side on to this address (REFER), without asking there first.
    pub async fn transfer(&mut self, to: &str) {
        self.command("transfer", to).await;
    }

    /// Mutes the microphone, or takes that back.
    pub async fn mute(&mut self) {
        self.command("mute", "").await;
    }

    /// Presses keys during a call.
    pub async fn press(&mut self, keys: &str) {
        self.command("sndcode", keys).await;
    }

    /// The phone's own words about its call, with the SDP of both sides.
    pub async fn call_status(&mut self) -> String {
        self.command("callstat", "").await
    }

    /// The phone's own words about its registration.
    pub async fn registration_status(&mut self) -> String {
        self.command("reginfo", "").await
    }

    /// Waits until the server knows this phone.
    pub async fn registered(&mut self) {
        // It may have registered before anybody could be told.
        if !self.registration_status().await.contains("OK ") {
            self.event(EventKind::Registered).await;
        }
    }

    /// Waits until the server refuses this phone, and says with which words.
    pub async fn refused(&mut self) -> String {
        self.event(EventKind::RegistrationFailed).await.text
    }

    /// Waits for a call to come in, and says who calls.
    pub async fn incoming(&mut self) -> String {
        self.event(EventKind::Incoming).await.peer_uri
    }

    /// Waits until the phone at the other end rings.
    pub async fn ringing(&mut self) {
        self.event(EventKind::Ringing).await;
    }

    /// Waits until the call is answered.
    pub async fn established(&mut self) {
        self.event(EventKind::Established).await;
    }

    /// Waits until the call has ended, and says with which words.
    pub async fn closed(&mut self) -> String {
        self.event(EventKind::Closed).await.text
    }

    /// Waits for an event of this kind; what came before it is forgotten.
    ///
    /// # Panics
    ///
    /// When it does not come in time, or when the call or the registration fails instead.
    pub async fn event(&mut self, wanted: EventKind) -> Event {
        let mut passed = Vec::new();
        let waiting = async {
            loop {
                let event = self.control.event().await?;
                let failed = matches!(event.kind, EventKind::Closed | EventKind::RegistrationFailed);
                if event.kind == wanted || failed {
                    return Ok::<_, HungUp>(event);
                }
                passed.push(event);
            }
        };
        let outcome = within(PATIENCE, waiting).await;
        match outcome {
            Some(Ok(event)) if event.kind == wanted => event,
            Some(Ok(event)) => self.fail(&format!("instead of {wanted:?} came {event:?}")),
            Some(Err(HungUp)) => self.fail(&format!("it ended while {wanted:?} was waited for")),
            None => self.fail(&format!("{wanted:?} did not come, only {passed:?}")),
        }
    }

    /// All that the phone has printed, with every SIP message line by line.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.process.lines()
    }

    /// Ears for what the phone hears from now on.
    pub async fn listen(&mut self) -> Listener {
        if self.says == Says::WhatItHears {
            self.connect_ear_and_mouth().await;
        }
        Listener::of(self.folder.path(), self.says.recording_of_what_is_heard())
    }

    /// Waits until the phone hears a clear tone of `hz` in what comes from now on.
    pub async fn hears(&mut self, hz: u32) -> Tone {
        self.listen().await.hears(f64::from(hz)).await
    }

    /// Waits until the phone hears no tone of `hz` any more.
    pub async fn hears_no_more(&mut self, hz: u32) {
        self.listen().await.hears_no_more(f64::from(hz)).await;
    }

    /// The network is gone: nothing comes from this phone any more, not even a goodbye.
    pub fn vanish(&mut self) {
        self.process.freeze();
    }

    /// The network is back.
    pub fn reappear(&mut self) {
        self.process.thaw();
    }

    /// Switches the phone off properly: it ends its calls and its registration.
    pub async fn quit(mut self) {
        let _ = within(PATIENCE, self.control.command("quit", "")).await;
        self.process.ended().await;
    }

    /// Waits for the answer to our offer.
    async fn agreed(&mut self) {
        while self.event(EventKind::Described).await.text != "answer" {}
    }

    /// Bridges what is heard to what is said. A hold cuts the bridge, and only one with a new name can be built.
    async fn connect_ear_and_mouth(&mut self) {
        self.bridges += 1;
        let bridge = format!("aubridge,bridge{}", self.bridges);
        self.command("ausrc", &bridge).await;
        self.command("auplay", &bridge).await;
    }

    async fn command(&mut self, command: &str, parameters: &str) -> String {
        match within(PATIENCE, self.control.command(command, parameters)).await {
            Some(Ok(Answer { ok: true, text })) => text,
            Some(Ok(Answer { ok: false, text })) => self.fail(&format!("it refused `{command} {parameters}`: {text}")),
            Some(Err(HungUp)) => self.fail(&format!("it ended at `{command} {parameters}`")),
            None => self.fail(&format!("it did not answer `{command} {parameters}`")),
        }
    }

    fn fail(&self, what: &str) -> ! {
        panic!("{}: {what}", self.name)
    }
}

/// The control connection, as soon as the phone is ready; `None` when it could not get its ports.
async fn connect(process: &mut Process, address: SocketAddr) -> Option<Control> {
    let started = process.find_line(|line| match line {
        "baresip is ready." => Some(true),
        line if line.contains("failed to listen") || line.contains("init failed") => Some(false),
        _ => None,
    });
    if started.await != Some(true) {
        return None;
    }
    Control::connect(address).await.ok()
}
