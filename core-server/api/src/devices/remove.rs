//! Signs a device out: its password and its connections end, nobody else's.

use axum::{extract::State, http::StatusCode};
use wigwag_model::DeviceId;

use crate::{
    ApiState,
    access::NotFound,
    caller::Caller,
    error::{ApiError, NotLive},
    extract::Id,
};

/// Sign a device out
///
/// Its SIP password is worth nothing and its registration is gone once this is answered.
#[utoipa::path(
    delete,
    path = "/v1/devices/{device_id}",
    tag = "devices",
    security(("bearer" = [])),
    params(("device_id" = DeviceId, Path, description = "The device")),
    responses(
        (status = 204, description = "Signed out"),
        (status = 404, description = "There is no such device"),
    )
)]
pub(crate) async fn remove_device(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<DeviceId>,
) -> Result<StatusCode, ApiError> {
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let device = tx.device(id).await?.ok_or(NotFound)?;
    caller.require_extension(device.extension_id)?;
    tx.remove_device(id).await?;
    let committed = tx.commit().await?;
    // First the password is worth nothing, then whoever came in with it goes out.
    api.take_effect(tenant, committed).await?;
    api.switch().sign_out_device(tenant, id).await.map_err(NotLive::from)?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, device.id = %id, "A device was signed out.");
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::{TestApi, Told};

    #[tokio::test]
    async fn its_password_is_worth_nothing_before_its_connections_end() {
        let (api, acme) = TestApi::with_company().await;
        let (tenant, device) = (acme.tenant.id, acme.reception_phone.id);
        let path = format!("/v1/devices/{device}");
        api.delete(&acme.receptionist, &path).await.expect(204);
        let told = api.switch.told();
        assert!(matches!(told[0], Told::ConfigurationChanged(changed, _) if changed == tenant));
        assert_eq!(told[1..], [Told::DeviceSignedOut(tenant, device)]);
        api.delete(&acme.receptionist, &path)
            .await
            .expect_refusal(404, "not_found");
        let others = format!("/v1/devices/{}/sip_settings", acme.workshop_phone.id);
        api.get(&acme.owner, &others).await.expect(200);
    }
}
