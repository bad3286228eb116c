//! Public numbers: the stock to choose from, and the company's own (S047–S059).

use serde::{Deserialize, Serialize};

use super::{FieldError, Timestamp, Warning};
use crate::{
    IncomingNumber, IncomingNumberSettings, NumberCapabilities, NumberId, NumberKind, PhoneNumber, Revision,
    StockNumber, StockPlace, limits,
};

/// A public number of the company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberView {
    /// Its identity.
    pub id: NumberId,
    /// The number itself.
    pub number: PhoneNumber,
    /// Its kind, by its beginning.
    pub kind: NumberKind,
    /// What it can be used for.
    pub capabilities: NumberCapabilities,
    /// Which change of it this is.
    pub revision: Revision,
    /// What a person says of it.
    #[serde(flatten)]
    pub settings: IncomingNumberSettings,
    /// When the company took it.
    pub taken_at: Timestamp,
}

/// A number whose settings have just been changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberChanged {
    /// The number as it is now.
    #[serde(flatten)]
    pub number: NumberView,
    /// What is odd about the settings without being forbidden.
    pub warnings: Vec<Warning>,
}

/// A number that the company can take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockNumberView {
    /// The number.
    pub number: PhoneNumber,
    /// Where it belongs.
    #[cfg_attr(feature = "openapi", schema(example = "Nottingham"))]
    pub area: String,
    /// Its kind.
    pub kind: NumberKind,
    /// What it can be used for.
    pub capabilities: NumberCapabilities,
    /// What it costs a month, in ten-thousandths of a penny.
    pub monthly_price: i64,
    /// The company has given it back, and until then nobody else can take it; absent when it is free.
    pub kept_until: Option<Timestamp>,
}

/// Numbers that are to be taken from the stock: all of them, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TakeNumbers {
    /// Which ones; 1 to 20.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub numbers: Vec<PhoneNumber>,
}

/// Says that somebody really means to give a number back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiveBackNumber {
    /// The number itself, typed by hand.
    pub confirm: PhoneNumber,
}

impl From<IncomingNumber> for NumberView {
    fn from(number: IncomingNumber) -> Self {
        NumberView {
            id: number.id,
            kind: NumberKind::of(&number.number),
            number: number.number,
            capabilities: number.capabilities,
            revision: number.revision,
            settings: number.settings,
            taken_at: number.taken_at.into(),
        }
    }
}

impl StockNumberView {
    /// `stock` as the company sees it that could take it.
    pub fn new(stock: StockNumber, place: StockPlace) -> Self {
        StockNumberView {
            number: stock.number,
            area: stock.area,
            kind: stock.kind,
            capabilities: stock.capabilities,
            monthly_price: stock.monthly_price,
            kept_until: match place {
                StockPlace::Free | StockPlace::Taken { .. } => None,
                StockPlace::Quarantined { until, .. } => Some(until.into()),
            },
        }
    }
}

impl TakeNumbers {
    /// The numbers, or what is wrong with the list.
    pub fn checked(self) -> Result<Vec<PhoneNumber>, Vec<FieldError>> {
        let refuse = |code, words: String| Err(vec![FieldError::new("numbers", code, words)]);
        let most = limits::NUMBERS_AT_A_TIME;
        if self.numbers.is_empty() {
            return refuse("empty", "must not be empty".to_owned());
        }
        if self.numbers.len() > most {
            return refuse("too_many", format!("must have at most {most} entries"));
        }
        let mut sorted: Vec<&PhoneNumber> = self.numbers.iter().collect();
        sorted.sort();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return refuse("twice", "must not have the same entry twice".to_owned());
        }
        Ok(self.numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_each_number_once_in_whatever_form() {
        let take = |json: &str| serde_json::from_str::<TakeNumbers>(json).expect("a list").checked();
        assert_eq!(
            take(r#"{"numbers": ["01632 960001", "+441632960002"]}"#).map(|list| list.len()),
            Ok(2)
        );
        for (json, code) in [
            (r#"{"numbers": []}"#, "empty"),
            (r#"{"numbers": ["01632 960001", "+441632960001"]}"#, "twice"),
        ] {
            assert_eq!(take(json).expect_err("refused")[0].code, code);
        }
    }
}
