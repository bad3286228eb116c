//! What somebody looks for in the stock of numbers, as query fields.

use wigwag_model::{NumberCapability, NumberKind, PhoneNumber, StockSearch};

use super::{FieldsRefused, QueryFields};

/// Letters of an area's name that are looked for.
const AREA_CHARS: usize = 80;

/// The search, where its page begins, and how long it is.
#[derive(Debug)]
pub(crate) struct StockQuery {
    pub(crate) search: StockSearch,
    pub(crate) after: Option<PhoneNumber>,
    pub(crate) limit: u32,
}

impl StockQuery {
    /// Takes all of `query`.
    pub(crate) fn read(mut query: QueryFields) -> Result<Self, FieldsRefused> {
        let search = StockSearch {
            area: query.take_with("area", |text| {
                let fits = text.chars().count() <= AREA_CHARS;
                if fits {
                    Ok(text.to_owned())
                } else {
                    Err("is too long".to_owned())
                }
            }),
            prefix: query.take("prefix"),
            kind: query.take_with("kind", |text| {
                NumberKind::from_word(text).ok_or_else(|| "is no kind of number".to_owned())
            }),
            capability: query.take_with("capability", |text| {
                NumberCapability::from_word(text).ok_or_else(|| "is no capability".to_owned())
            }),
        };
        let after = query.take("cursor");
        let limit = query.take_limit();
        query.finish()?;
        Ok(StockQuery { search, after, limit })
    }
}
