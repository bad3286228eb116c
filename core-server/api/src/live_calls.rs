//! Lists the calls that are running now.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::api::{LiveCall, Page};

use crate::{ApiState, access::Reach, caller::Caller, error::ApiError};

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list_live_calls))
}

/// List the calls that are running now
///
/// The oldest first, all on one page. Users of access level `extension` see those of their own extension only.
#[utoipa::path(
    get,
    path = "/v1/live_calls",
    tag = "calls",
    security(("bearer" = [])),
    responses((status = 200, description = "The running calls", body = Page<LiveCall>))
)]
async fn list_live_calls(State(api): State<ApiState>, caller: Caller) -> Result<Json<Page<LiveCall>>, ApiError> {
    let calls = api.switch().live_calls(caller.tenant()).await?;
    let within_reach = |call: &LiveCall| match caller.reach() {
        Reach::All => true,
        Reach::Own(own) => own.is_some_and(|own| call.involves(own)),
    };
    Ok(Json(Page::whole(calls.into_iter().filter(within_reach))))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Company, TestApi};

    #[tokio::test]
    async fn admins_see_all_calls_of_their_company_and_others_those_of_their_extension() {
        let (mut api, acme) = TestApi::with_company().await;
        let rival = Company::new(&mut api, "rival").await;
        let call = acme.start_call(&mut api);
        for (person, seen) in [
            (&acme.owner, 1),
            (&acme.receptionist, 1),
            (&acme.newcomer, 0),
            (&rival.owner, 0),
        ] {
            let page = api.get(person, "/v1/live_calls").await.expect(200);
            let calls = page["items"].as_array().expect("items");
            assert_eq!(calls.len(), seen);
            assert!(calls.iter().all(|shown| shown["id"] == call.to_string()));
        }
    }
}
