//! Lists the devices of an extension and where they are connected (S084).

use axum::{Json, extract::State};
use wigwag_model::{
    ExtensionId,
    api::{DeviceView, Page},
};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// List the devices of an extension
///
/// The oldest first, all on one page, each with where it is connected at present.
#[utoipa::path(
    get,
    path = "/v1/extensions/{extension_id}/devices",
    tag = "devices",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    responses(
        (status = 200, description = "The devices", body = Page<DeviceView>),
        (status = 404, description = "There is no such extension"),
    )
)]
pub(crate) async fn list_devices(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
) -> Result<Json<Page<DeviceView>>, ApiError> {
    caller.require_extension(id)?;
    let mut tx = api.store().read(caller.tenant()).await?;
    tx.extension(id).await?.ok_or(NotFound)?;
    let devices = tx.devices(id).await?;
    drop(tx);
    let bindings = api.switch().bindings(caller.tenant(), id).await?;
    let views = devices.into_iter().map(|device| DeviceView::new(device, &bindings));
    Ok(Json(Page::whole(views)))
}
