//! SIP connections of the platform to carriers.

mod create;
mod list;
mod read;
mod remove;
mod update;

use axum::http::StatusCode;
use thiserror::Error;
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::{GatewaySettings, api::FieldError};
use wigwag_store::StoreError;

use crate::{
    ApiState, DirectoryChange,
    error::{ApiError, NotLive, Refusal},
    extract::FieldsRefused,
};

pub(super) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_gateways, create::create_gateway))
        .routes(routes!(
            read::read_gateway,
            update::update_gateway,
            remove::remove_gateway
        ))
}

/// Another gateway has the name.
#[derive(Clone, Copy, Debug, Error)]
#[error("another gateway has this name")]
struct NameTaken;

fn checked(settings: &GatewaySettings) -> Result<(), FieldsRefused> {
    let problems = settings.problems();
    if problems.is_empty() {
        return Ok(());
    }
    Err(FieldsRefused(problems.into_iter().map(FieldError::from).collect()))
}

/// A taken name is the client's to solve; the rest is ours.
fn refused(error: StoreError) -> ApiError {
    if matches!(error, StoreError::Conflict { field: "name" }) {
        NameTaken.into()
    } else {
        error.into()
    }
}

/// Answers once calls follow.
async fn take_effect(api: &ApiState) -> Result<(), NotLive> {
    Ok(api.switch().directory_changed(DirectoryChange::GatewaysChanged).await?)
}

impl Refusal for NameTaken {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "name_taken"
    }

    fn fields(&self) -> Vec<FieldError> {
        vec![FieldError::new("name", "taken", "is already taken")]
    }
}
