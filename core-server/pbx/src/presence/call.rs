//! What is known of one running call: its journal, folded as far as lamps need it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, CallId, ExtensionId, LegId, LegRole, Party, TenantId};
use wigwag_sansio::Pii;

use super::{CallStage, WatchedCall};

/// One running call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) tenant_id: TenantId,
    caller: Party,
    dialled: Pii<String>,
    callee: Option<Party>,
    legs: BTreeMap<LegId, Leg>,
}

/// One phone's part in it.
#[derive(Debug, Serialize, Deserialize)]
struct Leg {
    extension_id: ExtensionId,
    role: LegRole,
    stage: Option<CallStage>,
}

impl Call {
    pub(super) fn new(tenant_id: TenantId, caller: Party, dialled: Pii<String>) -> Self {
        Call {
            tenant_id,
            caller,
            dialled,
            callee: None,
            legs: BTreeMap::new(),
        }
    }

    /// Takes the call's next event, and says which extensions may look different now.
    pub(super) fn see(&mut self, event: CallEvent) -> BTreeSet<ExtensionId> {
        match event {
            CallEvent::Addressed { callee } => {
                self.callee = Some(callee);
                self.extensions()
            }
            CallEvent::LegStarted {
                leg,
                role,
                extension_id: Some(extension_id),
                ..
            } => {
                let stage = match role {
                    LegRole::Caller => Some(CallStage::Dialling),
                    LegRole::Callee => None,
                };
                let started = Leg {
                    extension_id,
                    role,
                    stage,
                };
                self.legs.insert(leg, started);
                BTreeSet::from([extension_id])
            }
            CallEvent::LegRinging { leg } => self.reach(leg, CallStage::Ringing),
            CallEvent::LegAnswered { leg } => self.reach(leg, CallStage::Talking),
            CallEvent::LegEnded { leg, .. } => {
                let ended = self.legs.remove(&leg);
                ended.into_iter().map(|leg| leg.extension_id).collect()
            }
            CallEvent::CallerChanged { caller } => {
                self.caller = caller;
                self.extensions()
            }
            CallEvent::Merged { .. } | CallEvent::Ended { .. } => {
                let extensions = self.extensions();
                self.legs.clear();
                extensions
            }
            CallEvent::Attempted { .. }
            | CallEvent::LegStarted { extension_id: None, .. }
            | CallEvent::LegHeld { .. }
            | CallEvent::LegResumed { .. }
            | CallEvent::LegMeasured { .. }
            | CallEvent::Bridged { .. } => BTreeSet::new(),
        }
    }

    /// What is shown of it at one of its extensions; nothing while no phone there rings or talks.
    pub(super) fn shown_at(&self, extension: ExtensionId, call_id: CallId) -> Option<WatchedCall> {
        let legs = self.legs.values().filter(|leg| leg.extension_id == extension);
        let furthest = legs.max_by_key(|leg| leg.stage)?;
        Some(WatchedCall {
            call_id,
            stage: furthest.stage?,
            is_outgoing: furthest.role == LegRole::Caller,
            peer: Some(match furthest.role {
                LegRole::Callee => self.caller.clone(),
                LegRole::Caller => self.callee.clone().unwrap_or_else(|| self.dialled()),
            }),
        })
    }

    /// Whether an extension has a phone in it.
    pub(super) fn involves(&self, extension: ExtensionId) -> bool {
        self.legs.values().any(|leg| leg.extension_id == extension)
    }

    fn reach(&mut self, leg: LegId, stage: CallStage) -> BTreeSet<ExtensionId> {
        let Some(leg) = self.legs.get_mut(&leg) else {
            return BTreeSet::new();
        };
        leg.stage = leg.stage.max(Some(stage));
        BTreeSet::from([leg.extension_id])
    }

    fn extensions(&self) -> BTreeSet<ExtensionId> {
        self.legs.values().map(|leg| leg.extension_id).collect()
    }

    /// Who is called, before that is decided.
    fn dialled(&self) -> Party {
        Party {
            name: None,
            number: self.dialled.clone(),
            extension: None,
        }
    }
}
