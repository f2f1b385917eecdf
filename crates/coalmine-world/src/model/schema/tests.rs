//! Values fit their schemas, and hold the text if they can.

use jsonschema::validator_for;
use proptest::prelude::*;
use serde_json::Map;

use super::*;

const NAMES: [&str; 2] = ["answer", "text"];

fn fitted(schema: &Value) -> Value {
    fit(schema, "It is teal.", Placement { names: &NAMES, named: &BTreeMap::new(), repeat: false })
}

/// Returns the schema of an object whose properties are all required.
fn object(properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[test]
fn most_likely_property_holds_the_text() {
    let text = json!({"type": "string"});
    let schema = object(json!({
        "reason": text, "text": text, "answer": text, "maybe": {"type": ["string", "null"]}, "sure": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0.5}, "tags": {"type": "array", "items": text, "minItems": 2},
        "kind": {"enum": ["a", "b"]}, "since": {"type": "string", "format": "date"}
    }));
    let expected = json!({
        "reason": "", "text": "", "answer": "It is teal.", "maybe": null, "sure": false, "score": 0.5, "tags": ["", ""],
        "kind": "a", "since": "2026-01-01"
    });
    assert_eq!(fitted(&schema), expected);
}

#[test]
fn finds_nested_texts() {
    let schema = json!({"$ref": "#/$defs/Reply", "$defs": {
        "Reply": object(json!({"count": {"type": "integer"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}}})),
        "Part": {"anyOf": [{"type": "null"}, {"type": "integer"}, object(json!({"value": {"allOf": [{"type": "string"}]}}))]},
    }});
    assert_eq!(fitted(&schema), json!({"count": 1, "parts": [{"value": "It is teal."}]}));
    assert_eq!(fitted(&json!({"type": "array", "items": {"type": "string"}})), json!(["It is teal."]));
    assert_eq!(fitted(&json!({"type": "string"})), json!("It is teal."));
}

#[test]
fn respects_pattern_format_and_length() {
    let schema = object(
        json!({"id": {"type": "string", "pattern": "^[0-9]+$"}, "said": {"type": "string", "pattern": "teal"}}),
    );
    assert_eq!(fitted(&schema)["said"], "It is teal.");
    assert_eq!(
        fitted(&object(json!({"mail": {"type": "string", "format": "email"}})))["mail"],
        "nobody@example.invalid"
    );
    let short = object(json!({"answer": {"type": "string", "maxLength": 5}}));
    assert_eq!(fitted(&short), json!({"answer": "It is"}));
}

#[test]
fn recursive_schemas_terminate() {
    let all = |inner: Value| (0..12).map(|at| (format!("p{at}"), inner.clone())).collect::<Map<_, _>>();
    fitted(&object(all(json!({"$ref": "#"})).into()));
    fitted(&json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}));
    fitted(&json!({"$ref": "#"}));
    let many = json!({"type": "array", "minItems": 1_000_000_000_u64, "items": {"$ref": "#"}});
    assert!(fitted(&many).to_string().len() < 100_000);
}

/// Generates nested schemas such as libraries write.
fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "boolean"})),
        Just(json!({"type": ["integer", "null"]})),
        Just(json!({"const": 7})),
        Just(json!({"type": "integer", "minimum": 0.5})),
        Just(json!({"enum": ["x", "y"]})),
        (0..30_u64, 0..30_u64)
            .prop_map(|(a, b)| json!({"type": "string", "minLength": a.min(b), "maxLength": a.max(b)})),
        (-9..9_i64, 0..5_i64)
            .prop_map(|(low, more)| json!({"type": "integer", "minimum": low, "maximum": low + more})),
        (-9..9_i64).prop_map(|low| json!({"type": "number", "exclusiveMinimum": low, "multipleOf": 3})),
        (-9..9_i64).prop_map(|high| json!({"type": "integer", "exclusiveMaximum": high})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::btree_map("[a-d]|answer", inner.clone(), 0..4)
                .prop_map(|all| object(Value::Object(all.into_iter().collect()))),
            (inner.clone(), 0..3_u64)
                .prop_map(|(item, fewest)| json!({"type": "array", "items": item, "minItems": fewest})),
            (inner.clone(), inner).prop_map(|(one, other)| json!({"anyOf": [{"type": "null"}, one, other]})),
        ]
    })
}

proptest! {
    #[test]
    fn values_fit_their_schema(schema in schemas()) {
        let value = fitted(&schema);
        let validator = validator_for(&schema).unwrap();
        prop_assert!(validator.is_valid(&value), "{value} for {schema}");
    }

    #[test]
    fn accepts_any_schema(
        keys in prop::collection::btree_map(
            "type|items|properties|required|\\$ref|anyOf|allOf|minItems|minLength|pattern|enum|multipleOf",
            prop::sample::select(vec![
                json!("object"), json!("array"), json!("string"), json!("#"), json!("("), json!([]), json!({}), json!(0),
                json!(-1e300), json!(u64::MAX), json!({"a": {"$ref": "#"}}), json!([{"$ref": "#"}]), json!(["a", "null"]),
            ]),
            0..6,
        )
    ) {
        fitted(&Value::Object(keys.into_iter().collect()));
    }
}
