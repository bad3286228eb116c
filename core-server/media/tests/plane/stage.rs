//! A media plane with its events, and agreements to configure it with.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
};

use wigwag_media::{IpFamily, LegKey, LegStatistics, LocalPorts, MediaConfig, MediaEvent, MediaMetrics, MediaPlane};
use wigwag_sansio::Entropy;
use wigwag_sip::sdp::{Agreement, Capabilities, Codec, Direction, Format};

use crate::phone::{PATIENCE, Phone};

pub(crate) struct Stage {
    pub(crate) plane: MediaPlane,
    pub(crate) events: Receiver<MediaEvent>,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        Stage::with(MediaConfig::loopback())
    }

    pub(crate) fn with(config: MediaConfig) -> Stage {
        let (sender, events) = channel();
        let sender = Mutex::new(sender);
        let plane = MediaPlane::start(config, Entropy::from_number(7), move |event| {
            let _ = sender.lock().unwrap().send(event);
        });
        Stage {
            plane: plane.unwrap(),
            events,
        }
    }

    /// Opens a leg of conversation 1 for a phone, with what both agreed.
    pub(crate) fn leg(&self, number: u16, phone: &Phone, formats: &[(u8, Codec)]) -> (LegKey, LocalPorts) {
        let leg = key(number);
        let family = IpFamily::from(phone.rtp_address().ip());
        let ports = self.plane.open(1, leg, family).unwrap();
        self.plane.configure(leg, agreement(phone, formats));
        (leg, ports)
    }

    pub(crate) fn event(&self) -> MediaEvent {
        self.events
            .recv_timeout(PATIENCE)
            .expect("an event within the test's patience")
    }

    pub(crate) fn statistics(&self, leg: LegKey) -> LegStatistics {
        let (sender, receiver) = channel();
        self.plane
            .statistics(leg, move |statistics| sender.send(statistics).unwrap());
        receiver.recv_timeout(PATIENCE).expect("figures of an open leg")
    }

    /// Closes a leg and passes over its other events.
    pub(crate) fn close(&self, leg: LegKey) -> LegStatistics {
        self.plane.close(leg);
        loop {
            if let MediaEvent::Closed {
                leg: closed,
                statistics,
            } = self.event()
                && closed == leg
            {
                return *statistics;
            }
        }
    }

    /// What is left when all is over.
    pub(crate) fn end(self) -> MediaMetrics {
        self.plane.clone().shutdown();
        self.plane.metrics()
    }
}

pub(crate) fn key(leg: u16) -> LegKey {
    LegKey { call: 9, leg }
}

pub(crate) fn agreement(phone: &Phone, formats: &[(u8, Codec)]) -> Agreement {
    agreement_at(phone.rtp_address(), phone.rtcp_address(), formats)
}

pub(crate) fn agreement_at(rtp: SocketAddr, rtcp: SocketAddr, formats: &[(u8, Codec)]) -> Agreement {
    Agreement {
        remote_rtp: Some(rtp),
        remote_rtcp: Some(rtcp),
        rtcp_mux: false,
        direction: Direction::SendRecv,
        receive: capabilities(formats),
        send: capabilities(formats),
        srtp: None,
    }
}

pub(crate) fn capabilities(formats: &[(u8, Codec)]) -> Capabilities {
    let mut capabilities = Capabilities::default();
    for (payload_type, codec) in formats {
        let format = Format::new(*payload_type, codec.clone());
        if codec.is("telephone-event") {
            capabilities.telephone_events.push(format);
        } else if codec.is("CN") {
            capabilities.comfort_noise.push(format);
        } else {
            capabilities.codecs.push(format);
        }
    }
    capabilities
}
