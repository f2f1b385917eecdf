//! What was found although no canary asked about it, and how much it weighs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Code;

/// Something that was found although no canary asked about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The code of the finding. `coalmine explain CODE` prints its page.
    pub code: Code,
    /// Whether it fails the run.
    #[serde(default)]
    pub severity: Severity,
    /// One sentence with the details of this run.
    pub sentence: String,
    /// The canary during which it was found first, if any.
    pub canary: Option<String>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Severity {
    /// It is shown and decides nothing.
    #[default]
    Warn,
    /// It fails the run, as a failed canary does.
    Fail,
}

impl Severity {
    /// Returns the name in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

impl Code {
    /// Returns how much a finding of this code weighs, if nothing else is asked for: what only fails beside others fails the
    /// run, because customers are not alone.
    pub fn severity(self) -> Severity {
        if self == Self::RunFailedBesideOthers { Severity::Fail } else { Severity::Warn }
    }

    /// Returns whether a finding of this code says something about the machine only. It never fails a run, whatever is
    /// asked for.
    pub fn is_about_the_machine(self) -> bool {
        matches!(self, Self::RunHostReachable | Self::RunSwept)
    }
}
