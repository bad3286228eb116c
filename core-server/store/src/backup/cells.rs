//! A value of a row as JSON; bytes are hexadecimal digits.

use std::fmt::Write;

use serde_json::Value as Json;

use crate::db::{Kind, Value};

pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => text.as_deref().into(),
        Value::Integer(integer) => (*integer).into(),
        Value::Boolean(boolean) => (*boolean).into(),
        Value::Bytes(bytes) => bytes.as_ref().map(|bytes| hex(bytes)).into(),
    }
}

/// The value of that kind, unless `json` is none.
pub(super) fn from_json(json: &Json, kind: Kind) -> Option<Value> {
    let is_null = json.is_null();
    Some(match kind {
        Kind::Text => Value::Text(unless(is_null, || json.as_str().map(str::to_owned))?),
        Kind::Integer => Value::Integer(unless(is_null, || json.as_i64())?),
        Kind::Boolean => Value::Boolean(unless(is_null, || json.as_bool())?),
        Kind::Bytes => Value::Bytes(unless(is_null, || bytes(json.as_str()?))?),
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            write!(text, "{byte:02x}").expect("memory takes text");
            text
        })
}

fn unless<T>(is_null: bool, value: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    if is_null { Some(None) } else { value().map(Some) }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(16 * digit(*high)? + digit(*low)?).ok();
    if rest.is_empty() {
        pairs.iter().map(byte).collect()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_its_way_through_json() {
        let values = [
            (Value::Text(Some("ü \" \0".to_owned())), Kind::Text),
            (Value::Integer(Some(i64::MIN)), Kind::Integer),
            (Value::Boolean(Some(true)), Kind::Boolean),
            (Value::Bytes(Some(vec![0, 127, 255])), Kind::Bytes),
            (Value::Bytes(None), Kind::Bytes),
        ];
        for (value, kind) in values {
            assert!(from_json(&to_json(&value), kind) == Some(value), "{kind:?}");
        }
        for wrong in ["0", "0g", "é"] {
            assert!(from_json(&wrong.into(), Kind::Bytes).is_none());
        }
    }
}
