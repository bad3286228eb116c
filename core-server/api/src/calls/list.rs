//! Lists finished calls, page by page.

use axum::{Json, extract::State};
use wigwag_model::{
    ExtensionId, Outcome,
    api::{CallView, Page, Timestamp},
};
use wigwag_store::{CallCursor, CallFilter};

use crate::{
    ApiState,
    access::Reach,
    caller::Caller,
    error::ApiError,
    extract::{FieldsRefused, QueryFields},
};

/// Calls on a page unless told otherwise, and at most.
const PAGE: u32 = 50;
const PAGE_MOST: u32 = 200;

/// List finished calls
///
/// The newest first. Users of access level `extension` see those that their own extension took part in only.
#[utoipa::path(
    get,
    path = "/v1/calls",
    tag = "calls",
    security(("bearer" = [])),
    params(
        ("extension_id" = Option<ExtensionId>, Query, description = "Only calls that this extension took part in"),
        ("from" = Option<Timestamp>, Query, description = "Only calls that started then or later"),
        ("to" = Option<Timestamp>, Query, description = "Only calls that started before then"),
        ("outcome" = Option<Outcome>, Query, description = "Only calls that ended so"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "Calls on a page: 50 unless told"),
    ),
    responses(
        (status = 200, description = "A page of calls", body = Page<CallView>),
        (status = 404, description = "The user does not reach this extension"),
        (status = 422, description = "A field of the query is unknown or not valid"),
    )
)]
pub(crate) async fn list_calls(
    State(api): State<ApiState>,
    caller: Caller,
    query: QueryFields,
) -> Result<Json<Page<CallView>>, ApiError> {
    let Wanted {
        mut filter,
        after,
        limit,
    } = wanted(query)?;
    match (caller.reach(), filter.extension_id) {
        (Reach::All, _) => {}
        (Reach::Own(_), Some(extension)) => caller.require_extension(extension)?,
        (Reach::Own(None), None) => return Ok(Json(Page::whole([]))),
        (Reach::Own(own), None) => filter.extension_id = own,
    }
    let mut tx = api.store().read(caller.tenant()).await?;
    let page = tx.call_records(&filter, after, limit).await?;
    Ok(Json(Page {
        items: page.records.into_iter().map(CallView::from).collect(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
    }))
}

struct Wanted {
    filter: CallFilter,
    after: Option<CallCursor>,
    limit: u32,
}

fn wanted(mut query: QueryFields) -> Result<Wanted, FieldsRefused> {
    let filter = CallFilter {
        extension_id: query.take_with("extension_id", |text| {
            text.parse().map_err(|_| "must be an id".to_owned())
        }),
        from: query.take::<Timestamp>("from").map(|from| from.0),
        until: query.take::<Timestamp>("to").map(|to| to.0),
        outcome: query.take_with("outcome", |word| {
            Outcome::from_word(word).ok_or_else(|| "is no outcome".to_owned())
        }),
    };
    let after = query.take("cursor");
    let limit = query.take_with("limit", |text| {
        let limit = text.parse().ok().filter(|limit| (1..=PAGE_MOST).contains(limit));
        limit.ok_or_else(|| format!("must be from 1 to {PAGE_MOST}"))
    });
    query.finish()?;
    Ok(Wanted {
        filter,
        after,
        limit: limit.unwrap_or(PAGE),
    })
}
