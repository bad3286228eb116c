//! Shows the PIN of an extension to its own user and to admins (A27); who looked is noted.

use axum::{Json, extract::State};
use wigwag_model::{ExtensionId, api::PinView};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// Show the PIN of an extension
///
/// For its own user, admins and owners; each look is logged.
#[utoipa::path(
    get,
    path = "/v1/extensions/{extension_id}/pin",
    tag = "pins",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    responses(
        (status = 200, description = "The PIN", body = PinView),
        (status = 404, description = "There is no such extension"),
    )
)]
pub(crate) async fn read_pin(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
) -> Result<Json<PinView>, ApiError> {
    caller.require_extension(id)?;
    let tenant = caller.tenant();
    let mut tx = api.store().read(tenant).await?;
    let extension = tx.extension(id).await?.ok_or(NotFound)?;
    let pin = tx.pin(id).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %id, "A PIN was shown.");
    Ok(Json(PinView::new(extension.revision, pin)))
}
