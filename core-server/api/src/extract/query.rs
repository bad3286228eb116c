//! Query fields: each taken once by name; what is left over is unknown and refused.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use wigwag_model::api::FieldError;

use super::FieldsRefused;
use crate::error::ApiError;

/// Entries on a page unless told otherwise, and at most.
const PAGE: u32 = 50;
const PAGE_MOST: u32 = 200;

/// The fields of the query, to be taken one by one and then [`finish`](QueryFields::finish)ed.
#[derive(Debug)]
pub(crate) struct QueryFields {
    fields: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequestParts<S> for QueryFields {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| FieldsRefused(Vec::new()))?;
        let mut query = QueryFields {
            fields: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (name, value) in pairs {
            if query.fields.insert(name.clone(), value).is_some() {
                query.refuse(&name, "duplicate", "must be given once only");
            }
        }
        Ok(query)
    }
}

impl QueryFields {
    /// The value of `name`, read as `T`, if it is given.
    pub(crate) fn take<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        self.take_with(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// The value of `name`, read by `parse`, if it is given; `parse` says in words what is wrong.
    pub(crate) fn take_with<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.fields.remove(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(words) => {
                self.refuse(name, "not_valid", words);
                None
            }
        }
    }

    /// How many entries a page has: `limit` if it is given.
    pub(crate) fn take_limit(&mut self) -> u32 {
        let limit = self.take_with("limit", |text| {
            let limit = text.parse().ok().filter(|limit| (1..=PAGE_MOST).contains(limit));
            limit.ok_or_else(|| format!("must be from 1 to {PAGE_MOST}"))
        });
        limit.unwrap_or(PAGE)
    }

    /// Refuses the request when a field was wrong or is not known.
    pub(crate) fn finish(mut self) -> Result<(), FieldsRefused> {
        for name in std::mem::take(&mut self.fields).into_keys() {
            self.refuse(&name, "unknown", "is not a field of this request");
        }
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(FieldsRefused(self.errors))
        }
    }

    fn refuse(&mut self, name: &str, code: &str, words: impl Into<String>) {
        self.errors
            .push(FieldError::new(super::body::echoed(name), code, words));
    }
}
