//! The audit log of the company: who changed what.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::{
    EntityKind,
    api::{AuditEntryView, Page},
};
use wigwag_store::{AuditFilter, AuditPage};

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    error::ApiError,
    extract::{FieldsRefused, QueryFields},
};

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list_audit_log))
}

/// List who changed what
///
/// The newest first. Admins and owners only.
#[utoipa::path(
    get,
    path = "/v1/audit_log",
    tag = "audit log",
    security(("bearer" = [])),
    params(
        ("entity" = Option<EntityKind>, Query, description = "Only things of this kind"),
        ("entity_id" = Option<String>, Query, description = "Only this thing"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "Entries on a page: 50 unless told"),
    ),
    responses(
        (status = 200, description = "A page of entries", body = Page<AuditEntryView>),
        (status = 403, description = "The access level does not allow it"),
        (status = 422, description = "A field of the query is unknown or not valid"),
    )
)]
async fn list_audit_log(
    State(api): State<ApiState>,
    caller: Caller,
    query: QueryFields,
) -> Result<Json<Page<AuditEntryView>>, ApiError> {
    caller.require(Function::SeeAuditLog)?;
    let Wanted { filter, before, limit } = Wanted::read(query)?;
    let mut tx = api.store().read(caller.tenant()).await?;
    Ok(Json(page(tx.audit_log(&filter, before, limit).await?)))
}

/// What is asked for in the query of a log.
pub(crate) struct Wanted {
    pub(crate) filter: AuditFilter,
    pub(crate) before: Option<u64>,
    pub(crate) limit: u32,
}

impl Wanted {
    pub(crate) fn read(mut query: QueryFields) -> Result<Self, FieldsRefused> {
        let entity = |word: &str| EntityKind::from_word(word).ok_or_else(|| "is no kind of thing".to_owned());
        let filter = AuditFilter {
            entity: query.take_with("entity", entity),
            entity_id: query.take("entity_id"),
        };
        let before = query.take("cursor");
        let limit = query.take_limit();
        query.finish()?;
        Ok(Wanted { filter, before, limit })
    }
}

