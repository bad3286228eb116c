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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::testing::{Company, TestApi};

    fn numbers(page: &Value) -> Vec<&str> {
        let items = page["items"].as_array().expect("items");
        items.iter().filter_map(|item| item["number"].as_str()).collect()
    }

    #[tokio::test]
    async fn admins_see_all_extensions_of_their_company_and_others_their_own() {
        let (mut api, acme) = TestApi::with_company().await;
        Company::new(&mut api, "rival").await;
        for (person, seen) in [
            (&acme.owner, vec!["101", "102"]),
            (&acme.admin, vec!["101", "102"]),
            (&acme.receptionist, vec!["101"]),
            (&acme.newcomer, vec![]),
        ] {
            let page = api.get(person, "/v1/extensions").await.expect(200);
            assert_eq!(numbers(&page), seen);
            assert!(page["next_cursor"].is_null());
        }
    }
}
