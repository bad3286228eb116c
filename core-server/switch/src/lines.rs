//! Lines: how many calls an extension takes part in at a time (A20), held as guards of the legs.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use wigwag_model::{Extension, ExtensionId};

/// The lines in use of all extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    in_use: Arc<Mutex<HashMap<ExtensionId, u32>>>,
}

/// A line in use; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Line {
    lines: Lines,
    extension_id: ExtensionId,
}

impl Lines {
    /// Takes a line to ring `extension`, unless all it has are in use.
    pub(crate) fn take(&self, extension: &Extension) -> Option<Line> {
        let most = 1 + u32::from(extension.call_waiting);
        let mut in_use = self.in_use.lock();
        let count = in_use.entry(extension.id).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Line {
            lines: self.clone(),
            extension_id: extension.id,
        })
    }

    /// Takes a line for a call that `extension` makes itself, which nothing forbids.
    pub(crate) fn take_for_caller(&self, extension: &Extension) -> Line {
        *self.in_use.lock().entry(extension.id).or_default() += 1;
        Line {
            lines: self.clone(),
            extension_id: extension.id,
        }
    }

    /// How many lines are in use on the whole server.
    pub(crate) fn in_use(&self) -> u64 {
        self.in_use.lock().clone().into_values().map(u64::from).sum()
    }
}

impl Line {
    /// Whose line it is.
    pub(crate) fn extension_id(&self) -> ExtensionId {
        self.extension_id
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut in_use = self.lines.in_use.lock();
        if let Some(count) = in_use.get_mut(&self.extension_id) {
            *count -= 1;
            if *count == 0 {
                in_use.remove(&self.extension_id);
            }
        }
    }
}
