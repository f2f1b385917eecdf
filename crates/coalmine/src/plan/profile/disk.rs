//! How much a container may write to its disk.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

/// The most bytes that a container may write to its disk and its volumes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub struct DiskSize(#[schemars(with = "String")] pub u64);

/// The least that can be allowed: less is what a runtime writes while it starts.
const MIN: u64 = 16 << 20;
/// The most that can be allowed.
const MAX: u64 = 1 << 40;

impl Default for DiskSize {
    fn default() -> Self {
        Self(2 << 30)
    }
}

impl<'de> Deserialize<'de> for DiskSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "invalid size `{text}`: expected a number of `MB`, `MiB`, `GB` or `GiB` from 16 MiB to 1024 GiB, such as `2GiB`"
            ))
        })
    }
}

fn parse(text: &str) -> Option<DiskSize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let number: u64 = digits.parse().ok()?;
    let unit = match text[digits.len()..].trim() {
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit).filter(|bytes| (MIN..=MAX).contains(bytes)).map(DiskSize)
}

impl fmt::Display for DiskSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = u128::from(self.0) * 10 / (1 << 20);
        let (tenths, unit) = if tenths < 10_240 { (tenths, "MiB") } else { (tenths / 1024, "GiB") };
        write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Profile;

    #[test]
    fn parses_sizes() {
        assert_eq!(parse("2GiB"), Some(DiskSize::default()));
        assert_eq!(parse("500 MB"), Some(DiskSize(500_000_000)));
        for invalid in ["", "2", "2 TiB", "1MiB", "1025 GiB", "-1 GiB", "99999999999999 GiB", "much"] {
            assert_eq!(parse(invalid), None, "{invalid}");
        }
        let error = Profile::read("mine", "mine.toml", "disk = \"much\"").unwrap_err();
        assert!(
            error.message.contains("invalid size `much`") && error.message.contains("`2GiB`"),
            "{error:?}"
        );
    }

    #[test]
    fn shows_a_readable_unit() {
        assert_eq!(DiskSize::default().to_string(), "2.0 GiB");
        assert_eq!(DiskSize(16 << 20).to_string(), "16.0 MiB");
        assert_eq!(DiskSize(u64::MAX).to_string(), "17179869183.9 GiB");
    }
}
