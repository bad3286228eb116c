//! Makes an extension (S075).

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::api::{ExtensionRequest, ExtensionView};

use super::refused;
use crate::{
    ApiState, DirectoryChange,
    access::Function,
    caller::Caller,
    error::{ApiError, NotLive},
    extract::{FieldsRefused, JsonBody},
};

/// Make an extension
///
/// It can be called as soon as this is answered. Admins and owners only.
#[utoipa::path(
    post,
    path = "/v1/extensions",
    tag = "extensions",
    security(("bearer" = [])),
    request_body = ExtensionRequest,
    responses(
        (status = 201, description = "The extension", body = ExtensionView),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "Something else has this number"),
    )
)]
pub(crate) async fn create_extension(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(request): JsonBody<ExtensionRequest>,
) -> Result<(StatusCode, Json<ExtensionView>), ApiError> {
    caller.require(Function::AddExtension)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let settings = tx.company_settings().await?;
    let draft = request.draft(settings.area_code.as_ref()).map_err(FieldsRefused)?;
    let created = tx.create_extension(&draft, api.now().utc, &mut api.entropy()).await;
    let extension = match created {
        Ok(extension) => extension,
        Err(error) => return Err(refused(error, &mut tx).await),
    };
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    let added = DirectoryChange::Added {
        sip_username: extension.sip_username.clone(),
        tenant,
        extension: extension.id,
    };
    api.switch().directory_changed(added).await.map_err(NotLive::from)?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, extension.id = %extension.id, "An extension was made.");
    Ok((StatusCode::CREATED, Json(extension.into())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        DirectoryChange,
        testing::{TestApi, Told},
    };

    #[tokio::test]
    async fn it_is_answered_after_calls_can_reach_it() {
        let (api, acme) = TestApi::with_company().await;
        let body = json!({"number": "012", "name": "Lager", "ring_timeout_s": 5, "call_waiting": false});
        let made = api.post(&acme.admin, "/v1/extensions", body).await.expect(201);
        assert_eq!(made["number"], "012");
        assert_eq!(made["ring_timeout_s"], 5);
        assert_eq!(made["call_waiting"], false);
        let extension = made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let sip_username = made["sip_username"]
            .as_str()
            .and_then(|name| name.parse().ok())
            .expect("six digits");
        let tenant = acme.tenant.id;
        let [
            Told::ConfigurationChanged(changed, _),
            Told::DirectoryChanged(directory),
        ] = &api.switch.told()[..]
        else {
            panic!("first the snapshot, then the way to it");
        };
        assert_eq!(*changed, tenant);
        assert_eq!(
            *directory,
            DirectoryChange::Added {
                sip_username,
                tenant,
                extension
            }
        );
        let path = format!("/v1/extensions/{extension}");
        assert_eq!(api.get(&acme.owner, &path).await.expect(200), made);
    }

    #[tokio::test]
    async fn a_taken_number_is_refused_by_name_and_changes_nothing() {
        let (api, acme) = TestApi::with_company().await;
        let body = json!({"number": "101", "name": "Again"});
        let problem = api.post(&acme.owner, "/v1/extensions", body).await;
        assert_eq!(
            problem.expect_refusal(409, "number_taken")["errors"][0]["field"],
            "number"
        );
        assert!(api.switch.told().is_empty());
    }

    #[tokio::test]
    async fn every_wrong_field_is_named() {
        let (api, acme) = TestApi::with_company().await;
        let body = json!({"number": "1x1", "name": "a\u{7}", "ring_timeout_s": 181});
        let problem = api
            .post(&acme.owner, "/v1/extensions", body)
            .await
            .expect_refusal(422, "invalid_fields");
        let fields: Vec<_> = problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| &error["field"])
            .collect();
        assert_eq!(fields, ["number", "name", "ring_timeout_s"]);
    }

    #[tokio::test]
    async fn names_that_look_like_sql_or_html_are_kept_as_they_are() {
        let (api, acme) = TestApi::with_company().await;
        let names = [
            "'); DROP TABLE users;--",
            "<script>alert(1)</script>",
            "=HYPERLINK(\"x\")",
            "Zoë 🐝 \\ % _",
        ];
        for (index, name) in names.into_iter().enumerate() {
            let body = json!({"number": format!("20{index}"), "name": name});
            let made = api.post(&acme.owner, "/v1/extensions", body).await;
            assert_eq!(made.headers["content-type"], "application/json");
            assert_eq!(made.expect(201)["name"], name);
        }
        let listed = api.get(&acme.owner, "/v1/extensions").await.expect(200);
        assert_eq!(listed["items"].as_array().expect("items").len(), 2 + names.len());
    }

    #[tokio::test]
    async fn users_of_level_extension_may_not() {
        let (api, acme) = TestApi::with_company().await;
        let body = json!({"number": "200", "name": "Mine"});
        api.post(&acme.receptionist, "/v1/extensions", body)
            .await
            .expect_refusal(403, "not_allowed");
    }

    #[tokio::test]
    async fn when_the_switch_is_away_the_answer_says_that_the_change_is_stored() {
        let (api, acme) = TestApi::with_company().await;
        api.switch.go_away();
        let body = json!({"number": "200", "name": "Store room"});
        api.post(&acme.owner, "/v1/extensions", body)
            .await
            .expect_refusal(503, "not_live_yet");
        let listed = api.get(&acme.owner, "/v1/extensions").await.expect(200);
        assert_eq!(listed["items"][2]["number"], "200");
    }
}
