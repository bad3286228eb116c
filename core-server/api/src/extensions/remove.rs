//! Removes an extension with its devices.

use axum::{extract::State, http::StatusCode};
use wigwag_model::{Destination, ExtensionId};

use crate::{
    ApiState, DirectoryChange,
    access::{Function, NotFound},
    caller::Caller,
    error::{ApiError, NotLive},
    extract::{Id, QueryFields},
    in_use::require_unused,
};

/// Remove an extension
///
/// Its devices are signed out at once; running calls of it go on, the call history stays. What sends
/// calls there is told; with `force` it sends them nowhere from now on. Admins and owners only.
#[utoipa::path(
    delete,
    path = "/v1/extensions/{extension_id}",
    tag = "extensions",
    security(("bearer" = [])),
    params(
        ("extension_id" = ExtensionId, Path, description = "The extension"),
        ("force" = Option<bool>, Query, description = "Remove it although something uses it")
    ),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such extension"),
        (status = 409, description = "Something sends calls there: `used_by` says what"),
    )
)]
pub(crate) async fn remove_extension(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ExtensionId>,
    mut query: QueryFields,
) -> Result<StatusCode, ApiError> {
    caller.require(Function::RemoveExtension)?;
    let force = query.take("force").unwrap_or(false);
    query.finish()?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    if !force {
        require_unused(tx.uses_of_destination(Destination::Extension(id)).await?)?;
    }
    let devices = tx.devices(id).await?;
    let extension = tx.remove_extension(id).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    // First nobody new gets in, then whoever is in goes out.
    let sip_username = extension.sip_username;
    let removed = DirectoryChange::Removed { sip_username };
    api.switch().directory_changed(removed).await.map_err(NotLive::from)?;
    api.take_effect(tenant, committed).await?;
    for device in devices {
        api.switch()
            .sign_out_device(tenant, device.id)
            .await
            .map_err(NotLive::from)?;
    }
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %id, "An extension was removed.");
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::{
        DirectoryChange,
        testing::{TestApi, Told},
    };

    #[tokio::test]
    async fn nobody_gets_in_any_more_and_its_devices_are_out_before_the_answer() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        api.delete(&acme.owner, &path).await.expect(204);
        let told = api.switch.told();
        let sip_username = acme.reception.sip_username.clone();
        assert_eq!(
            told[0],
            Told::DirectoryChanged(DirectoryChange::Removed { sip_username })
        );
        assert!(matches!(told[1], Told::ConfigurationChanged(tenant, _) if tenant == acme.tenant.id));
        assert_eq!(
            told[2..],
            [Told::DeviceSignedOut(acme.tenant.id, acme.reception_phone.id)]
        );
        api.get(&acme.owner, &path).await.expect_refusal(404, "not_found");
        api.delete(&acme.owner, &path).await.expect_refusal(404, "not_found");
        let settings = format!("/v1/devices/{}/sip_settings", acme.reception_phone.id);
        api.get(&acme.owner, &settings).await.expect_refusal(404, "not_found");
        let me = api.get(&acme.receptionist, "/v1/me").await.expect(200);
        assert!(me["user"]["default_extension_id"].is_null());
    }
}
