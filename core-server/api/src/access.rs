//! Who may do what: the one table that every endpoint asks (S019–S021, A15).
//!
//! | function                                 | extension | admin | owner |
//! |------------------------------------------|-----------|-------|-------|
//! | see extensions and change their settings | own       | all   | all   |
//! | give an extension another number, kind   | –         | all   | all   |
//! | or caller ID                             |           |       |       |
//! | add and remove extensions                | –         | yes   | yes   |
//! | its forwarding rules, PIN and hot desk   | own       | all   | all   |
//! | see intervals, star codes and contacts   | yes       | yes   | yes   |
//! | set those up; see and set up ring groups | –         | yes   | yes   |
//! | and blocked callers                      |           |       |       |
//! | see, add, set up and sign out devices    | own       | all   | all   |
//! | see live calls and the call history      | own       | all   | all   |
//! | see the trace of a call                  | –         | all   | all   |
//! | ask what would happen to a call          | –         | yes   | yes   |
//! | see limits and their use                 | yes       | yes   | yes   |
//! | take numbers, and say where they lead    | –         | yes   | yes   |
//! | give numbers back                        | –         | –     | yes   |
//! | see and change the company's settings    | –         | yes   | yes   |
//! | see the audit log                        | –         | yes   | yes   |
//!
//! "Own" is the user's default extension and what belongs to it. What a user may not reach is not found (404); what a
//! user may not do is not allowed (403), whatever it is to be done to. What belongs to the platform is there for its
//! operators alone: see `core-server/api/src/platform/operator.rs`.

use axum::http::StatusCode;
use thiserror::Error;
use wigwag_model::{AccessLevel, ExtensionId, User};

use crate::error::Refusal;

/// Something that not every access level may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// Make an extension.
    AddExtension,
    /// Remove an extension.
    RemoveExtension,
    /// Give an extension another number, kind or caller ID.
    SetUpExtension,
    /// Say where calls go: ring groups, intervals, blocked callers, star codes and contacts.
    SetUpCallHandling,
    /// See why a call went as it did.
    SeeTrace,
    /// Ask what would happen to a call.
    SimulateCall,
    /// Search the stock of numbers, and take some.
    TakeNumber,
    /// See the company's numbers, and say where they lead.
    SetUpNumber,
    /// Give a number back.
    GiveBackNumber,
    /// See and change what holds for the whole company.
    ChangeSettings,
    /// See who changed what.
    SeeAuditLog,
}

/// Which extensions, and what belongs to them, a user reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of the company.
    All,
    /// The user's own, if there is one.
    Own(Option<ExtensionId>),
}

/// The user's access level does not include the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("your access level does not allow this")]
pub(crate) struct NotAllowed;

/// Nothing there, or nothing that this user reaches: the two cannot be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is nothing here under this name")]
pub(crate) struct NotFound;

/// Refuses `user` what the access level does not include.
pub(crate) fn require(user: &User, function: Function) -> Result<(), NotAllowed> {
    if user.access_level >= function.least_level() {
        Ok(())
    } else {
        Err(NotAllowed)
    }
}

impl Function {
    const fn least_level(self) -> AccessLevel {
        match self {
            Function::AddExtension
            | Function::RemoveExtension
            | Function::SetUpExtension
            | Function::SetUpCallHandling
            | Function::SeeTrace
            | Function::SimulateCall
            | Function::TakeNumber
            | Function::SetUpNumber
            | Function::ChangeSettings
            | Function::SeeAuditLog => AccessLevel::Admin,
            Function::GiveBackNumber => AccessLevel::Owner,
        }
    }
}

impl Reach {
    /// What `user` reaches.
    pub(crate) fn of(user: &User) -> Self {
        match user.access_level {
            AccessLevel::Owner | AccessLevel::Admin => Reach::All,
            AccessLevel::Extension => Reach::Own(user.default_extension_id),
        }
    }

    /// Whether it includes `extension`.
    pub(crate) fn includes(self, extension: ExtensionId) -> bool {
        match self {
            Reach::All => true,
            Reach::Own(own) => own == Some(extension),
        }
    }

    /// Refuses what is out of reach, as if it did not exist.
    pub(crate) fn require(self, extension: ExtensionId) -> Result<(), NotFound> {
        if self.includes(extension) {
            Ok(())
        } else {
            Err(NotFound)
        }
    }
}

impl Refusal for NotAllowed {
    fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }

    fn code(&self) -> &'static str {
        "not_allowed"
    }
}

impl Refusal for NotFound {
    fn status(&self) -> StatusCode {
        StatusCode::NOT_FOUND
    }

    fn code(&self) -> &'static str {
        "not_found"
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use serde_json::{Value, json};
    use wigwag_model::{HangupCause, api::CallTrace};

