//! Holds every answer of every test against the OpenAPI document: status, content type and shape.

use std::sync::LazyLock;

use axum::http::{Method, header};
use serde_json::Value;

use super::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(crate::openapi()).expect("a document"));

/// Panics when the document does not promise `answer` to `method` on `path`.
pub(super) fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let responses = &operation["responses"];
    let status = answer.status.as_u16();
    let promised = responses.get(status.to_string()).unwrap_or_else(|| {
        assert!(status >= 400, "{method} {path} is not said to answer {status}");
        &responses["default"]
    });
    let Some(contents) = promised["content"].as_object() else {
        assert!(
            answer.text.is_empty(),
            "{method} {path} is said to answer {status} without a body"
        );
        return;
    };
    let content_type = answer.headers[header::CONTENT_TYPE].to_str().expect("text");
    let essence = content_type.split(';').next().unwrap_or_default();
    let content = contents
        .get(essence)
        .unwrap_or_else(|| panic!("{method} {path} is not said to answer {essence}"));
    if essence.ends_with("json") && !content["schema"].is_null() {
        let value = serde_json::from_str(&answer.text).expect("JSON");
        fits(&value, &content["schema"])
            .unwrap_or_else(|place| panic!("{method} {path}, {status}: {place} in {value}"));
    }
}

/// The operation whose path template fits best.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap_or_default();
    let templates = DOCUMENT["paths"].as_object()?.iter().filter(|(template, _)| {
        let (given, wanted) = (path.split('/'), template.split('/'));
        given.clone().count() == wanted.clone().count()
            && given
                .zip(wanted)
                .all(|(given, wanted)| given == wanted || wanted.starts_with('{'))
    });
    let (_, item) = templates.min_by_key(|(template, _)| template.matches('{').count())?;
    item.get(method.as_str().to_lowercase())
}

/// Says where `value` does not fit `schema`; a property that the schema does not name does not fit either.
fn fits(value: &Value, schema: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        return fits(value, resolved(schema)).map_err(|place| format!("{name}: {place}"));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().any(|choice| fits(value, choice).is_ok());
        return if fitting {
            Ok(())
        } else {
            Err("none of oneOf".to_owned())
        };
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return fits_all(value, parts);
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) {
            Ok(())
        } else {
            Err(format!("no word of {words:?}"))
        };
    }
    let (kind, wanted) = (kind(value), &schema["type"]);
    let fitting = wanted == kind
        || wanted
            .as_array()
            .is_some_and(|wanted| wanted.contains(&Value::from(kind)));
    if !fitting {
        return Err(format!("{kind} instead of {wanted}"));
    }
    for item in value.as_array().into_iter().flatten() {
        fits(item, &schema["items"])?;
    }
    let Some(members) = value.as_object() else {
        return Ok(());
    };
    for name in required(schema) {
        if !members.contains_key(name) {
            return Err(format!("{name} is missing"));
        }
    }
    let described = schema["properties"].as_object();
    for (name, member) in members {
        let schema = match (described.and_then(|properties| properties.get(name)), described) {
            (Some(schema), _) => schema,
            (None, Some(_)) => return Err(format!("{name} is not described")),
            // An object without named properties: a map, or anything at all.
            (None, None) => &schema["additionalProperties"],
        };
        if !schema.is_null() {
            fits(member, schema).map_err(|place| format!("{name}: {place}"))?;
        }
    }
    Ok(())
}

/// Says where `value` does not fit the schemas `parts` taken together: the properties of one are none of the others'.
fn fits_all(value: &Value, parts: &[Value]) -> Result<(), String> {
    let Some(members) = value.as_object() else {
        return parts.iter().try_for_each(|part| fits(value, part));
    };
    let mut left = members.clone();
    for part in parts {
        let own = properties(part);
        let of_part: Value = members
            .iter()
            .filter(|(name, _)| own.contains(name))
            .map(pair)
            .collect();
        fits(&of_part, part)?;
        left.retain(|name, _| !own.contains(&name));
    }
    match left.keys().next() {
        Some(name) => Err(format!("{name} is not described")),
        None => Ok(()),
    }
}

fn pair((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// The names of all properties that `schema` may have.
fn properties(schema: &Value) -> Vec<&String> {
    let schema = resolved(schema);
    let parts = ["allOf", "oneOf"]
        .into_iter()
        .filter_map(|word| schema[word].as_array());
    let of_parts = parts.flatten().flat_map(properties);
    let own = schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::keys);
    own.chain(of_parts).collect()
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(name) => &DOCUMENT["components"]["schemas"][name.rsplit('/').next().unwrap_or_default()],
        None => schema,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn a_wrong_shape_is_noticed() {
    let schema = &DOCUMENT["components"]["schemas"]["Readiness"];
    let fit = |value: Value| fits(&value, schema);
    assert_eq!(
        fit(serde_json::json!({"ready": true, "database": true, "switch": true})),
        Ok(())
    );
    assert!(fit(serde_json::json!({"ready": 1, "database": true, "switch": true})).is_err());
    assert!(fit(serde_json::json!({"ready": true, "database": true})).is_err());
    assert!(fit(serde_json::json!({"ready": true, "database": true, "switch": true, "more": 1})).is_err());
}
