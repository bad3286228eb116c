//! Makes a contact.

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::{Contact, ContactSettings};

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    error::ApiError,
    extract::{JsonBody, require_no_problems},
};

/// Make a contact
///
/// Calls that begin after this is answered follow it. Admins and owners only.
#[utoipa::path(
    post,
    path = "/v1/contacts",
    tag = "contacts",
    security(("bearer" = [])),
    request_body = ContactSettings,
    responses(
        (status = 201, description = "The contact", body = Contact),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "Another has its speed dial"),
    )
)]
pub(crate) async fn create_contact(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(settings): JsonBody<ContactSettings>,
) -> Result<(StatusCode, Json<Contact>), ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    require_no_problems(settings.problems())?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let contact = tx.create_contact(&settings, &mut api.entropy()).await?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, contact.id = %contact.id, "A contact was made.");
    Ok((StatusCode::CREATED, Json(contact)))
}
