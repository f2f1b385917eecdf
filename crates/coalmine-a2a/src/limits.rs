//! Limits on everything that is received, applied before it is parsed.

use std::time::Duration;

/// The limits of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes.
    pub bytes: usize,
    /// The deepest nesting of arrays and objects.
    pub depth: usize,
    /// The largest number of values: a small body can hold millions, and each takes many times its length in
    /// memory.
    pub values: usize,
    /// The longest time from the request to the end of the answer, including polling.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 100, values: 250_000, time: Duration::from_secs(30) }
    }
}

/// A limit that a body exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The nesting is too deep.
    #[error("nested deeper than {0} levels")]
    Depth(usize),
    /// There are too many values.
    #[error("more than {0} values")]
    Values(usize),
}

/// Checks the depth and the number of values of a supposed JSON text in one pass, without parsing it.
///
/// ```
/// use coalmine_a2a::{Limits, scan};
/// assert!(scan(b"[[\"[[[[\"]]", Limits { depth: 2, ..Limits::default() }).is_ok());
/// assert!(scan(b"[[[", Limits { depth: 2, ..Limits::default() }).is_err());
/// ```
///
/// # Errors
/// The first limit that the text exceeds.
pub fn scan(body: &[u8], limits: Limits) -> Result<(), ScanError> {
    let (mut depth, mut values, mut in_string, mut escaped) = (0_usize, 1_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth = depth.saturating_add(1);
                values = values.saturating_add(1);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values = values.saturating_add(1),
            _ => {}
        }
        if depth > limits.depth {
            return Err(ScanError::Depth(limits.depth));
        }
        if values > limits.values {
            return Err(ScanError::Values(limits.values));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SMALL: Limits = Limits { bytes: 1 << 16, depth: 4, values: 8, time: Duration::from_secs(1) };

    proptest! {
        #[test]
        fn a_text_that_passes_is_within_the_limits(text in r#"[\[\]{},":a0\\]{0,64}"#) {
            if scan(text.as_bytes(), SMALL).is_ok()
                && let Ok(value) = serde_json::from_str::<serde_json::Value>(&text)
            {
                prop_assert!(depth(&value) <= SMALL.depth);
            }
        }
    }

    fn depth(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            serde_json::Value::Object(items) => 1 + items.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
}
