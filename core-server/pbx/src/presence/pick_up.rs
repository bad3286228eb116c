//! Picking a call up from a lamp: what a ringing call is called there, and what an INVITE with Replaces (RFC 3891) that
//! came of it means.
//!
//! A lamp never tells the tags of a real dialog: whoever knows them could speak as one of its sides.

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use wigwag_model::{CallId, ExtensionId};
use wigwag_sip::{event_body::DialogNames, wire::header::Replaces};

/// The other side of a call, as lamps tell it.
const OTHER_SIDE: &str = "lamp";

/// A call that rings at an extension, and can be answered from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickUp {
    /// The call.
    pub call_id: CallId,
    /// Where it rings.
    pub extension_id: ExtensionId,
}

impl PickUp {
    /// What lamps call it.
    pub fn names(&self) -> DialogNames {
        DialogNames {
            call_id: format_smolstr!("{}", self.call_id),
            local_tag: format_smolstr!("{}", self.extension_id),
            remote_tag: SmolStr::new_static(OTHER_SIDE),
        }
    }

    /// What a phone wants to pick up; none when it learned of the dialog elsewhere. Some phones swap the tags.
    pub fn read(replaces: &Replaces) -> Option<PickUp> {
        let tag = match (replaces.to_tag(), replaces.from_tag()) {
            (tag, OTHER_SIDE) | (OTHER_SIDE, tag) => tag,
            _ => return None,
        };
        Some(PickUp {
            call_id: replaces.call_id().as_str().parse().ok()?,
            extension_id: tag.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::{Entropy, Utc};
    use wigwag_sip::wire::header;

    use super::*;

    #[test]
    fn what_a_lamp_names_is_found_again() {
        let mut entropy = Entropy::from_number(1);
        let at = Utc::from_millis(1);
        let pick_up = PickUp {
            call_id: CallId::new(at, &mut entropy),
            extension_id: ExtensionId::new(at, &mut entropy),
        };
        let names = pick_up.names();
        let call_id = header::CallId::new(&names.call_id).unwrap();
        for (to_tag, from_tag) in [
            (&names.local_tag, &names.remote_tag),
            (&names.remote_tag, &names.local_tag),
        ] {
            let replaces = Replaces::new(call_id.clone(), to_tag, from_tag);
            assert_eq!(PickUp::read(&replaces), Some(pick_up));
        }
        let real = Replaces::new(call_id, "a", "b");
        assert_eq!(PickUp::read(&real), None);
    }
}
