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
        let name = name.rsplit('/').next().unwrap_or_default();
        return fits(value, &DOCUMENT["components"]["schemas"][name]).map_err(|place| format!("{name}: {place}"));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().any(|choice| fits(value, choice).is_ok());
        return if fitting {
            Ok(())
        } else {
            Err("none of oneOf".to_owned())
        };
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
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if value.get(name).is_none() {
            return Err(format!("{name} is missing"));
        }
    }
    for (name, property) in value.as_object().into_iter().flatten() {
        let schema = schema["properties"]
            .get(name)
            .ok_or_else(|| format!("{name} is not described"))?;
        fits(property, schema).map_err(|place| format!("{name}: {place}"))?;
    }
    Ok(())
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
