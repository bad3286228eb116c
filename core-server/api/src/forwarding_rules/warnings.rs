//! What is odd about the rules of an extension without being forbidden: told to whoever saves them (A30).

use wigwag_model::{Destination, ExtensionId, api::Warning};
use wigwag_pbx::routing::Ways;
use wigwag_store::{StoreError, TenantTx};

/// What is odd about the rules of `extension`, as they are stored now.
pub(super) async fn warnings<Access>(
    extension: ExtensionId,
    tx: &mut TenantTx<Access>,
) -> Result<Vec<Warning>, StoreError> {
    let (extensions, ring_groups) = (tx.extensions().await?, tx.ring_groups().await?);
    let (rules, numbers) = (tx.all_forwarding_rules().await?, tx.numbers().await?);
    let ways = Ways {
        extensions: &extensions,
        forwarding_rules: &rules,
        ring_groups: &ring_groups,
        numbers: &numbers,
    };
    let Some(circle) = ways.circle(extension) else {
        return Ok(Vec::new());
    };
    let number = |place: &Destination| match place {
        Destination::Extension(id) => extensions.iter().find(|each| each.id == *id).map(|each| &each.number),
        Destination::RingGroup(id) => {
            let group = ring_groups.iter().find(|each| each.id == *id);
            group.map(|each| &each.settings.number)
        }
        Destination::Queue(_) | Destination::Menu(_) | Destination::Mailbox(_) | Destination::Announcement(_) => None,
    };
    let places: Vec<_> = circle.iter().filter_map(number).map(ToString::to_string).collect();
    let message = format!("Calls can be sent in a circle: {}.", places.join(", "));
    Ok(vec![Warning::new("forwarding_circle", message)])
}
