//! Mutations of the JSON in an input, whatever stands around it: the body of a request, the data of an event,
//! a line of a journal. A mutation of bytes rarely leaves JSON behind.

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde_json::{Map, Value, json};

/// The longest input whose JSON is mutated.
const MAX_INPUT: usize = 64 << 10;

/// Returns the input with one JSON value in it mutated, or `None` if its bytes are to be mutated: every second
/// time, and if there is no JSON or it would become too long.
pub fn mutate(input: &[u8], max_size: usize, seed: u32) -> Option<Vec<u8>> {
    let mut random = SmallRng::seed_from_u64(seed.into());
    if input.len() > MAX_INPUT || random.random_bool(0.5) {
        return None;
    }
    let places: Vec<usize> = (0..input.len()).filter(|at| matches!(input[*at], b'{' | b'[')).collect();
    // the outermost values are the first ones of each line
    let begins = |at: &&usize| **at == 0 || !matches!(input[**at - 1], b',' | b':' | b'[' | b'{');
    let outer: Vec<usize> = places.iter().filter(begins).copied().collect();
    let among = if random.random_bool(0.8) && !outer.is_empty() { &outer } else { &places };
    let begin = *among.get(random.random_range(0..among.len().max(1)))?;
    let mut stream = serde_json::Deserializer::from_slice(&input[begin..]).into_iter::<Value>();
    let mut value = stream.next()?.ok()?;
    let end = begin + stream.byte_offset();
    for _ in 0..random.random_range(1..4) {
        mutate_value(&mut value, &mut random);
    }
    let mutated = [&input[..begin], value.to_string().as_bytes(), &input[end..]].concat();
    (mutated.len() <= max_size).then_some(mutated)
}

fn mutate_value(root: &mut Value, random: &mut SmallRng) {
    let donor = pick(root, random).clone();
    let target = pick(root, random);
    match random.random_range(0..10) {
        0..=2 => *target = interesting(random),
        3 | 4 => *target = donor,
        5 => *target = json!([target.take()]),
        6 => *target = json!({ "type": "object", "properties": { "x": target.take() } }),
        _ => change_content(target, donor, random),
    }
}

/// Returns a value anywhere in a value.
fn pick<'a>(value: &'a mut Value, random: &mut SmallRng) -> &'a mut Value {
    let length = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if length == 0 || random.random_bool(0.2) {
        return value;
    }
    let at = random.random_range(0..length);
    match value {
        Value::Array(items) => pick(&mut items[at], random),
        Value::Object(fields) => match fields.values_mut().nth(at) {
            Some(field) => pick(field, random),
            None => unreachable!("the place is within the object"),
        },
        other => other,
    }
}

fn change_content(target: &mut Value, donor: Value, random: &mut SmallRng) {
    match target {
        Value::Array(items) => {
            let at = random.random_range(0..=items.len());
            if random.random_bool(0.5) && at < items.len() {
                items.remove(at);
            } else {
                items.insert(at, donor);
            }
        }
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let Some(name) = names.get(random.random_range(0..names.len().max(1))) else { return };
            let taken = fields.remove(name).unwrap_or_default();
            match random.random_range(0..3) {
                0 => {}
                // the other name may be anything that stands in the input
                1 => drop(fields.insert(donor.as_str().unwrap_or("").to_owned(), taken)),
                _ => drop(fields.insert(name.clone(), donor)),
            }
        }
        Value::String(text) => {
            let words = ["", "\0", "\u{202e}", "é\u{301}", "====", "\n", "{fact}", "Observation:", "</code>"];
            text.push_str(words[random.random_range(0..words.len())]);
        }
        other => *other = donor,
    }
}

/// Returns a value that readers often forget.
fn interesting(random: &mut SmallRng) -> Value {
    match random.random_range(0..14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(u64::MAX),
        5 => json!(1e308),
        6 => json!(0.5),
        7 => json!(""),
        8 => json!("x".repeat(random.random_range(1..2_000))),
        9 => json!([]),
        10 => Value::Object(Map::new()),
        11 => (0..random.random_range(1..130)).fold(json!(1), |inner, _| json!([inner])),
        12 => json!({ "$ref": "#" }),
        _ => json!(vec![0; random.random_range(1..300)]),
    }
}
