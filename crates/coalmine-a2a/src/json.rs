//! Reads JSON within bounds.

use serde_json::Value;

use crate::{Limits, WireError, scan};

/// Parses a body whose depth and number of values are within the limits. Every binding reads its bodies
/// through this.
///
/// # Errors
/// [`WireError::Malformed`] for an empty body, one over a limit, and one that is not JSON.
pub fn read_json(body: &[u8], limits: Limits) -> Result<Value, WireError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(WireError::malformed("the body is empty", body));
    }
    scan(body, limits).map_err(|error| WireError::malformed(error, body))?;
    serde_json::from_slice(body)
        .map_err(|error| WireError::malformed(format_args!("the body is not JSON ({error})"), body))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..256)) {
            if let Err(error) = read_json(&body, Limits::default()) {
                let is_malformed = matches!(error, WireError::Malformed { .. });
                prop_assert!(is_malformed, "{error:?}");
            }
        }
    }

    #[test]
    fn refuses_deep_nesting_before_parsing() {
        let body = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        let error = read_json(&body, Limits::default()).unwrap_err();
        assert!(error.to_string().contains("nested deeper than 100 levels"), "{error}");
    }
}
