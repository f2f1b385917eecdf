//! What a provider does wrong on purpose.

use std::{fmt, str::FromStr, time::Duration};

use serde::Serialize;

use crate::duration;

/// One way in which a provider misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelFault {
    /// An HTTP status in the vendor's error shape, such as 429, 500 or 529.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After` in seconds, where one is sent.
        retry_after: Option<u64>,
    },
    /// The answer breaks off in the middle.
    Cut,
    /// The connection breaks off before the answer.
    Reset,
    /// The first word takes this long, and with it the head of the response, as at the vendors.
    SlowFirst(#[serde(serialize_with = "millis")] Duration),
    /// Each word takes this long.
    SlowWords(#[serde(serialize_with = "millis")] Duration),
}

impl ModelFault {
    /// Whether the answer comes all the same, but late.
    pub fn is_slow(self) -> bool {
        matches!(self, Self::SlowFirst(_) | Self::SlowWords(_))
    }

    /// How long a response is held back as a whole.
    pub(crate) fn before_the_head(self) -> Duration {
        match self {
            Self::SlowFirst(time) | Self::SlowWords(time) => time,
            Self::Status { .. } | Self::Cut | Self::Reset => Duration::ZERO,
        }
    }
}

fn millis<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// The text names no model fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown model fault `{0}`: expected one of `429`, `429:2s`, `500`, `529`, `cut`, `reset`, `slow-first:2s` or `slow-words:100ms`"
)]
pub struct UnknownModelFault(String);

impl FromStr for ModelFault {
    type Err = UnknownModelFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownModelFault(text.to_owned());
        let (name, detail) = text.split_once(':').map_or((text, None), |(name, detail)| (name, Some(detail)));
        let time = || detail.and_then(|text| duration::parse(text).ok()).ok_or_else(unknown);
        Ok(match (name, detail) {
            ("cut", None) => Self::Cut,
            ("reset", None) => Self::Reset,
            ("slow-first", Some(_)) => Self::SlowFirst(time()?),
            ("slow-words", Some(_)) => Self::SlowWords(time()?),
            (status, detail) => {
                let status =
                    status.parse().ok().filter(|status| (400..600).contains(status)).ok_or_else(unknown)?;
                let retry_after = detail.map(|_| time()).transpose()?.map(|time| time.as_secs());
                Self::Status { status, retry_after }
            }
        })
    }
}

impl fmt::Display for ModelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, retry_after: None } => write!(f, "answered {status} on purpose"),
            Self::Status { status, retry_after: Some(after) } => {
                write!(f, "answered {status} on purpose, to be tried again after {after} s")
            }
            Self::Cut => f.write_str("cut the answer in the middle on purpose"),
            Self::Reset => f.write_str("broke the connection off on purpose"),
            Self::SlowFirst(time) => {
                write!(f, "kept the first word back for {} ms on purpose", time.as_millis())
            }
            Self::SlowWords(time) => write!(f, "took {} ms for each word on purpose", time.as_millis()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_are_read() {
        let read = |text: &str| text.parse::<ModelFault>();
        assert_eq!(read("429:2s"), Ok(ModelFault::Status { status: 429, retry_after: Some(2) }));
        assert_eq!(read("529"), Ok(ModelFault::Status { status: 529, retry_after: None }));
        assert_eq!(read("slow-words:100ms"), Ok(ModelFault::SlowWords(Duration::from_millis(100))));
        assert_eq!(read("cut"), Ok(ModelFault::Cut));
        for wrong in ["", "200", "cut:2s", "slow-first", "slow-first:soon", "429:x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
