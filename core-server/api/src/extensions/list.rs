//! Lists extensions.

use axum::{Json, extract::State};
use wigwag_model::api::{ExtensionView, Page};

use crate::{ApiState, caller::Caller, error::ApiError};

/// List extensions
///
/// In the order of their numbers, all on one page. Users of access level `extension` see their own only.
#[utoipa::path(
    get,
    path = "/v1/extensions",
    tag = "extensions",
    security(("bearer" = [])),
    responses((status = 200, description = "The extensions", body = Page<ExtensionView>))
)]
pub(crate) async fn list_extensions(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<ExtensionView>>, ApiError> {
    let reach = caller.reach();
    let extensions = api.store().read(caller.tenant()).await?.extensions().await?;
    let within_reach = extensions.into_iter().filter(|extension| reach.includes(extension.id));
    Ok(Json(Page::whole(within_reach.map(ExtensionView::from))))
}
