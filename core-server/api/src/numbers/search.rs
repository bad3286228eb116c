//! Searches the platform's stock for numbers that the company can take (S009, S048).

use axum::{Json, extract::State};
use wigwag_model::{
    NumberKind,
    api::{Page, StockNumberView},
};

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    error::ApiError,
    extract::{QueryFields, StockQuery},
};

/// Search for numbers to take
///
/// Numbers that nobody has, and those that the company has given back in the last 30 days, in their order. Admins and
/// owners only.
#[utoipa::path(
    get,
    path = "/v1/number_stock",
    tag = "numbers",
    security(("bearer" = [])),
    params(
        ("area" = Option<String>, Query, description = "Part of the area's name, whatever its case"),
        ("prefix" = Option<String>, Query, description = "The first digits, for example `0115` or `+44115`"),
        ("kind" = Option<NumberKind>, Query, description = "Only numbers of this kind"),
        ("capability" = Option<String>, Query, description = "Only numbers that can do this: calls, sms or fax"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "Numbers on a page: 50 unless told"),
    ),
    responses(
        (status = 200, description = "A page of numbers", body = Page<StockNumberView>),
        (status = 403, description = "The access level does not allow it"),
        (status = 422, description = "A field of the query is unknown or not valid"),
    )
)]
pub(crate) async fn search_number_stock(
    State(api): State<ApiState>,
    caller: Caller,
    query: QueryFields,
) -> Result<Json<Page<StockNumberView>>, ApiError> {
    caller.require(Function::TakeNumber)?;
    let StockQuery { search, after, limit } = StockQuery::read(query)?;
    let mut tx = api.store().read(caller.tenant()).await?;
    let page = tx.search_stock(&search, after.as_ref(), limit).await?;
    let numbers = page.numbers.into_iter();
    Ok(Json(Page {
        items: numbers
            .map(|(stock, place)| StockNumberView::new(stock, place))
            .collect(),
        next_cursor: page.next.map(|number| number.to_string()),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::TestApi;

    fn numbers(page: &Value) -> Vec<&str> {
        let items = page["items"].as_array().expect("items").iter();
        items.filter_map(|item| item["number"].as_str()).collect()
    }

    #[tokio::test]
    async fn free_numbers_are_found_by_area_beginning_and_capability_page_by_page() {
        let (api, acme) = TestApi::with_company().await;
        api.stock(&["+441632960001", "+441632960002", "+441632960003"]).await;
        let first = api
            .get(&acme.owner, "/v1/number_stock?prefix=01632&limit=2")
            .await
            .expect(200);
        assert_eq!(numbers(&first), ["+441632960001", "+441632960002"]);
        let cursor = first["next_cursor"].as_str().expect("another page").replace('+', "%2B");
        let path = format!("/v1/number_stock?prefix=01632&limit=2&cursor={cursor}");
        let second = api.get(&acme.owner, &path).await.expect(200);
        assert_eq!(numbers(&second), ["+441632960003"]);
        assert!(second["next_cursor"].is_null());
        let none = api
            .get(&acme.owner, "/v1/number_stock?prefix=01632&capability=fax")
            .await
            .expect(200);
        assert_eq!(numbers(&none), Vec::<&str>::new());
        let area = api
            .get(&acme.owner, "/v1/number_stock?area=nowh&kind=geographic&prefix=01632")
            .await;
        assert_eq!(numbers(&area.expect(200)).len(), 3);
        for query in [
            "kind=landline",
            "capability=telex",
            "prefix=0",
            "limit=201",
            "cursor=x",
            "colour=red",
        ] {
            let path = format!("/v1/number_stock?{query}");
            api.get(&acme.owner, &path).await.expect_refusal(422, "invalid_fields");
        }
        api.get(&acme.receptionist, "/v1/number_stock")
            .await
            .expect_refusal(403, "not_allowed");
    }

    #[tokio::test]
    async fn a_number_that_was_given_back_is_offered_to_its_company_alone() {
        let mut api = TestApi::new().await;
        let acme = crate::testing::Company::new(&mut api, "acme").await;
        let rival = crate::testing::Company::new(&mut api, "rival").await;
        let path = format!("/v1/numbers/{}", acme.number.id);
        let confirm = json!({"confirm": acme.number.number});
        api.delete_with(&acme.owner, &path, confirm).await.expect(204);
        let offered = api.get(&acme.owner, "/v1/number_stock").await.expect(200);
        assert_eq!(numbers(&offered), [acme.number.number.as_str()]);
        assert_eq!(offered["items"][0]["kept_until"], "2026-01-31T09:00:00.000Z");
        let offered = api.get(&rival.owner, "/v1/number_stock").await.expect(200);
        assert_eq!(numbers(&offered), Vec::<&str>::new());
        let wanted = json!({"numbers": [acme.number.number]});
        api.post(&rival.owner, "/v1/numbers", wanted.clone())
            .await
            .expect_refusal(409, "number_gone");
        api.post(&acme.owner, "/v1/numbers", wanted).await.expect(201);
    }
}
