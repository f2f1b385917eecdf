//! The kind of a result and its dialect, recognized by its fields.

use serde_json::Value;

use crate::Dialect;

/// The kind of one result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Task,
    Message,
    Status,
    Artifact,
    Other,
}

/// A result without its wrapper.
pub(super) struct Unwrapped<'a> {
    pub(super) inner: &'a Value,
    pub(super) kind: Kind,
    pub(super) was_wrapped: bool,
}

/// Recognizes a result, wrapped or bare, by its fields.
pub(super) fn unwrap(result: &Value) -> Unwrapped<'_> {
    let wrappers = [
        ("task", Kind::Task),
        ("message", Kind::Message),
        ("statusUpdate", Kind::Status),
        ("artifactUpdate", Kind::Artifact),
    ];
    for (key, kind) in wrappers {
        if let Some(inner) = result.get(key).filter(|inner| inner.is_object())
            && result.get("kind").is_none()
            && result.get("status").is_none()
        {
            return Unwrapped { inner, kind, was_wrapped: true };
        }
    }
    let has = |key: &str| result.get(key).is_some();
    let kind = if has("artifact") {
        Kind::Artifact
    } else if has("status") && has("taskId") && !has("id") {
        Kind::Status
    } else if has("status") {
        Kind::Task
    } else if has("parts") {
        Kind::Message
    } else {
        Kind::Other
    };
    Unwrapped { inner: result, kind, was_wrapped: false }
}

/// Returns whether any part has the other dialect's shape.
pub(super) fn has_part_of_other_dialect(dialect: Dialect, inner: &Value) -> bool {
    let artifacts = inner.get("artifacts").and_then(Value::as_array).into_iter().flatten();
    artifacts
        .chain(inner.get("artifact"))
        .chain(inner.pointer("/status/message"))
        .chain(std::iter::once(inner))
        .filter_map(|holder| holder.get("parts")?.as_array())
        .flatten()
        .any(|part| part.get("kind").is_some() != (dialect == Dialect::V0_3))
}

/// Returns a member that is a string.
pub(super) fn string(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}
