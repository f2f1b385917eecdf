//! Values that fit a JSON Schema which is all that is known of them: a text goes where it most likely belongs, everything
//! else that is required gets the least value that is allowed.

mod least;

use std::{cell::Cell, cmp::Reverse, collections::BTreeMap};

use regex::RegexBuilder;
use serde_json::{Map, Value, json};

/// Deepest nesting that is followed, and most steps that are taken: schemas may contain themselves, several times over.
const DEPTH: usize = 16;
const STEPS: usize = 5_000;
/// Largest regular expression in bytes, as it is compiled.
const PATTERN: usize = 64 << 10;
/// Most elements of a list.
const ELEMENTS: u64 = 1_000;

/// How a text is placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placing<'a> {
    /// Names that tell where the text belongs, the likeliest first.
    pub(super) names: &'a [&'a str],
    /// Texts that belong to properties of a name of their own, without regard to case.
    pub(super) own: &'a BTreeMap<String, String>,
    /// Whether every other free text that is required gets the text too, and not the least one.
    pub(super) repeat: bool,
}

/// A value that fits the schema and holds the text, where it can hold one.
pub(super) fn fit(schema: &Value, text: &str, placing: Placing<'_>) -> Value {
    Fitting { root: schema, text, placing, steps: &Cell::new(STEPS) }.value(schema, true, DEPTH)
}

#[derive(Clone, Copy)]
struct Fitting<'a> {
    root: &'a Value,
    text: &'a str,
    placing: Placing<'a>,
    steps: &'a Cell<usize>,
}

impl<'a> Fitting<'a> {
    /// A value for a schema, with the text where it is `wanted` and can be held.
    fn value(&self, given: &'a Value, wanted: bool, depth: usize) -> Value {
        if !self.step() {
            return Value::Null;
        }
        let schema = self.resolved(given, depth);
        let holds = wanted && self.holds(schema, depth);
        if (holds || self.placing.repeat) && self.is_free_text(schema) {
            return least::sized(schema, self.text).into();
        }
        if let (false, Some(value)) = (holds, least::named([given, schema], self.text)) {
            return value;
        }
        match kind(schema) {
            Some("object") if depth > 0 => self.object(schema, holds, depth - 1),
            Some("array") if depth > 0 => self.array(schema, holds, depth - 1),
            kind => least::value(schema, kind),
        }
    }

    /// Takes a step; false where no more are left.
    fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    fn object(&self, schema: &'a Value, holds: bool, depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required =
            |name: &str| required.is_some_and(|names| names.iter().any(|n| n.as_str() == Some(name)));
        let own = |name: &str| {
            let mut all = self.placing.own.iter();
            all.find(|(key, _)| name.eq_ignore_ascii_case(key)).map(|(_, text)| text.as_str())
        };
        let known = |name: &str| self.placing.names.iter().position(|known| name.eq_ignore_ascii_case(known));
        let is_text = |inner: &'a Value| self.is_free_text(self.resolved(inner, depth));
        let rank = |name: &str, inner: &'a Value| {
            let known = known(name).unwrap_or(self.placing.names.len());
            (Reverse(is_required(name)), Reverse(is_text(inner)), known)
        };
        let is_placed = properties(schema)
            .any(|(name, inner)| own(name).is_some() && known(name).is_some() && is_text(inner));
        let chosen = properties(schema)
            .filter(|(name, inner)| holds && !is_placed && own(name).is_none() && self.holds(inner, depth))
            .min_by_key(|(name, inner)| rank(name, inner))
            .map(|(name, _)| name);
        let is_string = |inner: &'a Value| kind(self.resolved(inner, depth)) == Some("string");
        let filled = properties(schema).filter(|(name, inner)| {
            Some(*name) == chosen || is_required(name) || (own(name).is_some() && is_string(inner))
        });
        let filled = filled.map(|(name, inner)| {
            let value = match own(name) {
                Some(text) => Fitting { text, ..*self }.value(inner, true, depth),
                None => self.value(inner, Some(name) == chosen, depth),
            };
            (name.clone(), value)
        });
        Value::Object(filled.collect::<Map<_, _>>())
    }

    fn array(&self, schema: &'a Value, holds: bool, depth: usize) -> Value {
        let fewest = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let item = |at: u64| match schema.get("items") {
            Some(item) => self.value(item, holds && at == 0, depth),
            None => Value::Null,
        };
        (0..fewest.max(u64::from(holds)).min(ELEMENTS)).map(item).collect()
    }

    /// Whether a value of this schema can hold the text.
    fn holds(&self, schema: &'a Value, depth: usize) -> bool {
        if !self.step() {
            return false;
        }
        let schema = self.resolved(schema, depth);
        match kind(schema) {
            _ if self.is_free_text(schema) => true,
            Some("object") if depth > 0 => properties(schema).any(|(_, inner)| self.holds(inner, depth - 1)),
            Some("array") if depth > 0 && schema.get("maxItems") != Some(&json!(0)) => {
                schema.get("items").is_some_and(|item| self.holds(item, depth - 1))
            }
            _ => false,
        }
    }

    /// What a schema refers to; of several alternatives the first that can hold the text, else the first that is not null.
    fn resolved(&self, mut schema: &'a Value, depth: usize) -> &'a Value {
        for _ in 0..depth {
            let place = schema.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix('#'));
            let choices = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
            let next = match (place, choices) {
                (Some(place), _) => self.root.pointer(place),
                (None, Some(choices)) => {
                    let real = || choices.iter().filter(|choice| kind(choice) != Some("null"));
                    real().find(|choice| self.holds(choice, depth - 1)).or_else(|| real().next())
                }
                (None, None) => None,
            };
            match next {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    /// Whether the text itself is a value of the schema, which says nothing else about it than its length.
    fn is_free_text(&self, schema: &Value) -> bool {
        let is_bound = ["enum", "const", "format", "$ref", "anyOf", "oneOf", "allOf"]
            .iter()
            .any(|key| schema.get(key).is_some());
        let matches = |pattern: &str| {
            let pattern = RegexBuilder::new(pattern).size_limit(PATTERN).build();
            pattern.is_ok_and(|pattern| pattern.is_match(self.text))
        };
        kind(schema) == Some("string")
            && !is_bound
            && schema.get("pattern").and_then(Value::as_str).is_none_or(matches)
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// The schema's type; of several the first that is not null, and of one that says nothing a text.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "any" => Some("string"),
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => {
            let kinds = || kinds.iter().filter_map(Value::as_str);
            kinds().find(|kind| *kind != "null").or_else(|| kinds().next())
        }
        _ if schema.get("properties").is_some() => Some("object"),
        _ if schema.get("items").is_some() => Some("array"),
        _ => Some("string"),
    }
}

#[cfg(test)]
mod tests;
