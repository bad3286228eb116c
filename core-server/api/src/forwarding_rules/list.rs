//! Lists the forwarding rules of an extension in their order (S102).

use axum::{Json, extract::State};
use wigwag_model::{
    ExtensionId,
    api::{ForwardingRuleView, Page},
};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id, forwarding_rules::warnings};

/// List the forwarding rules of an extension
///
/// The first that matches a call wins.
#[utoipa::path(
    get,
    path = "/v1/extensions/{extension_id}/forwarding_rules",
    tag = "forwarding rules",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    responses(
        (status = 200, description = "The rules in their order", body = Page<ForwardingRuleView>),
        (status = 404, description = "There is no such extension"),
    )
)]
pub(crate) async fn list_forwarding_rules(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
) -> Result<Json<Page<ForwardingRuleView>>, ApiError> {
    caller.require_extension(id)?;
    let mut tx = api.store().read(caller.tenant()).await?;
    tx.extension(id).await?.ok_or(NotFound)?;
    let rules = tx.forwarding_rules(id).await?;
    let warnings = warnings(id, &mut tx).await?;
    let views = rules
        .into_iter()
        .map(|rule| ForwardingRuleView::new(id, rule, warnings.clone()));
    Ok(Json(Page::whole(views)))
}
