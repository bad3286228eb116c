//! A number that is taken, and by whom.

use axum::http::StatusCode;
use thiserror::Error;
use wigwag_model::{
    Destination,
    api::{DestinationView, FieldError},
};
use wigwag_store::{ReadWrite, StoreError, TenantTx};

use crate::error::{ApiError, Refusal};

/// Something else of the company has the number.
#[derive(Debug, Error)]
#[error("the number {}", taken_by(.0))]
struct NumberTaken(DestinationView);

/// A taken number is the client's to solve; the rest is ours.
pub(crate) async fn number_refused(error: StoreError, tx: &mut TenantTx<ReadWrite>) -> ApiError {
    let StoreError::NumberTaken { by } = error else {
        return error.into();
    };
    match tx.destination(by).await {
        Ok(Some(holder)) => NumberTaken(holder).into(),
        Ok(None) => error.into(),
        Err(error) => error.into(),
    }
}

fn taken_by(holder: &DestinationView) -> String {
    let kind = match holder.destination {
        Destination::Extension(_) => "extension",
        Destination::RingGroup(_) => "ring group",
        Destination::Queue(_) => "queue",
        Destination::Menu(_) => "voice menu",
        Destination::Mailbox(_) => "mailbox",
        Destination::Announcement(_) => "announcement",
    };
    format!("is the one of the {kind} {}", holder.name)
}

impl Refusal for NumberTaken {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "number_taken"
    }

    fn fields(&self) -> Vec<FieldError> {
        vec![FieldError::new("number", "taken", taken_by(&self.0))]
    }
}
