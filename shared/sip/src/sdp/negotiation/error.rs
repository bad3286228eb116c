//! Why two sides cannot agree on audio.

use thiserror::Error;

/// A refusal. For an offer that we received it means 488; for an answer, that the call cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NegotiationError {
    /// No audio stream, or all of them with port 0.
    #[error("there is no audio stream")]
    NoAudio,
    /// A T.38 re-offer: fax over IP is not relayed.
    #[error("only a fax stream is offered")]
    FaxOnly,
    /// Not a single codec that both legs have.
    #[error("there is no codec in common")]
    NoCommonCodec,
    /// SRTP is wanted, but not one line names a suite and key that we can use.
    #[error("there is no SRTP suite in common")]
    NoCommonEncryption,
    /// Neither `RTP/AVP` nor one of its SDES and feedback relatives.
    #[error("the transport is not supported")]
    UnsupportedTransport,
    /// No address, a host name, or one that no packet may be sent to.
    #[error("the media address cannot be used")]
    UnusableAddress,
    /// The answer's media lines are not those of our offer.
    #[error("the answer does not match the offer's media lines")]
    Mismatch,
    /// The answer refuses our audio stream by port 0.
    #[error("the audio stream is refused")]
    Refused,
    /// An answer came although the last description that we sent was no offer.
    #[error("there is no offer to answer")]
    NoOffer,
}
