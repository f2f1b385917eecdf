//! The minimal values that schemas allow.

use serde_json::{Number, Value, json};

/// Maximum number of characters that a text is padded to.
const MAX_PADDED: u64 = 2_000;

/// Returns a value that the schemas themselves list: the choice that equals the text, or else the default,
/// the constant or the first choice; or null, if that is allowed.
pub(super) fn listed(schemas: [&Value; 2], text: &str) -> Option<Value> {
    let choices = || schemas.iter().filter_map(|schema| schema.get("enum")?.as_array());
    let is_equal = |choice: &&Value| choice.as_str().is_some_and(|choice| choice.eq_ignore_ascii_case(text));
    if let Ok(flag) = text.parse::<bool>()
        && schemas.iter().any(|schema| is_of_type(schema, "boolean"))
    {
        return Some(flag.into());
    }
    if let Ok(number) = text.parse::<f64>()
        && schemas.iter().any(|schema| is_of_type(schema, "number"))
    {
        return Some(whole_or_fraction(number));
    }
    let first = |key: &str| schemas.iter().find_map(|schema| schema.get(key));
    let listed = choices().flatten().find(is_equal).or_else(|| first("default")).or_else(|| first("const"));
    let listed = listed.or_else(|| choices().find_map(|choices| choices.first()));
    listed.cloned().or_else(|| schemas.into_iter().any(allows_null).then_some(Value::Null))
}

fn is_of_type(schema: &Value, kind: &str) -> bool {
    schema.get("type").and_then(Value::as_str).is_some_and(|given| given.eq_ignore_ascii_case(kind))
}

fn allows_null(schema: &Value) -> bool {
    let null = |kind: &Value| {
        kind == "null" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|k| k == "null"))
    };
    let choices = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
    schema.get("nullable") == Some(&Value::Bool(true))
        || schema.get("type").is_some_and(null)
        || choices.is_some_and(|all| all.iter().any(|choice| choice.get("type").is_some_and(null)))
}

/// Returns the minimal value of a type.
pub(super) fn value(schema: &Value, kind: Option<&str>) -> Value {
    match kind {
        Some("string") => text(schema).into(),
        Some("integer") => number(schema, true),
        Some("number") => number(schema, false),
        Some("boolean") => false.into(),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => Value::Null,
    }
}

fn text(schema: &Value) -> String {
    let known = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "00:00:00Z",
        Some("duration") => "PT0S",
        Some("email") => "nobody@example.invalid",
        Some("hostname") => "example.invalid",
        Some("uri" | "url") => "https://example.invalid/",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        _ => "",
    };
    sized(schema, known)
}

/// Cuts or pads the text to the length that the schema demands.
pub(super) fn sized(schema: &Value, text: &str) -> String {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    let max = usize::try_from(bound("maxLength").unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let min = usize::try_from(bound("minLength").unwrap_or(0).min(MAX_PADDED)).unwrap_or(0);
    let cut: String = text.chars().take(max).collect();
    let missing = min.saturating_sub(cut.chars().count());
    cut + &"-".repeat(missing)
}

/// Returns the lower bound. If there is none, returns 1, or the upper bound if that is less.
fn number(schema: &Value, is_integer: bool) -> Value {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let step = if is_integer { 1.0 } else { 0.5 };
    let highest = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|beyond| beyond - step));
    let lowest = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|below| below + step));
    let least = lowest.unwrap_or_else(|| highest.unwrap_or(1.0).min(1.0));
    let least = if is_integer { least.ceil() } else { least };
    let least = match bound("multipleOf") {
        Some(step) if step > 0.0 => (least / step).ceil() * step,
        _ => least,
    };
    whole_or_fraction(least)
}

fn whole_or_fraction(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "numbers beyond the range saturate")]
    let whole = number as i64;
    if number.fract() == 0.0 {
        whole.into()
    } else {
        Number::from_f64(number).map_or(Value::Null, Value::Number)
    }
}
