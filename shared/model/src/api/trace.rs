//! The explanation of one call: what was decided and why, and the SIP ladder.

use serde::{Deserialize, Serialize};
use wigwag_sansio::Pii;

/// The explanation of one call; secrets are masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallTrace {
    /// What was decided, step by step, in sentences.
    pub decision: Vec<TraceStep>,
    /// The SIP messages in the order in which they were seen.
    pub ladder: Vec<LadderEntry>,
    /// Whether the ladder was cut because it grew too long.
    pub truncated: bool,
}

/// One step of the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceStep {
    /// Milliseconds since the call began.
    pub elapsed_ms: u64,
    /// What happened or was decided, and why.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub text: Pii<String>,
}

/// One SIP message of the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LadderEntry {
    /// Milliseconds since the call began.
    pub elapsed_ms: u64,
    /// The leg that it belongs to, where known.
    pub leg: Option<u16>,
    /// Which way it went.
    pub direction: LadderDirection,
    /// Transport and network address of the phone.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "udp:192.0.2.1:5060"))]
    pub peer: Pii<String>,
    /// Method or status, for example `INVITE` or `180 Ringing`.
    pub summary: String,
    /// The whole message, secrets masked; bytes that are not UTF-8 are replaced.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Pii<String>,
}

/// Which way a message went, seen from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LadderDirection {
    /// From the phone.
    Received,
    /// To the phone.
    Sent,
}
