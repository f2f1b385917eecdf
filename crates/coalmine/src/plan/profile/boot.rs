//! How a runtime is reached: readiness, credentials, dialect and pace.

use std::time::Duration;

use coalmine_a2a::Dialect;
use coalmine_world::duration::{self, InvalidDuration};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

/// When a runtime counts as ready: as soon as it serves its agent card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ready {
    /// The path of the agent card. Defaults to the paths of the A2A specification.
    pub http: Option<String>,
    /// The longest wait, such as `60s`; `--timeout` overrides it. Defaults to 60 s for an image, 30 s for a
    /// command and 10 s otherwise.
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub within: Option<Duration>,
}

/// The A2A dialect to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum DialectChoice {
    /// The dialect of the agent card; 0.3 if it offers both.
    #[serde(rename = "auto")]
    Auto,
    /// A2A 0.3.
    #[serde(rename = "0.3")]
    #[cfg_attr(feature = "clap", value(name = "0.3"))]
    V0_3,
    /// A2A 1.0.
    #[serde(rename = "1.0")]
    #[cfg_attr(feature = "clap", value(name = "1.0"))]
    V1_0,
}

/// The highest rate of turns that a runtime accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The shortest time between the starts of two turns.
    pub interval: Duration,
    /// The span of time in which requests are counted.
    pub window: Duration,
}

impl DialectChoice {
    /// Returns the dialect that was chosen, or `None` for `auto`.
    pub fn fixed(self) -> Option<Dialect> {
        match self {
            Self::Auto => None,
            Self::V0_3 => Some(Dialect::V0_3),
            Self::V1_0 => Some(Dialect::V1_0),
        }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_rate(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "invalid rate `{text}`: expected a number per `s`, `min` or `h`, such as `30/min`"
            ))
        })
    }
}

fn parse_rate(text: &str) -> Option<Rate> {
    let (count, period) = text.split_once('/')?;
    let count: u32 = count.trim().parse().ok().filter(|count| *count > 0)?;
    let period = match period.trim() {
        "s" => Duration::from_secs(1),
        "min" | "m" => Duration::from_secs(60),
        "h" => Duration::from_secs(3600),
        _ => return None,
    };
    Some(Rate { interval: period / count, window: period })
}

/// The longest duration.
const MAX_DURATION: Duration = Duration::from_secs(24 * 60 * 60);

/// A text that is not a duration that a profile or a flag may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableDuration {
    /// It is not a duration at all.
    #[error(transparent)]
    Invalid(#[from] InvalidDuration),
    /// It is longer than a day.
    #[error("invalid duration `{0}`: expected at most a day")]
    TooLong(String),
}

/// Parses a duration of a profile or a flag, such as `500ms`, `60s` or `2m`. A bare number is in seconds.
///
/// # Errors
/// Fails if the text is not a duration, or is longer than a day.
pub fn parse_duration(text: &str) -> Result<Duration, UnusableDuration> {
    let duration = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => duration::parse(text)?,
    };
    if duration > MAX_DURATION { Err(UnusableDuration::TooLong(text.to_owned())) } else { Ok(duration) }
}

pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    parse_duration(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

pub(super) fn dialect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Dialect>, D::Error> {
    DialectChoice::deserialize(deserializer).map(DialectChoice::fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Profile;

    #[test]
    fn parses_durations() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_duration("30"), Ok(Duration::from_secs(30)));
        assert!(parse_duration("soon").is_err());
        assert_eq!(parse_duration("1440m"), Ok(MAX_DURATION));
        for long in ["1441m", "18446744073709551615", "18446744073709551615s"] {
            let sentence = parse_duration(long).unwrap_err().to_string();
            assert_eq!(sentence, format!("invalid duration `{long}`: expected at most a day"));
        }
    }

    #[test]
    fn parses_rates() {
        assert_eq!(
            parse_rate("2/s"),
            Some(Rate { interval: Duration::from_millis(500), window: Duration::from_secs(1) })
        );
        for invalid in ["30", "0/min", "30/day", "many/min"] {
            assert_eq!(parse_rate(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn invalid_values_are_quoted() {
        for (line, message) in [
            (
                "rate = \"fast\"",
                "invalid rate `fast`: expected a number per `s`, `min` or `h`, such as `30/min`",
            ),
            (
                "turn-within = \"soon\"",
                "invalid duration `soon`: expected a number with a unit, such as `90s`",
            ),
            ("dialect = \"0.4\"", "unknown value `0.4`"),
        ] {
            assert_eq!(Profile::read("mine", "mine.toml", line).unwrap_err().message, message);
        }
        let auto = Profile::read("mine", "mine.toml", "dialect = \"auto\"").unwrap();
        assert_eq!(auto.dialect, None);
    }
}