pub(crate) fn page(page: AuditPage) -> Page<AuditEntryView> {
    Page {
        items: page.entries.into_iter().map(AuditEntryView::from).collect(),
        next_cursor: page.next.map(|sequence| sequence.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use serde_json::{Value, json};

    use crate::testing::{
        Company, Person, TestApi, based_on, contact, interval, ring_group, rule, set_up_call_handling,
    };

    /// Every endpoint that changes something: method, path with the fixture's things, body.
    fn changing() -> Vec<(Method, &'static str, Option<Value>)> {
        let gateway = json!({"name": "Carrier", "host": "sip.carrier.example"});
        let mut renamed = gateway.clone();
        renamed["revision"] = json!(0);
        vec![
            (
                Method::POST,
                "/v1/extensions",
                Some(json!({"number": "200", "name": "New"})),
            ),
            (
                Method::PATCH,
                "/v1/extensions/{extension}",
                Some(json!({"revision": 0, "name": "Mine"})),
            ),
            (Method::DELETE, "/v1/extensions/{extension}", None),
            (
                Method::POST,
                "/v1/extensions/{extension}/devices",
                Some(json!({"name": "Mine"})),
            ),
            (Method::DELETE, "/v1/devices/{device}", None),
            (Method::POST, "/v1/numbers", Some(json!({"numbers": ["{free}"]}))),
            (
                Method::PUT,
                "/v1/numbers/{number}",
                Some(json!({"revision": 0, "identifier": "Shop"})),
            ),
            (
                Method::DELETE,
                "/v1/numbers/{number}",
                Some(json!({"confirm": "{own}"})),
            ),
            (
                Method::PUT,
                "/v1/settings",
                Some(json!({"revision": 0, "time_zone": "UTC"})),
            ),
            (
                Method::POST,
                "/v1/extensions/{extension}/forwarding_rules",
                Some(rule()),
            ),
            (
                Method::PUT,
                "/v1/extensions/{extension}/forwarding_rules/order",
                Some(json!({"forwarding_rules": ["{forwarding_rule}"]})),
            ),
            (
                Method::PUT,
                "/v1/forwarding_rules/{forwarding_rule}",
                Some(based_on(rule())),
            ),
            (Method::DELETE, "/v1/forwarding_rules/{forwarding_rule}", None),
            (
                Method::PUT,
                "/v1/extensions/{extension}/pin",
                Some(json!({"revision": 0, "pin": "2580"})),
            ),
            (
                Method::POST,
                "/v1/hot_desks",
                Some(json!({"guest_id": "{reception}", "host_id": "{extension}"})),
            ),
            (Method::DELETE, "/v1/hot_desks/{extension}", None),
            (
                Method::POST,
                "/v1/ring_groups",
                Some(other(ring_group(), "number", "298")),
            ),
            (
                Method::PUT,
                "/v1/ring_groups/{ring_group}",
                Some(based_on(ring_group())),
            ),
            (Method::DELETE, "/v1/ring_groups/{ring_group}", None),
            (Method::POST, "/v1/intervals", Some(other(interval(), "name", "Closed"))),
            (Method::PUT, "/v1/intervals/{interval}", Some(based_on(interval()))),
            (Method::DELETE, "/v1/intervals/{interval}", None),
            (Method::POST, "/v1/contacts", Some(other(contact(), "speed_dial", 8))),
            (Method::PUT, "/v1/contacts/{contact}", Some(based_on(contact()))),
            (Method::DELETE, "/v1/contacts/{contact}", None),
            (
                Method::POST,
                "/v1/blocked_callers",
                Some(json!({"kind": "unavailable"})),
            ),
            (Method::DELETE, "/v1/blocked_callers/{blocked_caller}", None),
            (
                Method::PUT,
                "/v1/feature_codes",
                Some(json!({"revision": 0, "changed": {}})),
            ),
            (Method::POST, "/v1/platform/gateways", Some(gateway)),
            (Method::PUT, "/v1/platform/gateways/{gateway}", Some(renamed)),
            (Method::DELETE, "/v1/platform/gateways/{gateway}", None),
            (
                Method::POST,
                "/v1/platform/number_stock",
                Some(
                    json!({"numbers": [{"number": "+441632960777", "area": "Nowhere", "kind": "geographic",
                    "capabilities": {"calls": true, "sms": false, "fax": false}, "monthly_price": 0}]}),
                ),
            ),
            (
                Method::PUT,
                "/v1/platform/tenants/{tenant}",
                Some(json!({"revision": 0, "concurrent_calls": 5, "suspended": true})),
            ),
            (
                Method::POST,
                "/v1/platform/tenants/{tenant}/caller_ids",
                Some(json!({"number": "+441632960888"})),
            ),
            (
                Method::DELETE,
                "/v1/platform/tenants/{tenant}/caller_ids",
                Some(json!({"number": "+441632960999"})),
            ),
        ]
    }

    fn other(mut settings: Value, field: &str, value: impl Into<Value>) -> Value {
        settings[field] = value.into();
        settings
    }

    async fn entries(api: &TestApi, person: &Person) -> Vec<Value> {
        let mut entries = Vec::new();
        for log in ["/v1/audit_log", "/v1/platform/audit_log"] {
            let page = api.get(person, &format!("{log}?limit=200")).await.expect(200);
            entries.extend(page["items"].as_array().expect("items").iter().cloned());
        }
        entries
    }

    #[tokio::test]
    async fn every_endpoint_that_changes_something_leaves_an_entry() {
        for (method, template, body) in changing() {
            let mut api = TestApi::new().await;
            let acme = Company::new(&mut api, "acme").await;
            let operator = acme.make_operator(&mut api).await;
            let gateway = api.gateway().await;
            api.stock(&["+441632960001"]).await;
            let caller_ids = format!("/v1/platform/tenants/{}/caller_ids", acme.tenant.id);
            api.post(operator, &caller_ids, json!({"number": "+441632960999"}))
                .await
                .expect(201);
            let ids = set_up_call_handling(&api, &acme).await;
            let fill = |text: &str| {
                let filled = ids
                    .iter()
                    .fold(text.to_owned(), |text, (place, id)| text.replace(place, id));
                filled
                    .replace("{reception}", &acme.reception.id.to_string())
                    .replace("{extension}", &acme.workshop.id.to_string())
                    .replace("{device}", &acme.workshop_phone.id.to_string())
                    .replace("{number}", &acme.number.id.to_string())
                    .replace("{tenant}", &acme.tenant.id.to_string())
                    .replace("{gateway}", &gateway.to_string())
                    .replace("{free}", "+441632960001")
                    .replace("{own}", acme.number.number.as_str())
            };
            let before = entries(&api, operator).await;
            let body = body.map(|body| serde_json::from_str(&fill(&body.to_string())).expect("JSON"));
            let answer = api.send(method.clone(), &fill(template), Some(operator), body).await;
            assert!(answer.status.is_success(), "{method} {template}: {}", answer.text);
            let after = entries(&api, operator).await;
            let fresh: Vec<_> = after.iter().filter(|entry| !before.contains(entry)).collect();
            assert!(!fresh.is_empty(), "{method} {template} leaves no entry");
            for entry in fresh {
                assert_eq!(
                    entry["actor"]["username"],
                    operator.user.username.as_str(),
                    "{method} {template}"
                );
            }
        }
    }

    #[test]
    fn the_list_of_endpoints_that_change_something_is_complete() {
        let document = serde_json::to_value(crate::openapi()).expect("a document");
        let mut described = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for method in item.as_object().expect("operations").keys() {
                // Who is signed in is no change of what there is, and a simulation is none at all.
                if method != "get" && !path.starts_with("/v1/sessions") && path != "/v1/simulate" {
                    described.push(format!("{} {}", method.to_uppercase(), path.replace("_id}", "}")));
                }
            }
        }
        let listed = changing();
        let mut listed: Vec<_> = listed
            .iter()
            .map(|(method, path, _)| format!("{method} {path}"))
            .collect();
        described.sort();
        listed.sort();
        assert_eq!(listed, described);
    }

    #[tokio::test]
    async fn a_company_sees_its_own_changes_filtered_and_page_by_page() {
        let mut api = TestApi::new().await;
        let acme = Company::new(&mut api, "acme").await;
        let rival = Company::new(&mut api, "rival").await;
        let path = format!("/v1/extensions/{}", acme.reception.id);
        for (revision, name) in ["One", "Two", "Three"].into_iter().enumerate() {
            api.patch(&acme.receptionist, &path, json!({"revision": revision, "name": name}))
                .await
                .expect(200);
        }
        let mine = format!("/v1/audit_log?entity=extension&entity_id={}&limit=2", acme.reception.id);
        let first = api.get(&acme.admin, &mine).await.expect(200);
        let entry = &first["items"][0];
        assert_eq!(
            (&entry["before"]["name"], &entry["after"]["name"]),
            (&json!("Two"), &json!("Three"))
        );
        assert_eq!(entry["actor"]["id"], acme.receptionist.user.id.to_string());
        let cursor = first["next_cursor"].as_str().expect("another page");
        let second = api
            .get(&acme.admin, &format!("{mine}&cursor={cursor}"))
            .await
            .expect(200);
        assert_eq!(
            second["items"].as_array().map(Vec::len),
            Some(2),
            "the first change, and that it was made"
        );
        assert_eq!(second["items"][1]["actor"]["kind"], "server");
        let others = api.get(&rival.owner, &mine).await.expect(200);
        assert_eq!(others["items"], json!([]));
        api.get(&acme.receptionist, "/v1/audit_log")
            .await
            .expect_refusal(403, "not_allowed");
        api.get(&acme.owner, "/v1/audit_log?entity=cat")
            .await
            .expect_refusal(422, "invalid_fields");
    }
}
