//! A running call, as its task would hold it.

use std::collections::{BTreeMap, BTreeSet};

use wigwag_model::{CallId, ExtensionId, LegId};
use wigwag_pbx::call::Call;
use wigwag_sansio::{Utc, testing::FreezeThaw};
use wigwag_sip::{session::RequestToken, transaction::ClientKey};

/// A call that is not over.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) call: FreezeThaw<Call>,
    pub(crate) id: CallId,
    pub(crate) started_at: Utc,
    /// The INVITEs that can still be cancelled.
    pub(crate) invites: Vec<(LegId, RequestToken, ClientKey)>,
    pub(crate) tagged: BTreeSet<LegId>,
    /// The extensions whose lines it uses, and whose phones may join it.
    pub(crate) lines: Vec<ExtensionId>,
    pub(crate) next_sequence: u32,
    /// The sound of legs that have come from other calls.
    pub(crate) sounds: BTreeMap<LegId, (u64, LegId)>,
}
