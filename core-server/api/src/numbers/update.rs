//! Says where calls to a number go, and what is shown with them (S050, S054, S057).

use axum::{Json, extract::State};
use wigwag_model::{
    IncomingNumberSettings, Interval, NumberId,
    api::{Change, FieldError, NumberChanged, NumberView, Warning},
};
use wigwag_pbx::routing;
use wigwag_sansio::Utc;
use wigwag_store::StoreError;

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    changed::require_revision,
    error::ApiError,
    extract::{FieldsRefused, Id, JsonChange},
};

/// Change a number's settings
///
/// All of them at once; what is absent is not set. Calls that begin after this is answered follow the change. Routing
/// rules that hold at the same time are told as warnings. Admins and owners only.
#[utoipa::path(
    put,
    path = "/v1/numbers/{number_id}",
    tag = "numbers",
    security(("bearer" = [])),
    params(("number_id" = NumberId, Path, description = "The number")),
    request_body = Change<IncomingNumberSettings>,
    responses(
        (status = 200, description = "The number as it is now", body = NumberChanged),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such number"),
        (status = 409, description = "Somebody else has changed it meanwhile"),
        (status = 422, description = "A field is not valid, or names something that does not exist"),
    )
)]
pub(crate) async fn update_number(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
    JsonChange(Change { revision, settings }): JsonChange<IncomingNumberSettings>,
) -> Result<Json<NumberChanged>, ApiError> {
    caller.require(Function::SetUpNumber)?;
    let problems = settings.problems();
    if !problems.is_empty() {
        return Err(FieldsRefused(problems.into_iter().map(FieldError::from).collect()).into());
    }
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let before = tx.number(id).await?.ok_or(NotFound)?;
    require_revision(revision, before.revision, &NumberView::from(before))?;
    let changed = tx.update_number(id, &settings).await;
    let after = changed.map_err(refused)?.ok_or(NotFound)?;
    let warnings = warnings(&after.settings, &tx.intervals().await?, api.now().utc);
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, number.id = %id, "A number was changed.");
    Ok(Json(NumberChanged {
        number: after.into(),
        warnings,
    }))
}

/// Rules that hold at the same time: only the upper one decides then (A37).
fn warnings(settings: &IncomingNumberSettings, intervals: &[Interval], at: Utc) -> Vec<Warning> {
    let interval = |id| intervals.iter().find(|interval| interval.id == id);
    let rules = settings.routing_rules.iter();
    let rules: Vec<&Interval> = rules.filter_map(|rule| interval(rule.interval_id)).collect();
    let whens: Vec<_> = rules.iter().map(|interval| &interval.settings.when).collect();
    let warning = |(upper, lower): (usize, usize)| {
        let (upper, lower) = (&rules[upper].settings.name, &rules[lower].settings.name);
        let message = format!("“{lower}” overlaps with “{upper}”, which stands above it and wins then.");
        Warning::new("overlapping_rules", message)
    };
    routing::overlapping(&whens, at).into_iter().map(warning).collect()
}

fn refused(error: StoreError) -> ApiError {
    if let StoreError::Unknown { field } = error {
        FieldsRefused(vec![FieldError::new(
            field,
            "unknown_id",
            "names something that does not exist",
        )])
        .into()
    } else {
        error.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Company, TestApi, Told};

    #[tokio::test]
    async fn a_destination_is_set_and_calls_follow_before_the_answer() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/numbers/{}", acme.number.id);
        let destination = json!({"kind": "extension", "id": acme.reception.id});
        let body = json!({"revision": 0, "identifier": "Shop", "destination": destination});
        let changed = api.put(&acme.admin, &path, body).await.expect(200);
        assert_eq!(
            (&changed["destination"], &changed["identifier"]),
            (&destination, &json!("Shop"))
        );
        assert!(matches!(api.switch.told()[..], [Told::ConfigurationChanged(tenant, _)] if tenant == acme.tenant.id));
        let shown = api.get(&acme.owner, &path).await.expect(200);
        assert_eq!((&shown["destination"], &shown["revision"]), (&destination, &json!(1)));
        assert_eq!(changed["warnings"], json!([]));
        let unset = api.put(&acme.admin, &path, json!({"revision": 1})).await.expect(200);
        assert!(unset["destination"].is_null() && unset["identifier"].is_null());
    }

    #[tokio::test]
    async fn a_change_on_top_of_somebody_elses_is_told_with_what_it_is_now() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/numbers/{}", acme.number.id);
        let first = json!({"revision": 0, "identifier": "Shop"});
        api.put(&acme.admin, &path, first).await.expect(200);
        let now = api.get(&acme.admin, &path).await.expect(200);
        let second = json!({"revision": 0, "identifier": "Office"});
        let problem = api
            .put(&acme.owner, &path, second)
            .await
            .expect_refusal(409, "changed_meanwhile");
        assert_eq!(problem["current"], now);
        assert_eq!(api.get(&acme.owner, &path).await.expect(200), now);
    }

    #[tokio::test]
    async fn routing_rules_of_which_one_hides_the_other_are_stored_with_a_warning() {
        let (api, acme) = TestApi::with_company().await;
        let mut rules = Vec::new();
        for (name, from, to) in [
            ("Office", "09:00", "17:00"),
            ("Lunch", "12:00", "13:00"),
            ("Evening", "18:00", "20:00"),
        ] {
            let when = json!({"kind": "weekly", "ranges": [{"days": ["monday"], "from": from, "to": to}]});
            let interval = api
                .post(&acme.admin, "/v1/intervals", json!({"name": name, "when": when}))
                .await;
            let destination = json!({"kind": "extension", "id": acme.workshop.id});
            rules.push(json!({"interval_id": interval.expect(201)["id"], "destination": destination}));
        }
        let path = format!("/v1/numbers/{}", acme.number.id);
        let body = json!({"revision": 0, "routing_rules": rules});
        let changed = api.put(&acme.admin, &path, body).await.expect(200);
        let warning = json!([{
            "code": "overlapping_rules",
            "message": "“Lunch” overlaps with “Office”, which stands above it and wins then.",
        }]);
        assert_eq!(changed["warnings"], warning);
    }

    #[tokio::test]
    async fn what_does_not_exist_is_no_destination() {
        let mut api = TestApi::new().await;
        let acme = Company::new(&mut api, "acme").await;
        let rival = Company::new(&mut api, "rival").await;
        let path = format!("/v1/numbers/{}", acme.number.id);
        let foreign = json!({"kind": "extension", "id": rival.reception.id});
        let nothing = json!({"kind": "menu", "id": acme.reception.id});
        let rule =
            json!({"interval_id": acme.reception.id, "destination": {"kind": "extension", "id": acme.reception.id}});
        for (body, field) in [
            (json!({"revision": 0, "destination": foreign}), "destination"),
            (json!({"revision": 0, "destination": nothing}), "destination"),
            (json!({"revision": 0, "routing_rules": [rule]}), "routing_rules"),
            (json!({"revision": 0, "identifier": "\u{7}"}), "identifier"),
            (json!({"revision": 0, "number": "+441632960001"}), "number"),
        ] {
            let problem = api
                .put(&acme.owner, &path, body)
                .await
                .expect_refusal(422, "invalid_fields");
            assert_eq!(problem["errors"][0]["field"], field);
        }
        api.put(&acme.receptionist, &path, json!({"revision": 0}))
            .await
            .expect_refusal(403, "not_allowed");
    }
}
