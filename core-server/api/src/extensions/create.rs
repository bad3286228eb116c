//! Makes an extension (S075).

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::api::{ExtensionRequest, ExtensionView};

use super::refused;
use crate::{
    ApiState, DirectoryChange,
    access::Function,
    caller::Caller,
    error::{ApiError, NotLive},
    extract::{FieldsRefused, JsonBody},
};

/// Make an extension
///
/// It can be called as soon as this is answered. Admins and owners only.
#[utoipa::path(
    post,
    path = "/v1/extensions",
    tag = "extensions",
    security(("bearer" = [])),
    request_body = ExtensionRequest,
    responses(
        (status = 201, description = "The extension", body = ExtensionView),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "Another extension has this number"),
    )
)]
pub(crate) async fn create_extension(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(request): JsonBody<ExtensionRequest>,
) -> Result<(StatusCode, Json<ExtensionView>), ApiError> {
    caller.require(Function::AddExtension)?;
    let draft = request.draft().map_err(FieldsRefused)?;
    let tenant = caller.tenant();
    let mut tx = api.store().write(tenant).await?;
    let created = tx.create_extension(&draft, api.now().utc, &mut api.entropy()).await;
    let extension = created.map_err(refused)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    let added = DirectoryChange::Added {
        sip_username: extension.sip_username.clone(),
        tenant,
        extension: extension.id,
    };
    api.switch().directory_changed(added).await.map_err(NotLive::from)?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %extension.id, "An extension was made.");
    Ok((StatusCode::CREATED, Json(extension.into())))
}
