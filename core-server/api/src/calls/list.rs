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
    let limit = query.take_limit();
    query.finish()?;
    Ok(Wanted { filter, after, limit })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;
    use wigwag_model::HangupCause;

    use crate::testing::{Company, Person, TestApi};

    /// A company with seven calls a minute apart, every third of them answered; their ids, the newest first.
    async fn seven_calls() -> (TestApi, Company, Vec<String>) {
        let (mut api, acme) = TestApi::with_company().await;
        let mut ids = Vec::new();
        for minute in 0..7 {
            let cause = if minute % 3 == 0 {
                HangupCause::NormalClearing
            } else {
                HangupCause::Busy
            };
            let at = api.now().utc + Duration::from_secs(60 * minute);
            ids.push(acme.record_call(&mut api, at, cause).await.id.to_string());
        }
        ids.reverse();
        (api, acme, ids)
    }

    async fn listed(api: &TestApi, person: &Person, query: &str) -> (Vec<String>, Value) {
        let page = api.get(person, &format!("/v1/calls?{query}")).await.expect(200);
        let items = page["items"].as_array().expect("items");
        let ids = items.iter().filter_map(|call| call["id"].as_str().map(str::to_owned));
        (ids.collect(), page["next_cursor"].clone())
    }

    #[tokio::test]
    async fn pages_follow_each_other_without_gap_or_repetition_while_calls_come_in() {
        let (mut api, acme, ids) = seven_calls().await;
        let (mut seen, mut cursor) = listed(&api, &acme.owner, "limit=3").await;
        let later = api.now().utc + Duration::from_secs(3_600);
        acme.record_call(&mut api, later, HangupCause::Busy).await;
        while let Some(next) = cursor.as_str() {
            let (more, after) = listed(&api, &acme.owner, &format!("limit=3&cursor={next}")).await;
            seen.extend(more);
            cursor = after;
        }
        assert_eq!(seen, ids);
    }

    #[tokio::test]
    async fn filters_narrow_the_list() {
        let (api, acme, ids) = seven_calls().await;
        let (answered, _) = listed(&api, &acme.owner, "outcome=answered").await;
        assert_eq!(answered, [ids[0].as_str(), &ids[3], &ids[6]]);
        let (between, _) = listed(
            &api,
            &acme.owner,
            "from=2026-01-01T09:01:00Z&to=2026-01-01T10:03:00%2B01:00",
        )
        .await;
        assert_eq!(between, ids[4..=5]);
        let own = format!("extension_id={}", acme.workshop.id);
        assert_eq!(listed(&api, &acme.owner, &own).await.0, ids);
    }

    #[tokio::test]
    async fn users_of_level_extension_see_the_calls_of_their_extension() {
        let (api, acme, ids) = seven_calls().await;
        assert_eq!(listed(&api, &acme.receptionist, "").await.0, ids);
        assert_eq!(listed(&api, &acme.newcomer, "").await.0, Vec::<String>::new());
        let others = format!("/v1/calls?extension_id={}", acme.workshop.id);
        api.get(&acme.receptionist, &others)
            .await
            .expect_refusal(404, "not_found");
        api.get(&acme.newcomer, &others).await.expect_refusal(404, "not_found");
    }

    #[tokio::test]
    async fn calls_of_another_company_are_never_listed() {
        let (mut api, acme, _) = seven_calls().await;
        let rival = Company::new(&mut api, "rival").await;
        let own = format!("extension_id={}", acme.workshop.id);
        for query in ["", "outcome=answered", &own] {
            assert_eq!(listed(&api, &rival.owner, query).await.0, Vec::<String>::new());
        }
        let (_, cursor) = listed(&api, &acme.owner, "limit=1").await;
        let cursor = format!("cursor={}", cursor.as_str().expect("a cursor"));
        assert_eq!(listed(&api, &rival.owner, &cursor).await.0, Vec::<String>::new());
    }

    #[tokio::test]
    async fn every_wrong_field_of_the_query_is_named() {
        let (api, acme) = TestApi::with_company().await;
        for query in [
            "limit=0",
            "limit=201",
            "limit=x",
            "limit=1&limit=2",
            "from=yesterday",
            "to=2026-02-30T00:00:00Z",
            "outcome=great",
            "cursor=x",
            "cursor=9_9",
            "extension_id=101",
            "colour=blue",
            "LIMIT=1",
        ] {
            let problem = api.get(&acme.owner, &format!("/v1/calls?{query}")).await;
            let problem = problem.expect_refusal(422, "invalid_fields");
            let field = query.split('=').next().expect("a name");
            assert_eq!(problem["errors"][0]["field"], field, "{query}");
        }
    }
}
