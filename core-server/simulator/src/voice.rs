//! The sound of one call, on the media plane.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wigwag_media::{DtmfDigit, IpFamily, LegKey, MediaPlane, OpenError, Part, RoomKey};
use wigwag_sip::sdp::Agreement;

use crate::{
    behaviour::Sound,
    ear::{Ear, EarDrum},
};

const CALL: u16 = 0;
const EAR: u16 = 1;
const KEY_MS: u32 = 100;

/// The sound of one call. Its ports are closed when this is dropped.
#[derive(Debug)]
pub(crate) struct Voice {
    plane: MediaPlane,
    call: u32,
    address: SocketAddr,
    says: Sound,
    /// Whether keys are being pressed; what is said goes on after them.
    presses: bool,
    ear: Option<EarDrum>,
}

impl Voice {
    /// Opens a port; `ip` is how the other side sees us.
    pub(crate) fn open(plane: &MediaPlane, call: u32, ip: IpAddr) -> Result<Voice, OpenError> {
        let ports = plane.open(call.into(), leg(call, CALL), IpFamily::from(ip))?;
        Ok(Voice {
            plane: plane.clone(),
            call,
            address: SocketAddr::new(ip, ports.rtp.port()),
            says: Sound::Silence,
            presses: false,
            ear: None,
        })
    }

    /// Where sound is received.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Applies what was agreed.
    pub(crate) fn agree(&self, agreement: &Agreement) {
        self.plane.configure(leg(self.call, CALL), agreement.clone());
    }

    /// Says this from now on.
    pub(crate) fn say(&mut self, sound: Sound) {
        self.says = sound;
        if self.presses {
            return;
        }
        match sound.programme() {
            Some(programme) => self.plane.play(leg(self.call, CALL), programme),
            None => self.plane.echo(leg(self.call, CALL)),
        }
    }

    /// Presses a key, after those that are being pressed, and instead of what is said.
    pub(crate) fn press(&mut self, key: DtmfDigit) {
        if !self.presses {
            self.plane.stop(leg(self.call, CALL));
            self.presses = true;
        }
        self.plane.press(leg(self.call, CALL), key, KEY_MS);
    }

    /// A programme is over: the keys, since what is said has no end.
    pub(crate) fn played(&mut self) {
        self.presses = false;
        self.say(self.says);
    }

    /// An ear for what the other side says; none where there is no port, or for who says only what it hears.
    pub(crate) fn listen(&mut self) -> Option<Ear> {
        if let Some(drum) = &self.ear {
            return Some(drum.ear());
        }
        let loopback: IpAddr = match self.address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        if self.says == Sound::Echo {
            return None;
        }
        let drum = EarDrum::open(loopback).ok()?;
        let (call, ear) = (leg(self.call, CALL), leg(self.call, EAR));
        self.plane.open(self.call.into(), ear, IpFamily::from(loopback)).ok()?;
        self.plane.configure(ear, drum.agreement());
        let room = RoomKey(self.call.into());
        self.plane.join(call, room, Part::default());
        let only_listens = Part {
            muted: true,
            ..Part::default()
        };
        self.plane.join(ear, room, only_listens);
        self.played();
        Some(self.ear.insert(drum).ear())
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.plane.close(leg(self.call, CALL));
        if self.ear.is_some() {
            self.plane.close(leg(self.call, EAR));
        }
    }
}

fn leg(call: u32, leg: u16) -> LegKey {
    LegKey { call: call.into(), leg }
}
