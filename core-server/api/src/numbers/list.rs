//! Lists the company's public numbers.

use axum::{Json, extract::State};
use wigwag_model::api::{NumberView, Page};

use crate::{ApiState, access::Function, caller::Caller, error::ApiError};

/// List the company's numbers
///
/// In their order, all on one page. Admins and owners only.
#[utoipa::path(
    get,
    path = "/v1/numbers",
    tag = "numbers",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The numbers", body = Page<NumberView>),
        (status = 403, description = "The access level does not allow it"),
    )
)]
pub(crate) async fn list_numbers(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<Page<NumberView>>, ApiError> {
    caller.require(Function::SetUpNumber)?;
    let numbers = api.store().read(caller.tenant()).await?.numbers().await?;
    Ok(Json(Page::whole(numbers.into_iter().map(NumberView::from))))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Company, TestApi};

    #[tokio::test]
    async fn a_company_sees_its_own_numbers() {
        let mut api = TestApi::new().await;
        let acme = Company::new(&mut api, "acme").await;
        Company::new(&mut api, "rival").await;
        let listed = api.get(&acme.admin, "/v1/numbers").await.expect(200);
        let items = listed["items"].as_array().expect("items");
        assert_eq!(items.len(), 1);
        assert_eq!(items[0]["number"], acme.number.number.as_str());
        assert!(items[0]["destination"].is_null(), "not set (S010)");
        api.get(&acme.receptionist, "/v1/numbers")
            .await
            .expect_refusal(403, "not_allowed");
    }
}
