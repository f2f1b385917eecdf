//! Faults of a provider, injected on purpose.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Serialize, Serializer};

use crate::duration;

/// A way in which a provider misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelFault {
    /// Sends an HTTP status in the vendor's error shape, such as 429, 500 or 529.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After` in seconds, if it is sent.
        retry_after: Option<u64>,
    },
    /// Breaks the answer off in the middle.
    Cut,
    /// Closes the connection before the answer.
    Reset,
    /// Delays the first word, and with it the head of the response, as vendors do.
    SlowFirst(#[serde(serialize_with = "as_millis")] Duration),
    /// Delays each word.
    SlowWords(#[serde(serialize_with = "as_millis")] Duration),
}

impl ModelFault {
    /// Returns whether the answer arrives complete, only late.
    pub fn is_slow(self) -> bool {
        matches!(self, Self::SlowFirst(_) | Self::SlowWords(_))
    }
}

fn as_millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// A text that names no model fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown model fault `{0}`: expected one of `429`, `429:2s`, `500`, `529`, `cut`, `reset`, `slow-first:2s` or `slow-words:100ms`"
)]
pub struct UnknownModelFault(String);

impl FromStr for ModelFault {
    type Err = UnknownModelFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| UnknownModelFault(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<ModelFault> {
    let (name, duration) = match text.split_once(':') {
        Some((name, duration)) => (name, Some(duration::parse(duration).ok()?)),
        None => (text, None),
    };
    match (name, duration) {
        ("cut", None) => Some(ModelFault::Cut),
        ("reset", None) => Some(ModelFault::Reset),
        ("slow-first", Some(delay)) => Some(ModelFault::SlowFirst(delay)),
        ("slow-words", Some(delay)) => Some(ModelFault::SlowWords(delay)),
        (status, retry_after) => {
            let status = status.parse().ok().filter(|status| (400..600).contains(status))?;
            Some(ModelFault::Status { status, retry_after: retry_after.map(|after| after.as_secs()) })
        }
    }
}

impl fmt::Display for ModelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, retry_after: None } => write!(f, "answered {status} on purpose"),
            Self::Status { status, retry_after: Some(after) } => {
                write!(f, "answered {status} on purpose, with `Retry-After: {after}`")
            }
            Self::Cut => f.write_str("cut the answer off in the middle on purpose"),
            Self::Reset => f.write_str("closed the connection on purpose"),
            Self::SlowFirst(delay) => {
                write!(f, "delayed the first word by {} ms on purpose", delay.as_millis())
            }
            Self::SlowWords(delay) => write!(f, "delayed each word by {} ms on purpose", delay.as_millis()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_fault() {
        let status = |status, retry_after| Ok(ModelFault::Status { status, retry_after });
        for (text, fault) in [
            ("429:2s", status(429, Some(2))),
            ("503:2m", status(503, Some(120))),
            ("529", status(529, None)),
            ("cut", Ok(ModelFault::Cut)),
            ("reset", Ok(ModelFault::Reset)),
            ("slow-first:2s", Ok(ModelFault::SlowFirst(Duration::from_secs(2)))),
            ("slow-words:100ms", Ok(ModelFault::SlowWords(Duration::from_millis(100)))),
        ] {
            assert_eq!(text.parse::<ModelFault>(), fault, "{text}");
        }
    }

    #[test]
    fn rejects_other_texts() {
        for text in
            ["", "200", "600", "cut:2s", "slow-first", "slow-first:soon", "slow-words:2", "429:x", "429:"]
        {
            assert_eq!(text.parse::<ModelFault>(), Err(UnknownModelFault(text.into())), "{text}");
        }
    }
}
