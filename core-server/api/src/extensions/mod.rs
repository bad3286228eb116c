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
use wigwag_store::StoreError;

use crate::{
    ApiState,
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

/// Another extension has the number.
#[derive(Clone, Copy, Debug, Error)]
#[error("another extension has this number")]
struct NumberTaken;

/// A taken number is the client's to solve; the rest is ours.
fn refused(error: StoreError) -> ApiError {
    if matches!(error, StoreError::Conflict { field: "number" }) {
        NumberTaken.into()
    } else {
        error.into()
    }
}

impl Refusal for NumberTaken {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "number_taken"
    }

    fn fields(&self) -> Vec<FieldError> {
        vec![FieldError::new("number", "taken", "is already taken")]
    }
}
