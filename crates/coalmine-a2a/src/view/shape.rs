//! What a result is and in which dialect's shape, told by its fields.

use serde_json::Value;

use crate::Dialect;

/// What one result is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Task,
    Message,
    Status,
    Artifact,
    Other,
}

/// Finds what a result is, wrapped or bare, by its fields; says whether it was wrapped.
pub(super) fn unwrap(result: &Value) -> (&Value, Kind, bool) {
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
            return (inner, kind, true);
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
    (result, kind, false)
}

/// Whether a part is in the other dialect's shape.
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

/// A member that is a string.
pub(super) fn string(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}
