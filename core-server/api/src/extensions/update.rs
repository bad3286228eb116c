//! Changes an extension (S078–S081).

use axum::{Json, extract::State};
use wigwag_model::{
    ExtensionId,
    api::{ExtensionChange, ExtensionView},
};

use super::refused;
use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::{FieldsRefused, Id, JsonBody},
};

/// Change an extension
///
/// What is absent stays as it is. Calls that begin after this is answered follow the change.
#[utoipa::path(
    patch,
    path = "/v1/extensions/{extension_id}",
    tag = "extensions",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    request_body = ExtensionChange,
    responses(
        (status = 200, description = "The extension as it is now", body = ExtensionView),
        (status = 403, description = "The access level does not allow to change the number"),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "Another extension has this number"),
    )
)]
pub(crate) async fn update_extension(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    JsonBody(change): JsonBody<ExtensionChange>,
) -> Result<Json<ExtensionView>, ApiError> {
    caller.require_extension(id)?;
    if change.number.is_some() {
        caller.require(Function::ChangeExtensionNumber)?;
    }
    let tenant = caller.tenant();
    let mut tx = api.store().write(tenant).await?;
    let before = tx.extension(id).await?.ok_or(NotFound)?;
    let draft = change.draft(&before).map_err(FieldsRefused)?;
    let after = tx
        .update_extension(id, &draft)
        .await
        .map_err(refused)?
        .ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %id, "An extension was changed.");
    Ok(Json(after.into()))
}
