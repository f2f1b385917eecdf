//! A value of a YAML document with its place.

use super::{Kind, Scalar};

/// A range of bytes in a file.
pub type Span = std::ops::Range<usize>;

/// A value and its place. Aliases are replaced with what they stand for, and keep the place of the alias.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value stands.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A scalar, a list or a map.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text, a number, a boolean or nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file. A key may occur twice.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, which is not always a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Returns the text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if scalar.kind() != Kind::Null => Some(&scalar.text),
            _ => None,
        }
    }

    /// Returns whether the value is null: written as such, or absent.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.kind() == Kind::Null)
    }

    /// Returns the scalar.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Returns the entries of a map, and none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a list, and none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the items of a list, or the value itself if it is a scalar that is not null.
    pub fn one_or_many(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(_) if !self.is_null() => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// Returns the first entry of a map with a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text() == Some(key))
    }

    /// Returns the value of a key of a map, unless it is null.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value).filter(|value| !value.is_null())
    }

    /// Returns whether this is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    /// Returns whether this is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// Calls `visit` with every scalar below this value, keys excluded.
    pub fn each_scalar<'a>(&'a self, visit: &mut impl FnMut(&'a Self, &'a Scalar)) {
        match &self.value {
            Value::Scalar(scalar) => visit(self, scalar),
            Value::List(items) => items.iter().for_each(|item| item.each_scalar(visit)),
            Value::Map(entries) => entries.iter().for_each(|entry| entry.value.each_scalar(visit)),
        }
    }
}
