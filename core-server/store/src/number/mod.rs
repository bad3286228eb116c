//! Public numbers: the platform's stock, what companies have of it, and what they do with it (S047–S059, A45).

mod own;
mod rows;
mod search;
mod settings;
mod stock;

pub(crate) use own::select_all;
pub(crate) use rows::{number, rule_of};
pub use search::StockPage;
pub(crate) use settings::select_rules;
pub use stock::QUARANTINE;

pub(crate) const STOCK: &str = "number_stock";
pub(crate) const NUMBERS: &str = "numbers";
pub(crate) const RULES: &str = "routing_rules";
