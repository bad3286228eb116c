//! Who may do what: the one table that every endpoint asks (S019–S021, A15).
//!
//! | function                                | extension | admin | owner |
//! |-----------------------------------------|-----------|-------|-------|
//! | see extensions and change their settings | own      | all   | all   |
//! | change an extension's number            | –         | all   | all   |
//! | add and remove extensions               | –         | yes   | yes   |
//! | see, add, set up and sign out devices   | own       | all   | all   |
//! | see live calls and the call history     | own       | all   | all   |
//! | see the trace of a call                 | –         | all   | all   |
//! | see limits and their use                | yes       | yes   | yes   |
//!
//! "Own" is the user's default extension and what belongs to it. What a user may not reach is not found (404); what a
//! user may not do is not allowed (403), whatever it is to be done to.

use axum::http::StatusCode;
use thiserror::Error;
use wigwag_model::{AccessLevel, ExtensionId, User};

use crate::error::Refusal;

/// Something that not every access level may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// Make an extension.
    AddExtension,
    /// Remove an extension.
    RemoveExtension,
    /// Give an extension another number.
    ChangeExtensionNumber,
    /// See why a call went as it did.
    SeeTrace,
}

/// Which extensions, and what belongs to them, a user reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of the company.
    All,
    /// The user's own, if there is one.
    Own(Option<ExtensionId>),
}

/// The user's access level does not include the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("your access level does not allow this")]
pub(crate) struct NotAllowed;

/// Nothing there, or nothing that this user reaches: the two cannot be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is nothing here under this name")]
pub(crate) struct NotFound;

/// Refuses `user` what the access level does not include.
pub(crate) fn require(user: &User, function: Function) -> Result<(), NotAllowed> {
    if user.access_level >= function.least_level() {
        Ok(())
    } else {
        Err(NotAllowed)
    }
}

impl Function {
    const fn least_level(self) -> AccessLevel {
        match self {
            Function::AddExtension
            | Function::RemoveExtension
            | Function::ChangeExtensionNumber
            | Function::SeeTrace => AccessLevel::Admin,
        }
    }
}

impl Reach {
    /// What `user` reaches.
    pub(crate) fn of(user: &User) -> Self {
        match user.access_level {
            AccessLevel::Owner | AccessLevel::Admin => Reach::All,
            AccessLevel::Extension => Reach::Own(user.default_extension_id),
        }
    }

    /// Whether it includes `extension`.
    pub(crate) fn includes(self, extension: ExtensionId) -> bool {
        match self {
            Reach::All => true,
            Reach::Own(own) => own == Some(extension),
        }
    }

    /// Refuses what is out of reach, as if it did not exist.
    pub(crate) fn require(self, extension: ExtensionId) -> Result<(), NotFound> {
        if self.includes(extension) {
            Ok(())
        } else {
            Err(NotFound)
        }
    }
}

impl Refusal for NotAllowed {
    fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }

    fn code(&self) -> &'static str {
        "not_allowed"
    }
}

impl Refusal for NotFound {
    fn status(&self) -> StatusCode {
        StatusCode::NOT_FOUND
    }

    fn code(&self) -> &'static str {
        "not_found"
    }
}
