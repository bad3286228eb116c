//! Shows the star codes of the company (features.md 1.T).

use axum::{Json, extract::State};
use wigwag_model::api::FeatureCodesView;

use crate::{ApiState, caller::Caller, error::ApiError};

/// Show the star codes
///
/// For everybody of the company.
#[utoipa::path(
    get,
    path = "/v1/feature_codes",
    tag = "feature codes",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The codes", body = FeatureCodesView),
    )
)]
pub(crate) async fn read_feature_codes(
    State(api): State<ApiState>,
    caller: Caller,
) -> Result<Json<FeatureCodesView>, ApiError> {
    let (revision, codes) = api.store().read(caller.tenant()).await?.feature_codes().await?;
    Ok(Json(FeatureCodesView::new(revision, &codes)))
}
