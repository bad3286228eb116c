//! Lists the companies.

use axum::{Json, extract::State};
use wigwag_model::{
    TenantId,
    api::{Page, PlatformTenantView},
};

use super::view;
use crate::{ApiState, error::ApiError, extract::QueryFields, platform::Operator};

/// List the companies
///
/// The oldest first.
#[utoipa::path(
    get,
    path = "/v1/platform/tenants",
    tag = "platform",
    security(("bearer" = [])),
    params(
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "Companies on a page: 50 unless told"),
    ),
    responses(
        (status = 200, description = "A page of companies", body = Page<PlatformTenantView>),
        (status = 422, description = "A field of the query is unknown or not valid"),
    )
)]
pub(crate) async fn list_tenants(
    State(api): State<ApiState>,
    _operator: Operator,
    mut query: QueryFields,
) -> Result<Json<Page<PlatformTenantView>>, ApiError> {
    let after: Option<TenantId> = query.take_with("cursor", |text| text.parse().map_err(|_| "is no cursor".to_owned()));
    let limit = query.take_limit();
    query.finish()?;
    // One more than asked for tells whether there is another page.
    let tenants = api.store().tenants(after, limit + 1).await?;
    let more = tenants.len() > limit as usize;
    let mut items = Vec::new();
    for tenant in tenants.into_iter().take(limit as usize) {
        items.push(view(&mut api.store().read(tenant.id).await?).await?);
    }
    let last = items.last().filter(|_| more);
    Ok(Json(Page {
        next_cursor: last.map(|tenant| tenant.id.to_string()),
        items,
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Company, TestApi};

    #[tokio::test]
    async fn an_operator_sees_all_companies_page_by_page() {
        let mut api = TestApi::new().await;
        let acme = Company::new(&mut api, "acme").await;
        let rival = Company::new(&mut api, "rival").await;
        let operator = acme.make_operator(&mut api).await;
        let mut names = Vec::new();
        let mut path = "/v1/platform/tenants?limit=1".to_owned();
        loop {
            let page = api.get(operator, &path).await.expect(200);
            names.extend(
                page["items"]
                    .as_array()
                    .expect("items")
                    .iter()
                    .map(|item| item["name"].clone()),
            );
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/v1/platform/tenants?limit=1&cursor={cursor}");
        }
        names.sort_by_key(ToString::to_string);
        assert_eq!(names, [acme.tenant.name.as_str(), rival.tenant.name.as_str()]);
    }
}
