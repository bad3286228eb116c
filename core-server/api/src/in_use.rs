//! Something that others use is removed only by whoever knows it.

use axum::http::StatusCode;
use thiserror::Error;
use wigwag_model::Use;

use crate::error::Refusal;

/// Something uses it.
#[derive(Debug, Error)]
#[error("{}", words(.0.len()))]
pub(crate) struct InUse(Vec<Use>);

/// Refuses to remove what `uses` use.
pub(crate) fn require_unused(uses: Vec<Use>) -> Result<(), InUse> {
    if uses.is_empty() { Ok(()) } else { Err(InUse(uses)) }
}

fn words(count: usize) -> String {
    match count {
        1 => "one thing uses this".to_owned(),
        count => format!("{count} things use this"),
    }
}

impl Refusal for InUse {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "in_use"
    }

    fn used_by(&self) -> Vec<Use> {
        self.0.clone()
    }
}
