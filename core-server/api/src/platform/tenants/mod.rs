//! Companies, and what the operator lets them have (S093).

mod list;
mod read;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::api::PlatformTenantView;
use wigwag_store::{StoreError, TenantTx};

use crate::{ApiState, access::NotFound, error::ApiError};

pub(super) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tenants))
        .routes(routes!(read::read_tenant, update::update_tenant))
}

/// The company as it is now.
async fn view<Access>(tx: &mut TenantTx<Access>) -> Result<PlatformTenantView, ApiError> {
    let tenant = tx.tenant().await?.ok_or(NotFound)?;
    let (revision, terms) = tx.terms().await?.ok_or(StoreError::NoTenant)?;
    Ok(PlatformTenantView::new(tenant, revision, terms))
}
