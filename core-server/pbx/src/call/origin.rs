//! What a call begins with.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{CallDirection, Party};
use wigwag_sansio::{Entropy, Pii};
use wigwag_sip::session::{Extra, Invitation, Session};

use super::Who;
use crate::{
    registrar::Reach,
    routing::{Attempt, Decision},
};

/// An INVITE whose sender is known and about which has been decided.
#[derive(Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The caller's leg, not yet answered.
    pub session: Session,
    /// What the INVITE asks for.
    pub invitation: Invitation,
    /// How to reach the caller's phone.
    pub reach: Reach,
    /// Who calls.
    pub who: Who,
    /// The caller, as others see them.
    pub caller: Party,
    /// Who calls whom, as far as decisions depend on it.
    pub attempt: Attempt,
    /// What was dialled.
    pub dialled: Pii<SmolStr>,
    /// Seen from the company.
    pub direction: CallDirection,
    /// What is to be done.
    pub decision: Decision,
    /// The domain of all SIP addresses.
    pub domain: SmolStr,
    /// How many hops the INVITE may still take.
    pub max_forwards: u8,
    /// The headers of the INVITE that cross the exchange.
    pub headers: Vec<Extra>,
    /// For the tags, ids and keys of this call.
    pub entropy: Entropy,
}
