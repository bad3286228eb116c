//! Answers to our offers (RFC 3264 §7).

use super::{
    Agreement, Negotiation, NegotiationError, SrtpKeys,
    leg::{Agreed, Offered, Role, Sent},
};
use crate::sdp::{
    Attribute, AudioDescription, Capabilities, Codec, Crypto, Description, Media, MediaKind, Security,
    capabilities::meet,
};

impl Negotiation {
    /// Takes the answer to our last offer; the same answer may come again (183, then 200).
    ///
    /// # Errors
    /// Why the answer cannot be used; nothing has changed then.
    pub fn accept_answer(&mut self, answer: &Description) -> Result<&Agreement, NegotiationError> {
        let Some(Sent {
            description: offer,
            audio: index,
            role: Role::Offer(offered),
            ..
        }) = &self.sent
        else {
            return Err(NegotiationError::NoOffer);
        };
        let Offered { terms, numbered } = offered.as_ref();
        let media = our_line(offer, answer, *index)?;
        let remote = AudioDescription::read(answer, *index, &with_our_names(media, numbered))?;
        let crypto = taken_line(&offer.media[*index], &remote.security)?;
        let (receive, send) = taken_formats(numbered, &remote.capabilities)?;
        let srtp = crypto.and_then(|(ours, theirs)| SrtpKeys::of(Some(ours), Some(theirs)));
        let direction = remote.direction.reversed().and(terms.local.direction);
        let agreement = Agreement::new(&remote, direction, receive, send, srtp);
        let terms = terms.clone();
        let agreed = self.agreed.insert(Agreed {
            terms,
            remote,
            agreement,
        });
        Ok(&agreed.agreement)
    }
}

fn our_line<'a>(offer: &Description, answer: &'a Description, index: usize) -> Result<&'a Media, NegotiationError> {
    let media = &answer.media.get(index).ok_or(NegotiationError::Mismatch)?;
    if answer.media.len() != offer.media.len() || media.kind != MediaKind::Audio {
        return Err(NegotiationError::Mismatch);
    }
    if media.port == 0 {
        return Err(NegotiationError::Refused);
    }
    Ok(media)
}

/// Some phones answer `96` without saying what it is: what we said it is.
fn with_our_names(media: &Media, offered: &Capabilities) -> Media {
    let mut media = media.clone();
    for format in offered.formats() {
        let named = media.section.names(format.payload_type);
        if !named && Codec::of_static(format.payload_type).is_none() {
            media.section.attributes.push(Attribute::RtpMap {
                payload_type: format.payload_type,
                codec: format.codec.clone(),
            });
        }
    }
    media
}

/// The line of ours that the answer takes, with the answer's own.
fn taken_line<'a>(
    offered: &'a Media,
    security: &'a Security,
) -> Result<Option<(&'a Crypto, &'a Crypto)>, NegotiationError> {
    let mut ours = offered.section.cryptos().peekable();
    match security {
        Security::Plain | Security::Opportunistic(_) if ours.peek().is_none() => Ok(None),
        Security::Opportunistic(theirs) | Security::Sdes(theirs) => {
            let [theirs] = theirs.as_slice() else {
                return Err(NegotiationError::NoCommonEncryption);
            };
            let taken = ours.find(|ours| (ours.tag, ours.suite) == (theirs.tag, theirs.suite));
            let usable = taken.filter(|_| theirs.usable_key().is_some());
            Ok(Some((usable.ok_or(NegotiationError::NoCommonEncryption)?, theirs)))
        }
        Security::Plain => Err(NegotiationError::NoCommonEncryption),
    }
}

/// What we receive and what we send, in the answer's order. Formats that we did not offer are passed over: an answer
/// may add some (RFC 3264 §6.1), but the other leg does not have them.
fn taken_formats(
    offered: &Capabilities,
    answered: &Capabilities,
) -> Result<(Capabilities, Capabilities), NegotiationError> {
    let meeting = meet(answered, offered);
    if meeting.codecs.is_empty() {
        return Err(NegotiationError::NoCommonCodec);
    }
    let receive = meeting.map(|_, ours| ours.clone()).with_packet_times_of(offered);
    let send = meeting.map(|theirs, _| theirs.clone()).with_packet_times_of(answered);
    Ok((receive, send))
}
