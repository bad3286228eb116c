//! Shows the settings of the whole company.

use axum::{Json, extract::State};
use wigwag_model::CompanySettings;

use crate::{ApiState, access::Function, caller::Caller, error::ApiError};

/// Show the settings of the whole company
#[utoipa::path(
    get,
    path = "/v1/settings",
    tag = "tenant",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The settings", body = CompanySettings),
        (status = 403, description = "The access level does not allow it"),
    )
)]
pub(crate) async fn read_settings(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<CompanySettings>, ApiError> {
    caller.require(Function::ChangeSettings)?;
    let settings = api.store().read(caller.tenant()).await?.company_settings().await?;
    Ok(Json(settings))
}
