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
