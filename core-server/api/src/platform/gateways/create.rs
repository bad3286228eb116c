//! Makes a gateway.

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::{Gateway, GatewaySettings};

use super::{checked, refused, take_effect};
use crate::{ApiState, error::ApiError, extract::JsonBody, platform::Operator};

/// Make a gateway
///
/// Calls can go over it as soon as this is answered.
#[utoipa::path(
    post,
    path = "/v1/platform/gateways",
    tag = "platform",
    security(("bearer" = [])),
    request_body = GatewaySettings,
    responses(
        (status = 201, description = "The gateway", body = Gateway),
        (status = 409, description = "Another gateway has this name"),
    )
)]
pub(crate) async fn create_gateway(
    State(api): State<ApiState>,
    operator: Operator,
    JsonBody(settings): JsonBody<GatewaySettings>,
) -> Result<(StatusCode, Json<Gateway>), ApiError> {
    checked(&settings)?;
    let mut tx = operator.change_platform(&api).await?;
    let created = tx.create_gateway(&settings, &mut api.entropy()).await;
    let gateway = created.map_err(refused)?;
    tx.commit().await?;
    take_effect(&api).await?;
    tracing::info!(user.id = %operator.0.id, gateway.id = %gateway.id, "A gateway was made.");
    Ok((StatusCode::CREATED, Json(gateway.without_password())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        DirectoryChange,
        testing::{TestApi, Told},
    };

    #[tokio::test]
    async fn the_password_goes_in_and_never_comes_out() {
        let (mut api, acme) = TestApi::with_company().await;
        let operator = acme.make_operator(&mut api).await;
        let body = json!({
            "name": "Carrier", "host": "sip.carrier.example", "sources": ["192.0.2.0/24"], "registers": true,
            "credentials": {"username": "wigwag", "password": "hunter2-hunter2"},
        });
        let made = api
            .post(operator, "/v1/platform/gateways", body.clone())
            .await
            .expect(201);
        assert_eq!(
            api.switch.told(),
            [Told::DirectoryChanged(DirectoryChange::GatewaysChanged)]
        );
        let path = format!("/v1/platform/gateways/{}", made["id"].as_str().expect("an id"));
        let mut put_back = made.clone();
        let fields = put_back.as_object_mut().expect("fields");
        fields.remove("id");
        fields.insert("weight".to_owned(), json!(5));
        let changed = api.put(operator, &path, put_back).await.expect(200);
        assert_eq!((&changed["weight"], &changed["revision"]), (&json!(5), &json!(1)));
        let stored = api.store.gateways().await.expect("gateways").gateways.swap_remove(0);
        let kept = stored.settings.credentials.expect("credentials").password;
        assert_eq!(
            kept.expose(),
            "hunter2-hunter2",
            "what is put back without its password keeps it"
        );
        let log = api.get(operator, "/v1/platform/audit_log").await.expect(200);
        let listed = api.get(operator, "/v1/platform/gateways").await.expect(200);
        let read = api.get(operator, &path).await.expect(200);
        for told in [made, changed, log, listed, read] {
            let told = told.to_string();
            assert!(told.contains("carrier.example") && !told.contains("hunter2"), "{told}");
        }
        api.post(operator, "/v1/platform/gateways", body)
            .await
            .expect_refusal(409, "name_taken");
    }

    #[tokio::test]
    async fn settings_that_cannot_be_are_refused_by_name() {
        let (mut api, acme) = TestApi::with_company().await;
        let operator = acme.make_operator(&mut api).await;
        for (field, value) in [
            ("name", json!("")),
            ("host", json!("sip carrier")),
            ("sources[0]", json!(["192.0.2.0/33"])),
            ("registers", json!("yes")),
            ("credentials", json!({"username": "wigwag"})),
            ("prefix", json!("12x")),
            ("weight", json!(0)),
            ("colour", json!("red")),
        ] {
            let mut body = json!({"name": "Carrier", "host": "sip.carrier.example"});
            body[field.split('[').next().expect("a name")] = value;
            let problem = api.post(operator, "/v1/platform/gateways", body).await;
            assert_eq!(
                problem.expect_refusal(422, "invalid_fields")["errors"][0]["field"],
                field
            );
        }
    }
}
