//! Removes a forwarding rule.

use axum::{extract::State, http::StatusCode};
use wigwag_model::ForwardingRuleId;

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// Remove a forwarding rule
#[utoipa::path(
    delete,
    path = "/v1/forwarding_rules/{forwarding_rule_id}",
    tag = "forwarding rules",
    security(("bearer" = [])),
    params(("forwarding_rule_id" = ForwardingRuleId, Path, description = "The rule")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "There is no such rule"),
    )
)]
pub(crate) async fn remove_forwarding_rule(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ForwardingRuleId>,
) -> Result<StatusCode, ApiError> {
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let (extension, _) = tx.forwarding_rule(id).await?.ok_or(NotFound)?;
    caller.require_extension(extension)?;
    tx.remove_forwarding_rule(id).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, rule.id = %id, "A forwarding rule was removed.");
    Ok(StatusCode::NO_CONTENT)
}
