//! What a handler takes out of a request, checked at the edge.

mod body;
mod client;
mod path;
mod query;
mod stock;

pub(crate) use body::{FieldsRefused, JsonBody, JsonChange, require_no_problems, text};
pub(crate) use client::{Client, is_direct, network_of};
pub(crate) use path::Id;
pub(crate) use query::QueryFields;
pub(crate) use stock::StockQuery;
