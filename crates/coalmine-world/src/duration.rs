//! Durations as people write them: a whole number with a unit, such as `500ms`, `90s` or `2m`.

use std::time::Duration;

/// A text that is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid duration `{text}`: expected a number with a unit, such as `90s`")]
pub struct InvalidDuration {
    text: String,
}

/// Parses a whole number with the unit `ms`, `s` or `m`.
///
/// # Errors
/// Fails if the number or the unit is missing, if the unit is unknown, or if the number is too large.
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    parse_number_and_unit(text).ok_or_else(|| InvalidDuration { text: text.to_owned() })
}

fn parse_number_and_unit(text: &str) -> Option<Duration> {
    let unit_start = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_start);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_unit() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn rejects_other_texts() {
        for text in [
            "",
            "s",
            "90",
            "90h",
            "1.5s",
            "-1s",
            "+1s",
            "90 s",
            " 90s",
            "90S",
            "soon",
            "99999999999999999999s",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("{}m", u64::MAX)).is_err());
    }

    #[test]
    fn error_quotes_the_text() {
        let message = "invalid duration `soon`: expected a number with a unit, such as `90s`";
        assert_eq!(parse("soon").unwrap_err().to_string(), message);
    }

    proptest! {
        #[test]
        fn parse_never_panics(text in "\\PC{0,12}") {
            let _ = parse(&text);
        }

        #[test]
        fn reads_what_is_written(number in 0..=u64::MAX / 60) {
            prop_assert_eq!(parse(&format!("{number}ms")), Ok(Duration::from_millis(number)));
            prop_assert_eq!(parse(&format!("{number}m")), Ok(Duration::from_secs(number * 60)));
        }
    }
}
