//! Values that fit a JSON Schema: a text goes where it most likely belongs, and everything else that is
//! required gets the minimal value that is allowed.

mod minimal;

use std::{cell::Cell, cmp::Reverse, collections::BTreeMap};

use regex::RegexBuilder;
use serde_json::{Value, json};

use super::response_format::ANSWER_PROPERTIES;

/// Maximum nesting that is followed, and maximum number of steps: schemas may contain themselves, several
/// times over.
const MAX_DEPTH: usize = 16;
const MAX_STEPS: usize = 5_000;
/// Maximum size of a compiled `pattern` in bytes.
const MAX_PATTERN: usize = 64 << 10;
/// Maximum number of elements of a list.
const MAX_ELEMENTS: u64 = 1_000;

/// Where texts are placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement<'a> {
    /// Names of properties that the text belongs in, the most likely first.
    pub(super) names: &'a [&'a str],
    /// Texts for properties by name, regardless of case.
    pub(super) named: &'a BTreeMap<String, String>,
    /// Whether all other required properties that can hold any text get the text as well, instead of a
    /// minimal value.
    pub(super) repeat: bool,
}

impl<'a> Placement<'a> {
    /// Places an answer, beside the texts of named properties.
    pub(super) fn of_answer(named: &'a BTreeMap<String, String>) -> Self {
        Self { names: &ANSWER_PROPERTIES, named, repeat: false }
    }

    fn text_named(&self, name: &str) -> Option<&'a str> {
        let mut texts = self.named.iter();
        texts.find(|(key, _)| name.eq_ignore_ascii_case(key)).map(|(_, text)| text.as_str())
    }

    fn rank(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| name.eq_ignore_ascii_case(known))
    }
}

/// Returns a value that fits the schema and holds the text, if it can hold one.
pub(super) fn fit(schema: &Value, text: &str, placement: Placement<'_>) -> Value {
    Fitting { root: schema, text, placement, steps: &Cell::new(MAX_STEPS) }.value(schema, true, MAX_DEPTH)
}

#[derive(Clone, Copy)]
struct Fitting<'a> {
    root: &'a Value,
    text: &'a str,
    placement: Placement<'a>,
    /// The number of steps that are left.
    steps: &'a Cell<usize>,
}

impl<'a> Fitting<'a> {
    /// Returns a value for a schema. It holds the text if `place_text` and the schema allows that.
    fn value(&self, given: &'a Value, place_text: bool, depth: usize) -> Value {
        if !self.step() {
            return Value::Null;
        }
        let schema = self.resolve(given, depth);
        let holds_text = place_text && self.can_hold_text(schema, depth);
        if (holds_text || self.placement.repeat) && self.is_free_text(schema) {
            return minimal::sized(schema, self.text).into();
        }
        if !holds_text && let Some(value) = minimal::listed([given, schema], self.text) {
            return value;
        }
        match kind(schema) {
            Some("object") if depth > 0 => self.object(schema, holds_text, depth.saturating_sub(1)),
            Some("array") if depth > 0 => self.array(schema, holds_text, depth.saturating_sub(1)),
            kind => minimal::value(schema, kind),
        }
    }

    /// Takes a step. Returns false if none is left.
    fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    fn object(&self, schema: &'a Value, holds_text: bool, depth: usize) -> Value {
        let chosen = if holds_text { self.choose_property(schema, depth) } else { None };
        let mut object = serde_json::Map::new();
        for (name, inner) in properties(schema) {
            let value = match self.placement.text_named(name) {
                Some(text)
                    if is_required(schema, name)
                        || self.is_string(inner, depth)
                        || text.parse::<bool>().is_ok() =>
                {
                    Fitting { text, ..*self }.value(inner, true, depth)
                }
                None if is_required(schema, name) || chosen == Some(name) => {
                    self.value(inner, chosen == Some(name), depth)
                }
                _ => continue,
            };
            object.insert(name.clone(), value);
        }
        Value::Object(object)
    }

    /// Returns the property that the text most likely belongs in, unless a named text has already taken such
    /// a place.
    fn choose_property(&self, schema: &'a Value, depth: usize) -> Option<&'a str> {
        let is_taken = properties(schema).any(|(name, inner)| {
            self.placement.text_named(name).is_some()
                && self.placement.rank(name).is_some()
                && self.is_free_text(self.resolve(inner, depth))
        });
        if is_taken {
            return None;
        }
        let candidates = properties(schema).filter(|(name, inner)| {
            self.placement.text_named(name).is_none() && self.can_hold_text(inner, depth)
        });
        let best = candidates.min_by_key(|(name, inner)| {
            let is_text = self.is_free_text(self.resolve(inner, depth));
            let rank = self.placement.rank(name).unwrap_or(self.placement.names.len());
            (Reverse(is_required(schema, name)), Reverse(is_text), rank)
        });
        best.map(|(name, _)| name.as_str())
    }

    fn array(&self, schema: &'a Value, holds_text: bool, depth: usize) -> Value {
        let min = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let count = min.max(u64::from(holds_text)).min(MAX_ELEMENTS);
        let items = (0..count).map(|index| match schema.get("items") {
            Some(item) => self.value(item, holds_text && index == 0, depth),
            None => Value::Null,
        });
        items.collect()
    }

    /// Returns whether a value of this schema can hold the text.
    fn can_hold_text(&self, schema: &'a Value, depth: usize) -> bool {
        if !self.step() {
            return false;
        }
        let schema = self.resolve(schema, depth);
        match kind(schema) {
            _ if self.is_free_text(schema) => true,
            Some("object") if depth > 0 => {
                properties(schema).any(|(_, inner)| self.can_hold_text(inner, depth.saturating_sub(1)))
            }
            Some("array") if depth > 0 && schema.get("maxItems") != Some(&json!(0)) => {
                schema.get("items").is_some_and(|item| self.can_hold_text(item, depth.saturating_sub(1)))
            }
            _ => false,
        }
    }

    /// Follows references and alternatives: of several alternatives the first that can hold the text, or else
    /// the first that is not null.
    fn resolve(&self, mut schema: &'a Value, depth: usize) -> &'a Value {
        for _ in 0..depth {
            let pointer =
                schema.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix('#'));
            let choices = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array());
            let next = match (pointer, choices) {
                (Some(pointer), _) => self.root.pointer(pointer),
                (None, Some(choices)) => {
                    let choices = || choices.iter().filter(|choice| kind(choice) != Some("null"));
                    choices()
                        .find(|choice| self.can_hold_text(choice, depth.saturating_sub(1)))
                        .or_else(|| choices().next())
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

    fn is_string(&self, schema: &'a Value, depth: usize) -> bool {
        kind(self.resolve(schema, depth)) == Some("string")
    }

    /// Returns whether the text itself fits the schema, which must restrict nothing else but its length.
    fn is_free_text(&self, schema: &Value) -> bool {
        const RESTRICTIONS: [&str; 7] = ["enum", "const", "format", "$ref", "anyOf", "oneOf", "allOf"];
        kind(schema) == Some("string")
            && !RESTRICTIONS.iter().any(|key| schema.get(key).is_some())
            && schema.get("pattern").and_then(Value::as_str).is_none_or(|pattern| self.text_matches(pattern))
    }

    fn text_matches(&self, pattern: &str) -> bool {
        let pattern = RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build();
        pattern.is_ok_and(|pattern| pattern.is_match(self.text))
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|required| required == name))
}

/// Returns the type of a schema: of several the first that is not null; `string` if it states none.
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
