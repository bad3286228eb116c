//! The process lives: it needs no restart.

use axum::Json;
use wigwag_model::api::Health;

/// Whether the process lives
#[utoipa::path(
    get,
    path = "/health",
    tag = "server",
    responses((status = 200, description = "It does", body = Health))
)]
pub(crate) async fn read_health() -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn it_says_ok_to_anybody_even_without_the_switch() {
        let api = TestApi::new().await;
        api.switch.go_away();
        let health = api.send(Method::GET, "/health", None, None).await.expect(200);
        assert_eq!(health["status"], "ok");
    }
}
