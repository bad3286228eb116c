//! Lists who receives calls at whose phone (A12).

use axum::{Json, extract::State};
use wigwag_model::api::{HotDeskView, Page};

use crate::{ApiState, caller::Caller, error::ApiError};

/// List the hot desks
///
/// Those that have ended by themselves are left out. Users see those of their own extension.
#[utoipa::path(
    get,
    path = "/v1/hot_desks",
    tag = "hot desks",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Who receives calls at whose phone", body = Page<HotDeskView>),
    )
)]
pub(crate) async fn list_hot_desks(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<HotDeskView>>, ApiError> {
    let (now, reach) = (api.now().utc, caller.reach());
    let desks = api.store().read(caller.tenant()).await?.hot_desks().await?;
    let going_on = desks
        .into_iter()
        .filter(|desk| desk.until.is_none_or(|until| until > now));
    let within_reach = going_on.filter(|desk| reach.includes(desk.guest) || reach.includes(desk.host));
    Ok(Json(Page::whole(within_reach.map(HotDeskView::from))))
}
