//! The audit log of the platform: gateways, the stock of numbers, operators.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::{
    EntityKind,
    api::{AuditEntryView, Page},
};

use super::Operator;
use crate::{
    ApiState,
    audit_log::{Wanted, page},
    error::ApiError,
    extract::QueryFields,
};

pub(super) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list_platform_audit_log))
}

/// List who changed what of the platform
///
/// The newest first. What an operator changes of a company stands in the company's own log.
#[utoipa::path(
    get,
    path = "/v1/platform/audit_log",
    tag = "platform",
    security(("bearer" = [])),
    params(
        ("entity" = Option<EntityKind>, Query, description = "Only things of this kind"),
        ("entity_id" = Option<String>, Query, description = "Only this thing"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "Entries on a page: 50 unless told"),
    ),
    responses(
        (status = 200, description = "A page of entries", body = Page<AuditEntryView>),
        (status = 422, description = "A field of the query is unknown or not valid"),
    )
)]
async fn list_platform_audit_log(
    State(api): State<ApiState>,
    _operator: Operator,
    query: QueryFields,
) -> Result<Json<Page<AuditEntryView>>, ApiError> {
    let Wanted { filter, before, limit } = Wanted::read(query)?;
    let log = api.store().platform_audit_log(&filter, before, limit).await?;
    Ok(Json(page(log)))
}
