//! The state of an extension in the words of each event package.

use smol_str::{SmolStr, format_smolstr};
use wigwag_model::{ExtensionId, Party};
use wigwag_pbx::presence::{CallStage, ExtensionState, Messages, PickUp, Presence, WatchedCall};
use wigwag_sip::{
    event_body::{
        Activity, Body, DialogInfo, Initiator, MessageSummary, Package, PresenceDocument, Side, WatchedDialog,
        WatchedState,
    },
    wire::{Host, Scheme, SipUri, Uri, header::NameAddr},
};

/// What is called to hear messages (features.md S169).
const MAILBOX: &str = "*95";

/// The extension that is watched, as its watcher calls it.
pub(super) struct Watched<'a> {
    pub(super) extension_id: ExtensionId,
    pub(super) entity: &'a Uri,
}

/// What `package` says of an extension in this state.
pub(super) fn body(package: Package, watched: &Watched<'_>, state: &ExtensionState, domain: &Host) -> Body {
    match package {
        Package::Dialog => Body::Dialogs(DialogInfo {
            entity: watched.entity.clone(),
            dialogs: state.calls.iter().map(|call| dialog(watched, call, domain)).collect(),
        }),
        Package::MessageSummary => {
            let Messages { new, old } = state.messages.unwrap_or_default();
            Body::Messages(MessageSummary {
                account: uri(MAILBOX, domain),
                new,
                old,
            })
        }
        Package::Presence => Body::Presence(PresenceDocument {
            entity: watched.entity.clone(),
            is_open: state.presence != Presence::Unknown,
            activity: activity(state.presence),
            note: state.presence.words().to_owned(),
        }),
    }
}

fn dialog(watched: &Watched<'_>, call: &WatchedCall, domain: &Host) -> WatchedDialog {
    let (initiator, state) = match call.stage {
        CallStage::Ringing => (Initiator::Peer, WatchedState::Early),
        // Phones let a lamp flash for every early dialog, also for one that its owner began: there is nothing to pick up.
        CallStage::Dialling => (Initiator::Owner, WatchedState::Confirmed),
        CallStage::Talking if call.is_outgoing => (Initiator::Owner, WatchedState::Confirmed),
        CallStage::Talking => (Initiator::Peer, WatchedState::Confirmed),
    };
    let pick_up = PickUp {
        call_id: call.call_id,
        extension_id: watched.extension_id,
    };
    WatchedDialog {
        id: format_smolstr!("{}", call.call_id),
        names: (call.stage == CallStage::Ringing).then(|| pick_up.names()),
        initiator,
        state,
        local: Side::new(NameAddr::new(watched.entity.clone())),
        remote: call.peer.as_ref().map(|peer| side(peer, domain)),
    }
}

fn side(party: &Party, domain: &Host) -> Side {
    let number: SmolStr = party.number.expose().as_str().into();
    let identity = NameAddr::new(uri(&number, domain));
    Side::new(match &party.name {
        Some(name) => identity.with_display(name.expose()),
        None => identity,
    })
}

fn uri(user: &str, domain: &Host) -> Uri {
    SipUri::new(Scheme::Sip, domain.clone()).with_user(user).into()
}

fn activity(presence: Presence) -> Option<Activity> {
    match presence {
        Presence::Unknown | Presence::Free => None,
        Presence::Busy => Some(Activity::OnThePhone),
        Presence::Ringing | Presence::DoNotDisturb => Some(Activity::Busy),
    }
}
