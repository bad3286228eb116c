//! Lists what calls can be sent to: the choice behind every field that says where a call goes.

use axum::{Json, extract::State};
use wigwag_model::api::{DestinationView, Page};

use crate::{ApiState, caller::Caller, error::ApiError};

/// List what calls can be sent to
///
/// In the order of the numbers. For everybody of the company: colleagues have to know whom they can dial.
#[utoipa::path(
    get,
    path = "/v1/destinations",
    tag = "destinations",
    security(("bearer" = [])),
    responses((status = 200, description = "What can be dialled within the company", body = Page<DestinationView>))
)]
pub(crate) async fn list_destinations(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<DestinationView>>, ApiError> {
    let destinations = api.store().read(caller.tenant()).await?.destinations().await?;
    Ok(Json(Page::whole(destinations)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Company, TestApi};

    #[tokio::test]
    async fn everybody_sees_whom_they_can_dial_in_their_own_company() {
        let (mut api, acme) = TestApi::with_company().await;
        Company::new(&mut api, "rival").await;
        for person in [&acme.owner, &acme.receptionist, &acme.newcomer] {
            let page = api.get(person, "/v1/destinations").await.expect(200);
            let reception = json!({
                "destination": {"kind": "extension", "id": acme.reception.id.to_string()},
                "number": "101",
                "name": "Reception",
            });
            assert_eq!(page["items"][0], reception);
            assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
        }
    }
}
