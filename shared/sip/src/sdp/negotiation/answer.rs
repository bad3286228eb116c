//! Our answers (RFC 3264 §6).

use super::{
    Agreement, Negotiation, NegotiationError, SrtpKeys,
    leg::{Agreed, LocalAudio, Role, Terms},
    stream::Stream,
};
use crate::sdp::{
    AudioDescription, Capabilities, Crypto, Description, Format, Media, Security, Suite,
    audio::without_audio,
    capabilities::{meet, merged_fmtp},
};

impl Negotiation {
    /// Our answer to `offer`: the first audio stream that shares a codec with `capabilities` (what the other leg, or
    /// the server itself, can take, most wanted first), every other stream refused.
    ///
    /// # Errors
    /// Why there is no answer but 488; nothing has changed then.
    pub fn answer(
        &mut self,
        offer: &Description,
        local: &LocalAudio,
        capabilities: &Capabilities,
    ) -> Result<Description, NegotiationError> {
        let Choice {
            remote,
            receive,
            send,
            crypto: theirs,
        } = choose(offer, &local.suites, capabilities)?;
        self.numbering.learn(&receive);
        let ours = theirs.as_ref().map(|theirs| self.crypto(theirs.tag, theirs.suite));
        let direction = remote.direction.reversed().and(local.direction);
        let stream = Stream {
            port: local.rtp.port(),
            protocol: remote.protocol.clone(),
            capabilities: &receive,
            direction,
            rtcp_mux: remote.rtcp_mux,
            cryptos: ours.iter().cloned().collect(),
        };
        let mut media: Vec<Media> = offer.media.iter().map(Media::refused).collect();
        media[remote.index] = stream.media();
        let description = self.publish(local.rtp, media, remote.index, Role::Answer);
        let srtp = SrtpKeys::of(ours.as_ref(), theirs.as_ref());
        let agreement = Agreement::new(&remote, direction, receive, send, srtp);
        let terms = Terms {
            local: local.clone(),
            capabilities: capabilities.clone(),
        };
        self.agreed = Some(Agreed {
            terms,
            remote,
            agreement,
        });
        Ok(description)
    }

    /// The answer to a re-offer that changes nothing for the other leg: a session refresh (RFC 4028 §7.4), or a phone
    /// that moved. Address, numbers and key may be new, so the media take the agreement again. None when direction or
    /// formats change and the call has to decide; nothing has changed then.
    pub fn refresh(&mut self, offer: &Description) -> Option<Description> {
        let Agreed {
            terms,
            agreement,
            remote,
        } = self.agreed.as_ref()?;
        let mut local = terms.local.clone();
        local.suites = agreement.srtp.iter().map(|keys| keys.suite).collect();
        let mut trial = self.clone();
        let answer = trial.answer(offer, &local, &agreement.receive).ok()?;
        let renewed = trial.agreed.as_mut().expect("an answer makes an agreement");
        // Who takes a call back from hold says so, even where the other leg still holds it: the call decides.
        if !renewed.agreement.sounds_like(agreement) || renewed.remote.direction != remote.direction {
            return None;
        }
        renewed.terms = terms.clone();
        *self = trial;
        Some(answer)
    }
}

/// The stream of an offer that is taken, and how.
struct Choice {
    remote: AudioDescription,
    receive: Capabilities,
    send: Capabilities,
    /// The offered line that is taken.
    crypto: Option<Crypto>,
}

fn choose(offer: &Description, suites: &[Suite], capabilities: &Capabilities) -> Result<Choice, NegotiationError> {
    let mut failure = None;
    for audio in AudioDescription::all(offer) {
        match audio.and_then(|remote| Choice::of(remote, suites, capabilities)) {
            Ok(choice) => return Ok(choice),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or_else(|| without_audio(offer)))
}

impl Choice {
    fn of(remote: AudioDescription, suites: &[Suite], capabilities: &Capabilities) -> Result<Choice, NegotiationError> {
        let crypto = match &remote.security {
            Security::Plain => None,
            Security::Opportunistic(cryptos) => first_usable(cryptos, suites),
            Security::Sdes(cryptos) => {
                let usable = first_usable(cryptos, suites);
                Some(usable.ok_or(NegotiationError::NoCommonEncryption)?)
            }
        }
        .cloned();
        let meeting = meet(capabilities, &remote.capabilities);
        if meeting.codecs.is_empty() {
            return Err(NegotiationError::NoCommonCodec);
        }
        let receive = meeting.map(|ours, theirs| Format {
            fmtp: merged_fmtp(ours, theirs),
            ..theirs.clone()
        });
        let send = meeting.map(|_, theirs| theirs.clone());
        Ok(Choice {
            receive: receive.with_packet_times_of(capabilities),
            send: send.with_packet_times_of(&remote.capabilities),
            remote,
            crypto,
        })
    }
}

impl SrtpKeys {
    pub(super) fn of(ours: Option<&Crypto>, theirs: Option<&Crypto>) -> Option<SrtpKeys> {
        let (ours, theirs) = (ours?, theirs?);
        Some(SrtpKeys {
            suite: ours.suite,
            send: ours.usable_key()?.clone(),
            receive: theirs.usable_key()?.clone(),
        })
    }
}

/// The offerer's order rules (RFC 4568 §5.1.2).
fn first_usable<'a>(cryptos: &'a [Crypto], suites: &[Suite]) -> Option<&'a Crypto> {
    let usable = |crypto: &&Crypto| suites.contains(&crypto.suite) && crypto.usable_key().is_some();
    cryptos.iter().find(usable)
}
