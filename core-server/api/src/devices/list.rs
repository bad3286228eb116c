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

#[cfg(test)]
mod tests {
    use wigwag_model::api::{Binding, SipTransport};
    use wigwag_sansio::Pii;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn each_device_is_listed_with_where_it_is_connected_and_without_its_password() {
        let (api, acme) = TestApi::with_company().await;
        let binding = |device_id| Binding {
            device_id,
            transport: SipTransport::Udp,
            address: Pii::new("192.0.2.1:5060".to_owned()),
            user_agent: Some(Pii::new("<b>phone</b>".to_owned())),
            expires_at: api.now().utc.into(),
        };
        let own = (acme.reception.id, binding(acme.reception_phone.id));
        let anothers = (acme.reception.id, binding(acme.workshop_phone.id));
        api.switch.bindings.lock().extend([own, anothers]);
        let path = format!("/v1/extensions/{}/devices", acme.reception.id);
        let listed = api.get(&acme.receptionist, &path).await;
        let page = listed.expect(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(page["items"][0]["bindings"].as_array().map(Vec::len), Some(1));
        assert_eq!(page["items"][0]["bindings"][0]["user_agent"], "<b>phone</b>");
        assert!(!listed.text.contains(acme.reception_phone.sip_password.expose()));
    }
}
