//! Loads numbers into the stock.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use wigwag_model::{
    Problem, StockNumber,
    api::{FieldError, LoadNumbers, NumbersLoaded},
};

use super::read::Stock;
use crate::{ApiState, error::ApiError, extract::FieldsRefused, platform::Operator};

/// Load numbers into the stock
///
/// As JSON, or as CSV with the columns `number`, `area`, and where wanted `kind`, `capabilities` (words with spaces
/// between them) and `monthly_price` (in pence). Numbers that are there already are replaced, but not who has them.
/// Lines of a CSV text that cannot be read are told and left out.
#[utoipa::path(
    post,
    path = "/v1/platform/number_stock",
    tag = "platform",
    security(("bearer" = [])),
    request_body(content((LoadNumbers = "application/json"), (String = "text/csv"))),
    responses((status = 200, description = "What was loaded", body = NumbersLoaded))
)]
pub(crate) async fn load_number_stock(
    State(api): State<ApiState>,
    operator: Operator,
    stock: Stock,
) -> Result<Json<NumbersLoaded>, ApiError> {
    // Of a number that is there twice the last counts.
    let numbers: BTreeMap<_, _> = stock
        .numbers
        .into_iter()
        .map(|stock| (stock.number.clone(), stock))
        .collect();
    let numbers: Vec<StockNumber> = numbers.into_values().collect();
    checked(&numbers)?;
    let mut tx = operator.change_platform(&api).await?;
    tx.load_stock(&numbers).await?;
    tx.commit().await?;
    tracing::info!(user.id = %operator.0.id, numbers = numbers.len(), "Numbers were loaded into the stock.");
    Ok(Json(NumbersLoaded {
        loaded: u32::try_from(numbers.len()).unwrap_or(u32::MAX),
        refused: stock.refused,
        refused_lines: stock.refused_lines,
    }))
}

fn checked(numbers: &[StockNumber]) -> Result<(), FieldsRefused> {
    let problem = numbers.iter().find_map(|stock| Problem::of_name(&stock.area));
    match problem {
        None => Ok(()),
        Some(problem) => Err(FieldsRefused(vec![FieldError::new(
            "area",
            "not_valid",
            problem.to_string(),
        )])),
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Request, header},
    };
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn csv_is_loaded_line_by_line_and_broken_lines_are_told() {
        let (mut api, acme) = TestApi::with_company().await;
        let operator = acme.make_operator(&mut api).await;
        let csv = "number,area,capabilities,monthly_price\r\n\
                   01632 960001,Nowhere,calls sms,99.5\r\n\
                   01632 960001x,Nowhere,,\r\n\
                   0800 496 0002,Freephone,,\r\n\
                   01632960001,Somewhere,calls,1\r\n";
        let send = async |body: &str| {
            let request = Request::post("/v1/platform/number_stock")
                .header(header::AUTHORIZATION, format!("Bearer {}", operator.token.expose()))
                .header(header::CONTENT_TYPE, "text/csv; charset=utf-8")
                .body(Body::from(body.to_owned()))
                .expect("a request");
            api.request(request).await
        };
        let loaded = send(csv).await.expect(200);
        assert_eq!((&loaded["loaded"], &loaded["refused"]), (&json!(2), &json!(1)));
        assert_eq!(loaded["refused_lines"][0]["line"], 3);
        send("area,price\nx,1\n").await.expect_refusal(422, "invalid_fields");
        let listed = api
            .get(operator, "/v1/platform/number_stock?area=somewhere")
            .await
            .expect(200);
        assert_eq!(listed["items"][0]["monthly_price"], 10_000);
        assert_eq!(listed["items"][0]["place"], "free");
        let mut large = String::from("number,area\n");
        (0..5_000).for_each(|last| large.push_str(&format!("0115 89{last:05},Nottingham\n")));
        assert_eq!(send(&large).await.expect(200)["loaded"], 5_000);
    }

    #[tokio::test]
    async fn numbers_that_are_loaded_again_stay_with_who_has_them() {
        let (mut api, acme) = TestApi::with_company().await;
        let operator = acme.make_operator(&mut api).await;
        let again = json!({
            "number": acme.number.number, "area": "Elsewhere", "kind": "geographic", "monthly_price": 5,
            "capabilities": {"calls": true, "sms": true, "fax": false},
        });
        let body = json!({"numbers": [again]});
        api.post(operator, "/v1/platform/number_stock", body).await.expect(200);
        let listed = api.get(operator, "/v1/platform/number_stock").await.expect(200);
        let item = &listed["items"][0];
        assert_eq!((&item["place"], &item["area"]), (&json!("taken"), &json!("Elsewhere")));
        assert_eq!(item["tenant_id"], acme.tenant.id.to_string());
        let own = api.get(&acme.owner, "/v1/numbers").await.expect(200);
        assert_eq!(own["items"][0]["capabilities"]["sms"], true);
    }
}
