//! Our offers (RFC 3264 §5), the first and the later ones (§8).

use super::{
    Negotiation,
    leg::{LocalAudio, Offered, Role, Sent, Terms},
    stream::Stream,
};
use crate::sdp::{Capabilities, Description, Direction, Media, Protocol, Suite};

impl Negotiation {
    /// Our offer of `capabilities` (at least one codec), usually those of the other leg: same formats, in this leg's
    /// numbers. On a leg that has agreed before, the order of media lines, the numbers and the transport stay.
    pub fn offer(&mut self, local: &LocalAudio, capabilities: &Capabilities) -> Description {
        let numbered = self.numbering.number(capabilities);
        let (protocol, suites) = self.transport(local);
        let cryptos = (1..).zip(suites).map(|(tag, suite)| self.crypto(tag, suite)).collect();
        let stream = Stream {
            port: local.rtp.port(),
            protocol,
            capabilities: &numbered,
            direction: local.direction,
            rtcp_mux: true,
            cryptos,
        };
        let (media, audio) = self.beside_refused(stream.media());
        let terms = Terms {
            local: local.clone(),
            capabilities: capabilities.clone(),
        };
        self.publish(
            local.rtp,
            media,
            audio,
            Role::Offer(Box::new(Offered { terms, numbered })),
        )
    }

    /// The agreed terms offered again with another direction: hold, resume, or the answer to a re-INVITE without
    /// offer when the other leg has nothing new to say. None before the first agreement.
    pub fn reoffer(&mut self, direction: Direction) -> Option<Description> {
        let Terms {
            mut local,
            capabilities,
        } = self.agreed.as_ref()?.terms.clone();
        local.direction = direction;
        Some(self.offer(&local, &capabilities))
    }

    /// What has been agreed stays; a new leg gets SRTP when it may.
    fn transport(&self, local: &LocalAudio) -> (Protocol, Vec<Suite>) {
        match &self.agreed {
            Some(agreed) => {
                let suite = agreed.agreement.srtp.as_ref().map(|keys| keys.suite);
                (agreed.remote.protocol.clone(), suite.into_iter().collect())
            }
            None if local.suites.is_empty() => (Protocol::RtpAvp, Vec::new()),
            None => (Protocol::RtpSavp, local.suites.clone()),
        }
    }

    /// Streams that were refused once keep their line, refused (RFC 3264 §8: lines are never removed).
    fn beside_refused(&self, stream: Media) -> (Vec<Media>, usize) {
        let Some(Sent { description, audio, .. }) = &self.sent else {
            return (vec![stream], 0);
        };
        let mut media: Vec<Media> = description.media.iter().map(Media::refused).collect();
        media[*audio] = stream;
        (media, *audio)
    }
}
