//! The server can serve: requests may be sent here.

use axum::{Json, extract::State, http::StatusCode};
use wigwag_model::api::Readiness;

use crate::ApiState;

/// Whether calls and changes can be served
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "server",
    responses(
        (status = 200, description = "They can", body = Readiness),
        (status = 503, description = "They cannot", body = Readiness),
    )
)]
pub(crate) async fn read_readiness(State(api): State<ApiState>) -> (StatusCode, Json<Readiness>) {
    let database = api.store().check().await.is_ok();
    let switch = api.switch().ready().await.unwrap_or(false);
    let ready = database && switch;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(Readiness {
            ready,
            database,
            switch,
        }),
    )
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use serde_json::json;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn it_is_ready_only_with_database_and_switch() {
        let api = TestApi::new().await;
        let ready = async || api.send(Method::GET, "/health/ready", None, None).await;
        let all = json!({"ready": true, "database": true, "switch": true});
        assert_eq!(ready().await.expect(200), all);
        api.switch.go_away();
        let without_switch = json!({"ready": false, "database": true, "switch": false});
        assert_eq!(ready().await.expect(503), without_switch);
        api.store.close().await;
        let without_both = json!({"ready": false, "database": false, "switch": false});
        assert_eq!(ready().await.expect(503), without_both);
    }
}
