//! Known limits of a runtime: canaries that are expected to fail, for a reason and perhaps until a date.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::Profile;
use crate::{
    event::{Code, CodeKind},
    plan::{SourceError, did_you_mean, problem::Problem},
};

/// A canary that is expected to fail under a profile. Such a failure is reported as `xfail`, and a pass as
/// `xpass`, which fails the run until the entry is removed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownLimit {
    /// The id of the canary.
    pub canary: String,
    /// The reason, which reports show beside the canary.
    pub reason: String,
    /// The code of the expected failure, such as `prompt.file-missing`. A failure with another code is an
    /// ordinary failure. Defaults to any code.
    pub code: Option<Code>,
    /// The last day on which the failure is expected, such as `2027-01-31`. Defaults to no end.
    #[schemars(with = "Option<String>")]
    pub until: Option<Date>,
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(toml::value::Date);

impl KnownLimit {
    /// Returns whether the limit still applies on a day.
    pub fn applies_on(&self, today: Date) -> bool {
        self.until.is_none_or(|until| today <= until)
    }
}

impl Profile {
    /// Returns the known limits of a canary.
    pub fn limits<'a>(&'a self, canary: &'a str) -> impl Iterator<Item = &'a KnownLimit> {
        self.known_limit.iter().filter(move |limit| limit.canary == canary)
    }

    /// Checks that the known limits name canaries that exist. `file` and `text` are those of the profile.
    ///
    /// # Errors
    /// Returns the first limit of an unknown canary, with its place in the file.
    pub fn check_limits<'a>(
        &self,
        file: &str,
        text: &str,
        canaries: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Result<(), SourceError> {
        for (at, limit) in self.known_limit.iter().enumerate() {
            if !canaries.clone().into_iter().any(|id| id == limit.canary) {
                let problem = Problem::at(
                    format!("known-limit/{at}/canary"),
                    format!("no canary has the id `{}`", limit.canary),
                );
                let help = did_you_mean(&limit.canary, canaries);
                return Err(SourceError::placed(file, text, problem.help(help)));
            }
        }
        Ok(())
    }

    /// Checks that the known limits name codes with which a canary can fail.
    pub(super) fn check_codes_of_limits(&self) -> Result<(), Problem> {
        let is_finding = |limit: &KnownLimit| limit.code.filter(|code| code.kind() == CodeKind::Finding);
        let found =
            self.known_limit.iter().enumerate().find_map(|(at, limit)| Some((at, is_finding(limit)?)));
        let Some((at, code)) = found else { return Ok(()) };
        let message = format!("`{code}` is the code of a finding, with which no canary fails");
        let help = "name the code that the failed canary shows, or leave `code` out for any";
        Err(Problem::at(format!("known-limit/{at}/code"), message).help(help))
    }
}

impl Date {
    /// Returns the day of a year, a month (from 1) and a day (from 1). Numbers below zero count as zero.
    pub fn new(year: i16, month: i8, day: i8) -> Self {
        let year = u16::try_from(year).unwrap_or(0);
        let [month, day] = [month, day].map(|number| u8::try_from(number).unwrap_or(0));
        Self(toml::value::Date { year, month, day })
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = text.parse().ok();
        written
            .and_then(date)
            .ok_or_else(|| format!("invalid date `{text}`: expected a day, such as `2027-01-31`"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns the day, if there is no time beside it.
fn date(written: toml::value::Datetime) -> Option<Date> {
    written.date.filter(|_| written.time.is_none() && written.offset.is_none()).map(Date)
}

/// A date as it may be written in TOML.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenDate {
    Date(toml::value::Datetime),
    Text(String),
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match WrittenDate::deserialize(deserializer) {
            Ok(WrittenDate::Date(written)) => written.to_string(),
            Ok(WrittenDate::Text(text)) => text,
            Err(_) => return Err(D::Error::custom("invalid date: expected a day, such as `2027-01-31`")),
        };
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Profile, SourceError> {
        let text = format!("[[known-limit]]\ncanary = \"file-only\"\nreason = \"text only\"\n{lines}\n");
        Profile::read("mine", "mine.toml", &text)
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn last_day_is_a_date_or_a_string() {
        for line in ["until = 2027-01-31", "until = \"2027-01-31\""] {
            let limit = read(line).unwrap().known_limit.remove(0);
            assert_eq!(limit.until, Some(day("2027-01-31")), "{line}");
            assert!(limit.applies_on(day("2027-01-31")) && !limit.applies_on(day("2027-02-01")));
        }
        assert!(read("").unwrap().known_limit[0].applies_on(day("2999-01-01")));
        for line in ["until = \"soon\"", "until = 2027-01-31T08:00:00Z", "until = 3", "until = 2027-13-01"] {
            assert!(read(line).is_err(), "{line}");
        }
        let message = read("until = \"soon\"").unwrap_err().message;
        assert_eq!(message, "invalid date `soon`: expected a day, such as `2027-01-31`");
    }

    #[test]
    fn unknown_names_are_refused() {
        let profile = read("code = \"prompt.file-missing\"").unwrap();
        assert_eq!(profile.limits("file-only").count(), 1);
        let error = read("code = \"prompt.file-mising\"").unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `prompt.file-missing`?"));
        let error = read("code = \"drift.kind\"").unwrap_err();
        assert!(error.message.contains("a finding"), "{}", error.message);
        let text = "[[known-limit]]\ncanary = \"file-olny\"\nreason = \"r\"\n";
        let profile = Profile::read("mine", "mine.toml", text).unwrap();
        let error = profile.check_limits("mine.toml", text, ["file-only", "name-recall"]).unwrap_err();
        assert_eq!(error.position(), (2, 10));
        assert_eq!(error.help.as_deref(), Some("did you mean `file-only`?"));
    }
}
