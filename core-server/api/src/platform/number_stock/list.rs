//! Lists and searches the stock.

use axum::{Json, extract::State};
use wigwag_model::{
    NumberKind,
    api::{Page, PlatformNumberView},
};

use crate::{
    ApiState,
    error::ApiError,
    extract::{QueryFields, StockQuery},
    platform::Operator,
};

/// Search the stock of numbers
///
/// In their order, with the company that has each of them or had it last.
#[utoipa::path(
    get,
    path = "/v1/platform/number_stock",
    tag = "platform",
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
        (status = 200, description = "A page of numbers", body = Page<PlatformNumberView>),
        (status = 422, description = "A field of the query is unknown or not valid"),
    )
)]
pub(crate) async fn list_number_stock(
    State(api): State<ApiState>,
    _operator: Operator,
    query: QueryFields,
) -> Result<Json<Page<PlatformNumberView>>, ApiError> {
    let StockQuery { search, after, limit } = StockQuery::read(query)?;
    let page = api.store().stock(&search, after.as_ref(), limit).await?;
    let numbers = page.numbers.into_iter();
    Ok(Json(Page {
        items: numbers
            .map(|(stock, place)| PlatformNumberView::new(stock, place))
            .collect(),
        next_cursor: page.next.map(|number| number.to_string()),
    }))
}
