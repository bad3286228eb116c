//! The call history in the API (S178, S187).

use serde::{Deserialize, Serialize};
use wigwag_sansio::Pii;

use super::Timestamp;
use crate::{
    CallDirection, CallId, CallLeg, CallRecord, DeviceId, ExtensionId, ExtensionNumber, HangupCause, LegRole,
    MediaFigures, Outcome, Party,
};

/// One finished conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallView {
    /// The call.
    pub id: CallId,
    /// Seen from the company.
    pub direction: CallDirection,
    /// Who called.
    pub caller: PartyView,
    /// What was dialled.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub dialled: Pii<String>,
    /// Who was called, as far as known.
    pub callee: Option<PartyView>,
    /// When the attempt was made.
    pub started_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// From the answer to the end, in milliseconds.
    pub talk_ms: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it ended.
    pub cause: HangupCause,
    /// Why it ended, in words.
    pub cause_words: String,
    /// The phones that took part, the caller first.
    pub legs: Vec<CallLegView>,
}

/// One side of a call as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartyView {
    /// The name shown, if there is one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub name: Option<Pii<String>>,
    /// The number shown.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub number: Pii<String>,
    /// The extension, where it is one of the company's own.
    pub extension_id: Option<ExtensionId>,
    /// The extension's number at the time of the call.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub extension_number: Option<ExtensionNumber>,
}

/// One phone's part in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallLegView {
    /// Its number in the call.
    pub leg: u16,
    /// Which side it is.
    pub role: LegRole,
    /// The extension whose phone it is.
    pub extension_id: Option<ExtensionId>,
    /// The device, where known.
    pub device_id: Option<DeviceId>,
    /// The transport and network address it was reached at.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "udp:192.0.2.1:5060"))]
    pub address: Pii<String>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it began to ring.
    pub ringing_at: Option<Timestamp>,
    /// When it answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Why it ended.
    pub cause: HangupCause,
    /// What was measured of its sound.
    pub media: Option<MediaView>,
}

/// What was measured of one leg's sound over its whole life (RFC 3550 §6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaView {
    /// RTP packets received from the phone.
    pub packets_received: u64,
    /// RTP packets sent to it.
    pub packets_sent: u64,
    /// Packets that the phone sent and that never arrived.
    pub packets_lost: u64,
    /// Packets that it says never reached it.
    pub reported_lost: u64,
    /// Interarrival jitter of what arrived, in microseconds.
    pub jitter_us: u32,
    /// The last round trip, in microseconds.
    pub round_trip_us: Option<u32>,
}

impl CallView {
    /// Whether `extension` was one of its sides or had a phone in it.
    pub fn involves(&self, extension: ExtensionId) -> bool {
        let is_party = |party: &PartyView| party.extension_id == Some(extension);
        is_party(&self.caller)
            || self.callee.as_ref().is_some_and(is_party)
            || self.legs.iter().any(|leg| leg.extension_id == Some(extension))
    }
}

impl From<CallRecord> for CallView {
    fn from(record: CallRecord) -> Self {
        CallView {
            id: record.id,
            direction: record.direction,
            caller: record.caller.into(),
            dialled: record.dialled,
            callee: record.callee.map(PartyView::from),
            started_at: record.started_at.into(),
            answered_at: record.answered_at.map(Timestamp::from),
            ended_at: record.ended_at.into(),
            talk_ms: record.talk_ms,
            outcome: record.outcome,
            cause: record.cause,
            cause_words: record.cause.words().to_owned(),
            legs: record.legs.into_iter().map(CallLegView::from).collect(),
        }
    }
}

impl From<Party> for PartyView {
    fn from(party: Party) -> Self {
        let (extension_id, extension_number) = party.extension.unzip();
        PartyView {
            name: party.name,
            number: party.number,
            extension_id,
            extension_number,
        }
    }
}

impl From<CallLeg> for CallLegView {
    fn from(leg: CallLeg) -> Self {
        CallLegView {
            leg: leg.leg.0,
            role: leg.role,
            extension_id: leg.extension_id,
            device_id: leg.device_id,
            address: leg.address,
            started_at: leg.started_at.into(),
            ringing_at: leg.ringing_at.map(Timestamp::from),
            answered_at: leg.answered_at.map(Timestamp::from),
            ended_at: leg.ended_at.into(),
            cause: leg.cause,
            media: leg.media.map(MediaView::from),
        }
    }
}

impl From<MediaFigures> for MediaView {
    fn from(figures: MediaFigures) -> Self {
        MediaView {
            packets_received: figures.packets_received,
            packets_sent: figures.packets_sent,
            packets_lost: figures.packets_lost,
            reported_lost: figures.reported_lost,
            jitter_us: figures.jitter_us,
            round_trip_us: figures.round_trip_us,
        }
    }
}