    use crate::testing::{
        Company, Ids, Person, TestApi, Told, based_on, contact, interval, ring_group, rule, set_up_call_handling,
    };

    /// Every endpoint that takes an id: method, path with `{extension}`, `{device}` or `{call}`, body.
    fn endpoints_with_ids() -> Vec<(Method, &'static str, Option<Value>)> {
        vec![
            (Method::GET, "/v1/extensions/{extension}", None),
            (
                Method::PATCH,
                "/v1/extensions/{extension}",
                Some(json!({"revision": 0, "name": "Mine"})),
            ),
            (Method::DELETE, "/v1/extensions/{extension}", None),
            (Method::GET, "/v1/extensions/{extension}/devices", None),
            (
                Method::POST,
                "/v1/extensions/{extension}/devices",
                Some(json!({"name": "Mine"})),
            ),
            (Method::DELETE, "/v1/devices/{device}", None),
            (Method::GET, "/v1/extensions/{extension}/forwarding_rules", None),
            (
                Method::POST,
                "/v1/extensions/{extension}/forwarding_rules",
                Some(rule()),
            ),
            (
                Method::PUT,
                "/v1/extensions/{extension}/forwarding_rules/order",
                Some(json!({"forwarding_rules": []})),
            ),
            (
                Method::PUT,
                "/v1/forwarding_rules/{forwarding_rule}",
                Some(based_on(rule())),
            ),
            (Method::DELETE, "/v1/forwarding_rules/{forwarding_rule}", None),
            (Method::GET, "/v1/extensions/{extension}/pin", None),
            (
                Method::PUT,
                "/v1/extensions/{extension}/pin",
                Some(json!({"revision": 0, "pin": "2580"})),
            ),
            (Method::DELETE, "/v1/hot_desks/{extension}", None),
            (Method::GET, "/v1/ring_groups/{ring_group}", None),
            (
                Method::PUT,
                "/v1/ring_groups/{ring_group}",
                Some(based_on(ring_group())),
            ),
            (Method::DELETE, "/v1/ring_groups/{ring_group}", None),
            (Method::GET, "/v1/intervals/{interval}", None),
            (Method::PUT, "/v1/intervals/{interval}", Some(based_on(interval()))),
            (Method::DELETE, "/v1/intervals/{interval}", None),
            (Method::GET, "/v1/contacts/{contact}", None),
            (Method::PUT, "/v1/contacts/{contact}", Some(based_on(contact()))),
            (Method::DELETE, "/v1/contacts/{contact}", None),
            (Method::DELETE, "/v1/blocked_callers/{blocked_caller}", None),
            (Method::GET, "/v1/devices/{device}/sip_settings", None),
            (Method::GET, "/v1/calls/{call}", None),
            (Method::GET, "/v1/calls/{call}/trace", None),
            (Method::GET, "/v1/numbers/{number}", None),
            (
                Method::PUT,
                "/v1/numbers/{number}",
                Some(json!({"revision": 0, "identifier": "Mine"})),
            ),
            (
                Method::DELETE,
                "/v1/numbers/{number}",
                Some(json!({"confirm": "+441632960001"})),
            ),
        ]
    }

    fn path(template: &str, ids: &Ids) -> String {
        let fill = |path: String, (place, id): &(&str, String)| path.replace(place, id);
        ids.iter().fold(template.to_owned(), fill)
    }

    /// A company with something behind every path: a call of the reception to the workshop that has a trace, and rules of
    /// the workshop.
    async fn company_with_everything(api: &mut TestApi, name: &str) -> (Company, Ids) {
        let company = Company::new(api, name).await;
        let now = api.now().utc;
        let call = company.record_call(api, now, HangupCause::NoAnswer).await.id;
        api.switch.traces.lock().push((call, CallTrace::default()));
        let mut ids = set_up_call_handling(api, &company).await;
        ids.extend([
            ("{extension}", company.workshop.id.to_string()),
            ("{device}", company.workshop_phone.id.to_string()),
            ("{number}", company.number.id.to_string()),
            ("{call}", call.to_string()),
        ]);
        (company, ids)
    }

    async fn statuses(api: &TestApi, person: &Person, ids: &Ids) -> Vec<(String, u16)> {
        let mut statuses = Vec::new();
        for (method, template, body) in endpoints_with_ids() {
            let answer = api.send(method.clone(), &path(template, ids), Some(person), body).await;
            statuses.push((format!("{method} {template}"), answer.status.as_u16()));
        }
        statuses
    }

