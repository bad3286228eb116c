//! Removes a contact.

use axum::{extract::State, http::StatusCode};
use wigwag_model::ContactId;

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Remove a contact
///
/// Its speed dial leads nowhere from now on. Admins and owners only.
#[utoipa::path(
    delete,
    path = "/v1/contacts/{contact_id}",
    tag = "contacts",
    security(("bearer" = [])),
    params(("contact_id" = ContactId, Path, description = "The contact")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such contact"),
    )
)]
pub(crate) async fn remove_contact(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ContactId>,
) -> Result<StatusCode, ApiError> {
    caller.require(Function::SetUpCallHandling)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    tx.remove_contact(id).await?.ok_or(NotFound)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, contact.id = %id, "A contact was removed.");
    Ok(StatusCode::NO_CONTENT)
}
