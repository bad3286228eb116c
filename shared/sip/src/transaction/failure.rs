//! Why a client transaction ended without a final response (RFC 3261 §8.1.3.1).

use serde::{Deserialize, Serialize};

/// Why a request of ours stays without a final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Nobody answered in time; to be treated as 408.
    Timeout,
    /// It could not be sent, or its connection has ended; to be treated as 503.
    Transport,
}
