//! Lists the contacts.

use axum::{Json, extract::State};
use wigwag_model::{Contact, api::Page};

use crate::{ApiState, caller::Caller, error::ApiError};

/// List the contacts
///
/// For everybody of the company.
#[utoipa::path(
    get,
    path = "/v1/contacts",
    tag = "contacts",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The contacts", body = Page<Contact>),
    )
)]
pub(crate) async fn list_contacts(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<Contact>>, ApiError> {
    let contacts = api.store().read(caller.tenant()).await?.contacts().await?;
    Ok(Json(Page::whole(contacts)))
}
