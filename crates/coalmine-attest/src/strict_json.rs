//! JSON that every reader understands in the same way.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A value in which no object holds a key twice. Keys that differ in case only count as the same, because some readers do
/// not distinguish them. `serde_json` bounds the depth.
#[derive(Debug)]
pub(crate) struct StrictJson(pub(crate) Value);

impl StrictJson {
    /// Reads a text that holds one value and nothing else.
    pub(crate) fn read(text: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str::<Self>(text).map(|read| read.0)
    }
}

impl<'de> Deserialize<'de> for StrictJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = vec![];
        while let Some(StrictJson(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !seen.insert(key.to_lowercase()) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice in an object")));
            }
            let StrictJson(value) = entries.next_value()?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_stands_once() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"result":"FAILED","Result":"PASSED"}"#,
            r#"{"a":[{"b":{"c":1,"\u0063":2}}]}"#,
        ] {
            assert!(StrictJson::read(twice).unwrap_err().to_string().contains("stands twice"), "{twice}");
        }
        assert!(StrictJson::read(r#"[{"a":1},{"a":1}]"#).is_ok());
        assert!(StrictJson::read("{} {}").is_err());
        assert!(StrictJson::read(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn other_values_are_those_of_serde(text in r#"[\[\]{}":,a-c0-9.e\\ truefalsn-]{0,40}"#) {
            if let Ok(read) = StrictJson::read(&text) {
                prop_assert_eq!(read, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
