//! Shows one contact.

use axum::{Json, extract::State};
use wigwag_model::{Contact, ContactId};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError, extract::Id};

/// Show a contact
///
/// For everybody of the company.
#[utoipa::path(
    get,
    path = "/v1/contacts/{contact_id}",
    tag = "contacts",
    security(("bearer" = [])),
    params(("contact_id" = ContactId, Path, description = "The contact")),
    responses(
        (status = 200, description = "The contact", body = Contact),
        (status = 404, description = "There is no such contact"),
    )
)]
pub(crate) async fn read_contact(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<ContactId>,
) -> Result<Json<Contact>, ApiError> {
    let contact = api.store().read(caller.tenant()).await?.contact(id).await?;
    Ok(Json(contact.ok_or(NotFound)?))
}
