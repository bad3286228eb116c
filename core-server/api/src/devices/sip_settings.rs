//! Shows what has to be typed into a phone (S088, S097); who looked is noted.

use axum::{Json, extract::State};
use wigwag_model::{DeviceId, api::SipSettings};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// Show the SIP settings of a device
///
/// With its password. For the extension's own user, admins and owners; each look is logged.
#[utoipa::path(
    get,
    path = "/v1/devices/{device_id}/sip_settings",
    tag = "devices",
    security(("bearer" = [])),
    params(("device_id" = DeviceId, Path, description = "The device")),
    responses(
        (status = 200, description = "The SIP settings", body = SipSettings),
        (status = 404, description = "There is no such device"),
    )
)]
pub(crate) async fn read_sip_settings(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<DeviceId>,
) -> Result<Json<SipSettings>, ApiError> {
    let tenant = caller.tenant();
    let mut tx = api.store().read(tenant).await?;
    let device = tx.device(id).await?.ok_or(NotFound)?;
    caller.require_extension(device.extension_id)?;
    let extension = tx.extension(device.extension_id).await?.ok_or(NotFound)?;
    let settings = api.settings();
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, device.id = %id, "SIP settings were shown.");
    Ok(Json(SipSettings {
        username: extension.sip_username.to_string(),
        password: device.sip_password,
        domain: settings.sip_domain.clone(),
        servers: settings.sip_servers.clone(),
        outbound_proxy: settings.outbound_proxy.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn they_are_all_that_a_phone_needs() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/devices/{}/sip_settings", acme.reception_phone.id);
        for person in [&acme.owner, &acme.admin, &acme.receptionist] {
            let answer = api.get(person, &path).await;
            let settings = json!({
                "username": acme.reception.sip_username.to_string(),
                "password": acme.reception_phone.sip_password.expose(),
                "domain": "pbx.example",
                "servers": [{"transport": "udp", "host": "192.0.2.10", "port": 5060, "encrypted": false}],
                "outbound_proxy": "192.0.2.10:5060",
            });
            assert_eq!(answer.expect(200), settings);
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
    }
}
