//! Bounds: workflow files come from anybody who opens a pull request.

use super::{Node, Value, YamlError};

/// The most bytes of a file.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// The most values in a document, those behind aliases included.
pub(super) const MAX_VALUES: usize = 50_000;
/// The most lists and maps inside each other, those behind aliases included.
pub(super) const MAX_DEPTH: usize = 100;

/// The most bytes of all scalars, those behind aliases included.
pub(super) const MAX_TEXT: usize = 4 << 20;
/// The most bytes of a key.
pub(super) const MAX_KEY: usize = 4_096;

/// The size of a value: how many values it holds, and how deep they are nested.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) values: usize,
    pub(super) bytes: usize,
    pub(super) depth: usize,
}

impl Size {
    /// The size of a list or a map without anything in it.
    pub(super) const EMPTY: Self = Self { values: 1, bytes: 0, depth: 1 };

    /// Returns the size of a scalar.
    pub(super) fn scalar(text: &str) -> Self {
        Self { bytes: text.len(), ..Self::EMPTY }
    }

    /// Adds a value that this one holds, unless that would exceed a bound.
    pub(super) fn add(&mut self, inner: Self, at: usize) -> Result<(), YamlError> {
        self.values += inner.values;
        self.bytes += inner.bytes;
        self.depth = self.depth.max(inner.depth + 1);
        if self.values > MAX_VALUES {
            return Err(YamlError::new(at, format!("the document holds more than {MAX_VALUES} values")));
        }
        if self.bytes > MAX_TEXT {
            return Err(YamlError::new(at, format!("the document holds more than {MAX_TEXT} bytes")));
        }
        if self.depth > MAX_DEPTH {
            return Err(YamlError::new(at, format!("the document is nested deeper than {MAX_DEPTH}")));
        }
        Ok(())
    }
}

/// A value that an anchor names, and its size.
#[derive(Debug, Clone)]
pub(super) struct Anchored {
    pub(super) value: Value,
    pub(super) size: Size,
}

impl Anchored {
    pub(super) fn of(node: &Node, size: Size) -> Self {
        Self { value: node.value.clone(), size }
    }
}
