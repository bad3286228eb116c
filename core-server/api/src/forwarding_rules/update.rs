//! Changes a forwarding rule, or switches it on and off.

use axum::{Json, extract::State};
use wigwag_model::{
    ForwardingRuleId, ForwardingRuleSettings,
    api::{Change, ForwardingRuleView},
};

use crate::{
    ApiState,
    access::NotFound,
    caller::Caller,
    changed::require_revision,
    error::ApiError,
    extract::{Id, JsonChange},
    forwarding_rules::warnings,
};

/// Change a forwarding rule
///
/// Calls that begin after this is answered follow the change. What is odd about it is told as a warning.
#[utoipa::path(
    put,
    path = "/v1/forwarding_rules/{forwarding_rule_id}",
    tag = "forwarding rules",
    security(("bearer" = [])),
    params(("forwarding_rule_id" = ForwardingRuleId, Path, description = "The rule")),
    request_body = Change<ForwardingRuleSettings>,
    responses(
        (status = 200, description = "The rule as it is now", body = ForwardingRuleView),
        (status = 404, description = "There is no such rule"),
        (status = 409, description = "Another rule of the extension has its key, or somebody else has changed it meanwhile"),
    )
)]
pub(crate) async fn update_forwarding_rule(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ForwardingRuleId>,
    JsonChange(change): JsonChange<ForwardingRuleSettings>,
) -> Result<Json<ForwardingRuleView>, ApiError> {
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let (extension, before) = tx.forwarding_rule(id).await?.ok_or(NotFound)?;
    caller.require_extension(extension)?;
    require_revision(change.revision, before.revision, &before)?;
    let rule = tx.update_forwarding_rule(id, &change.settings).await?.ok_or(NotFound)?;
    let warnings = warnings(extension, &mut tx).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, rule.id = %id, "A forwarding rule was changed.");
    Ok(Json(ForwardingRuleView::new(extension, rule, warnings)))
}
