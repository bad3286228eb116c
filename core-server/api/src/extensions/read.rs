//! Shows one extension.

use axum::{Json, extract::State};
use wigwag_model::{ExtensionId, api::ExtensionView};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// Show an extension
#[utoipa::path(
    get,
    path = "/v1/extensions/{extension_id}",
    tag = "extensions",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    responses(
        (status = 200, description = "The extension", body = ExtensionView),
        (status = 404, description = "There is no such extension"),
    )
)]
pub(crate) async fn read_extension(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
) -> Result<Json<ExtensionView>, ApiError> {
    caller.require_extension(id)?;
    let extension = api.store().read(caller.tenant()).await?.extension(id).await?;
    Ok(Json(extension.ok_or(NotFound)?.into()))
}
