//! Lists, one page at a time.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Ask again with `cursor` set to this for the entries after these; absent on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is complete on one page.
    pub fn whole(items: impl IntoIterator<Item = T>) -> Self {
        Page {
            items: items.into_iter().collect(),
            next_cursor: None,
        }
    }
}
