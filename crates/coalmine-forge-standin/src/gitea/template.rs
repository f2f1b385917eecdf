//! The bodies of real servers, whose fields are replaced.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::model::Model;

static RECORDED: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../recorded/templates.json")).expect("the recorded bodies")
});

/// Returns the body of one kind, as a real server of the version, or of the nearest one, sent it.
pub(crate) fn template(model: &Model, name: &str) -> Value {
    let new = RECORDED["1.23.6"].get(name).filter(|_| model.since(23));
    new.unwrap_or(&RECORDED["1.22.6"][name]).clone()
}

/// Replaces fields of a body.
pub(super) fn fill(mut body: Value, fields: Value) -> Value {
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
        replace(body, fields);
    }
    body
}

fn replace(body: &mut Map<String, Value>, fields: Map<String, Value>) {
    for (name, value) in fields {
        match (body.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(fields)) => replace(inner, fields),
            (_, value) => {
                body.insert(name, value);
            }
        }
    }
}
