//! Call events in sentences.

use wigwag_model::{CallEvent, LegRole};

/// What happened, for whoever reads the explanation of a call.
pub(super) fn sentence(event: &CallEvent) -> String {
    match event {
        CallEvent::Attempted { caller, dialled, .. } => {
            format!("{} dials {}", caller.number.expose(), dialled.expose())
        }
        CallEvent::Addressed { callee } => {
            let name = callee.name.as_ref().map_or("", |name| name.expose());
            format!("The call is for {} ({name})", callee.number.expose())
        }
        CallEvent::LegStarted {
            leg,
            role,
            gateway_id: Some(_),
            address,
            ..
        } => match role {
            LegRole::Caller => format!("Leg {} comes from the carrier at {}", leg.0, address.expose()),
            LegRole::Callee => format!("Leg {}: the carrier at {} is called", leg.0, address.expose()),
        },
        CallEvent::LegStarted {
            leg,
            role: LegRole::Callee,
            extension_id: None,
            device_id: None,
            ..
        } => format!("Leg {} to the outside is not called", leg.0),
        CallEvent::LegStarted {
            leg,
            role: LegRole::Caller,
            address,
            ..
        } => {
            format!("Leg {} is the caller’s phone at {}", leg.0, address.expose())
        }
        CallEvent::LegStarted {
            leg,
            role: LegRole::Callee,
            address,
            ..
        } => {
            format!("Leg {}: a phone at {} is called", leg.0, address.expose())
        }
        CallEvent::LegRinging { leg } => format!("Leg {} rings", leg.0),
        CallEvent::LegAnswered { leg } => format!("Leg {} is answered", leg.0),
        CallEvent::LegHeld { leg } => format!("Leg {} puts the other side on hold", leg.0),
        CallEvent::LegResumed { leg } => format!("Leg {} takes the other side back", leg.0),
        CallEvent::LegEnded { leg, cause } => format!("Leg {} ends: {}", leg.0, cause.words()),
        CallEvent::LegMeasured { leg, media } => format!(
            "Leg {}: {} packets received, {} lost, {} sent, jitter {} µs",
            leg.0, media.packets_received, media.packets_lost, media.packets_sent, media.jitter_us
        ),
        CallEvent::Bridged { first, second } => format!("Legs {} and {} hear each other", first.0, second.0),
        CallEvent::CallerChanged { caller } => format!("The caller is {} from now on", caller.number.expose()),
        CallEvent::Merged { into } => format!("The rest of the call goes on in {into}"),
        CallEvent::Ended { cause } => format!("The call is over: {}", cause.words()),
    }
}