    #[test]
    fn the_table_of_endpoints_with_ids_is_complete() {
        let document = serde_json::to_value(crate::openapi()).expect("a document");
        let mut described = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            // What only operators see has a test of its own.
            if path.starts_with("/v1/platform/") {
                continue;
            }
            for method in item
                .as_object()
                .expect("operations")
                .keys()
                .filter(|_| path.contains('{'))
            {
                described.push(format!("{} {}", method.to_uppercase(), path.replace("_id}", "}")));
            }
        }
        let mut listed: Vec<_> = endpoints_with_ids()
            .iter()
            .map(|(method, path, _)| format!("{method} {path}"))
            .collect();
        described.sort();
        listed.sort();
        assert_eq!(listed, described);
    }

    #[tokio::test]
    async fn what_belongs_to_another_company_is_not_found_and_stays_as_it_is() {
        let mut api = TestApi::new().await;
        let (rival, ids) = company_with_everything(&mut api, "rival").await;
        let acme = Company::new(&mut api, "acme").await;
        for person in [&acme.owner, &acme.admin] {
            for (endpoint, status) in statuses(&api, person, &ids).await {
                let for_owners =
                    endpoint == "DELETE /v1/numbers/{number}" && person.user.username != acme.owner.user.username;
                assert_eq!(status, if for_owners { 403 } else { 404 }, "{endpoint}");
            }
        }
        assert_eq!(api.switch.told(), Vec::<Told>::new());
        for (method, template, _) in endpoints_with_ids() {
            if method == Method::GET {
                api.get(&rival.owner, &path(template, &ids)).await.expect(200);
            }
        }
    }

    #[tokio::test]
    async fn an_id_that_is_none_or_nobodys_is_not_found_either() {
        let (api, acme) = TestApi::with_company().await;
        for (method, template, body) in endpoints_with_ids() {
            for id in [
                "0",
                "..",
                "%00",
                "%ff",
                "'%20OR%201=1--",
                "01939e3a-0000-7000-8000-000000000000",
            ] {
                let (before, behind) = template.split_once('{').expect("a place for an id");
                let (_, behind) = behind.split_once('}').expect("its end");
                let path = format!("{before}{id}{behind}");
                let answer = api.send(method.clone(), &path, Some(&acme.owner), body.clone()).await;
                answer.expect_refusal(404, "not_found");
            }
        }
    }

    #[tokio::test]
    async fn users_of_level_extension_reach_their_own_extension_only() {
        let mut api = TestApi::new().await;
        let (acme, ids) = company_with_everything(&mut api, "acme").await;
        // The receptionist made that call to the workshop, and the workshop is a guest of the reception.
        for (endpoint, status) in statuses(&api, &acme.receptionist, &ids).await {
            let expected = match endpoint.as_str() {
                "GET /v1/calls/{call}" => 200,
                "DELETE /v1/hot_desks/{extension}" => 204,
                other => status_out_of_reach(other),
            };
            assert_eq!(status, expected, "{endpoint}");
        }
        for (endpoint, status) in statuses(&api, &acme.newcomer, &ids).await {
            assert_eq!(status, status_out_of_reach(&endpoint), "{endpoint}");
        }
    }

    /// What users of level extension are told of what is not theirs.
    fn status_out_of_reach(endpoint: &str) -> u16 {
        match endpoint {
            "GET /v1/intervals/{interval}" | "GET /v1/contacts/{contact}" => 200,
            "DELETE /v1/extensions/{extension}" | "GET /v1/calls/{call}/trace" => 403,
            other => {
                let for_admins = [
                    "/v1/numbers/",
                    "/v1/ring_groups/",
                    "/v1/intervals/",
                    "/v1/contacts/",
                    "/v1/blocked_callers/",
                ];
                if for_admins.iter().any(|path| other.contains(path)) {
                    403
                } else {
                    404
                }
            }
        }
    }

    #[tokio::test]
    async fn without_a_token_nothing_is_told() {
        let mut api = TestApi::new().await;
        let (_, ids) = company_with_everything(&mut api, "acme").await;
        let lists = [
            "/v1/me",
            "/v1/extensions",
            "/v1/calls",
            "/v1/live_calls",
            "/v1/tenant/usage",
            "/v1/destinations",
            "/v1/ring_groups",
            "/v1/intervals",
            "/v1/contacts",
            "/v1/blocked_callers",
            "/v1/hot_desks",
            "/v1/feature_codes",
        ];
        let lists = lists.into_iter().map(|path| (Method::GET, path, None));
        let created = [(Method::POST, "/v1/extensions", Some(json!({})))];
        let ended = [(Method::DELETE, "/v1/sessions/current", None)];
        for (method, template, body) in endpoints_with_ids()
            .into_iter()
            .chain(lists)
            .chain(created)
            .chain(ended)
        {
            let answer = api.send(method, &path(template, &ids), None, body).await;
            answer.expect_refusal(401, "not_signed_in");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
}
