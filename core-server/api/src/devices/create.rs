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
/// Its SIP settings are at `/v1/devices/{device_id}/sip_settings`.
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
        (status = 409, description = "The extension is a virtual one, or has as many devices as it may"),
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
    let mut tx = api.change(&caller).await?;
    let created = tx.create_device(id, &draft, api.now().utc, &mut api.entropy()).await;
    let device = created.map_err(refused)?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, device.id = %device.id, "A device was added.");
    Ok((StatusCode::CREATED, Json(DeviceView::new(device, &[]))))
}

/// What rings elsewhere has no devices.
#[derive(Clone, Copy, Debug, Error)]
#[error("a virtual extension rings elsewhere and has no devices")]
struct VirtualExtension;

fn refused(error: StoreError) -> ApiError {
    if matches!(error, StoreError::Full { what: "devices", .. }) {
        TooManyDevices.into()
    } else if matches!(error, StoreError::VirtualWithDevices) {
        VirtualExtension.into()
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

impl Refusal for VirtualExtension {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "virtual_extension"
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{TestApi, Told};

    #[tokio::test]
    async fn a_user_adds_a_phone_to_the_own_extension_and_gets_its_settings() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}/devices", acme.reception.id);
        let body = json!({"name": "Softphone", "authentication": "sha256"});
        let added = api.post(&acme.receptionist, &path, body).await.expect(201);
        assert_eq!(added["authentication"], "sha256");
        assert!(matches!(api.switch.told()[..], [Told::ConfigurationChanged(tenant, _)] if tenant == acme.tenant.id));
        let settings = format!("/v1/devices/{}/sip_settings", added["id"].as_str().expect("an id"));
        let settings = api.get(&acme.receptionist, &settings).await.expect(200);
        assert_eq!(settings["username"], acme.reception.sip_username.to_string());
        assert_ne!(settings["password"], *acme.reception_phone.sip_password.expose());
    }

    #[tokio::test]
    async fn an_extension_may_have_25_devices() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}/devices", acme.reception.id);
        for _ in 1..limits::DEVICES_PER_EXTENSION {
            api.post(&acme.owner, &path, json!({"name": "Phone"})).await.expect(201);
        }
        let problem = api.post(&acme.owner, &path, json!({"name": "Phone"})).await;
        problem.expect_refusal(409, "too_many_devices");
    }

    #[tokio::test]
    async fn wrong_and_unknown_fields_are_named() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}/devices", acme.reception.id);
        for (body, field) in [
            (json!({"name": " "}), "name"),
            (json!({"name": "x".repeat(81)}), "name"),
            (json!({"name": "Phone", "sip_password": "mine"}), "sip_password"),
            (json!({"name": "Phone", "authentication": "plain"}), "authentication"),
        ] {
            let problem = api
                .post(&acme.owner, &path, body)
                .await
                .expect_refusal(422, "invalid_fields");
            assert_eq!(problem["errors"][0]["field"], field);
        }
    }
}
