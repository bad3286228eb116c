//! Phone extensions (S074–S092).

mod create;
mod list;
mod read;
mod remove;
mod update;

use axum::http::StatusCode;
use thiserror::Error;
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::api::FieldError;
use wigwag_store::{ReadWrite, StoreError, TenantTx};

use crate::{
    ApiState, destinations,
    error::{ApiError, Refusal},
};

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_extensions, create::create_extension))
        .routes(routes!(
            read::read_extension,
            update::update_extension,
            remove::remove_extension
        ))
}

/// An extension with devices cannot become one that rings elsewhere.
#[derive(Clone, Copy, Debug, Error)]
#[error("remove the devices of the extension first: a virtual extension has none")]
struct HasDevices;

/// The caller ID is neither a number of the company nor one that it may show.
#[derive(Clone, Copy, Debug, Error)]
#[error("the company may not show this number")]
struct CallerIdRefused;

/// What is the client's to solve is said; the rest is ours.
async fn refused(error: StoreError, tx: &mut TenantTx<ReadWrite>) -> ApiError {
    if matches!(error, StoreError::VirtualWithDevices) {
        HasDevices.into()
    } else if matches!(error, StoreError::Unknown { field: "caller_id" }) {
        CallerIdRefused.into()
    } else {
        destinations::number_refused(error, tx).await
    }
}

impl Refusal for HasDevices {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "has_devices"
    }
}

impl Refusal for CallerIdRefused {
    fn status(&self) -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }

    fn code(&self) -> &'static str {
        "invalid_fields"
    }

    fn fields(&self) -> Vec<FieldError> {
        let words = "must be a number of the company, or one that it may show";
        vec![FieldError::new("caller_id", "not_ours", words)]
    }
}
