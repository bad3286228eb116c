//! Adds a device to an extension: a SIP password of its own (S088).

use axum::{Json, extract::State, http::StatusCode};
use thiserror::Error;
use wigwag_model::{
    ExtensionId,
    api::{DeviceRequest, DeviceView},
    limits,
};
use wigwag_store::StoreError;

use crate::{
    ApiState,
    access::NotFound,
    caller::Caller,
    error::{ApiError, Refusal},
    extract::{FieldsRefused, Id, JsonBody},
};

/// The extension has as many devices as it may.
#[derive(Clone, Copy, Debug, Error)]
#[error(
    "an extension may have at most {} devices; sign one out first",
    limits::DEVICES_PER_EXTENSION
)]
struct TooManyDevices;

/// Add a device to an extension
///
/// Its SIP settings are at `/v1/devices/{device_id}/sip-settings`.
#[utoipa::path(
    post,
    path = "/v1/extensions/{extension_id}/devices",
    tag = "devices",
    security(("bearer" = [])),
    params(("extension_id" = ExtensionId, Path, description = "The extension")),
    request_body = DeviceRequest,
    responses(
        (status = 201, description = "The device", body = DeviceView),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "The extension has as many devices as it may"),
    )
)]
pub(crate) async fn create_device(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    JsonBody(request): JsonBody<DeviceRequest>,
) -> Result<(StatusCode, Json<DeviceView>), ApiError> {
    caller.require_extension(id)?;
    let draft = request.draft().map_err(FieldsRefused)?;
    let tenant = caller.tenant();
    let mut tx = api.store().write(tenant).await?;
    let created = tx.create_device(id, &draft, api.now().utc, &mut api.entropy()).await;
    let device = created.map_err(refused)?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, device.id = %device.id, "A device was added.");
    Ok((StatusCode::CREATED, Json(DeviceView::new(device, &[]))))
}

fn refused(error: StoreError) -> ApiError {
    if matches!(error, StoreError::Full { what: "devices", .. }) {
        TooManyDevices.into()
    } else {
        error.into()
    }
}

impl Refusal for TooManyDevices {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "too_many_devices"
    }
}
