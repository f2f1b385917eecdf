//! The predicates: the result of the tests, and the decision.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ResourceDescriptor;

/// The predicate test-result v0.1. A canary is in exactly one of the three lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// How the run ended.
    pub result: Outcome,
    /// What was judged, by what and with what: `image`, `image-config`, `coalmine`, `canaries`, `profile`, `workflow` and
    /// `mode`.
    pub configuration: Vec<ResourceDescriptor>,
    /// The canaries that passed.
    #[serde(default)]
    pub passed_tests: Vec<String>,
    /// The canaries that weaken the result: skipped, failed as the profile expects, judged in part, or not judged.
    #[serde(default)]
    pub warned_tests: Vec<String>,
    /// The canaries that failed the run, and the findings that did, as `finding:CODE`.
    #[serde(default)]
    pub failed_tests: Vec<String>,
    /// What coalmine adds to the predicate.
    pub coalmine: RunDetails,
}

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// The run passed, and nothing weakens the pass.
    Passed,
    /// The run passed, with reservations.
    Warned,
    /// The run failed.
    Failed,
}

impl Outcome {
    /// Returns the word of the predicate.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Warned => "WARNED",
            Self::Failed => "FAILED",
        }
    }
}

/// What coalmine adds to the predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunDetails {
    /// The id of the run.
    pub run: String,
    /// The version of coalmine.
    pub version: String,
    /// When the run ended, in UTC, as in RFC 3339.
    pub time_created: String,
    /// What weakens the result.
    pub reservations: Vec<Reservation>,
    /// The canaries that were skipped.
    pub skipped: Vec<String>,
    /// The canaries that could not be judged; only in a run that failed.
    pub not_judged: Vec<String>,
    /// The codes of everything that was found although no canary asked about it.
    pub findings: Vec<String>,
}

/// Something that weakens a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reservation {
    /// A canary was skipped.
    Skipped,
    /// A canary failed as the profile expects.
    KnownLimit,
    /// A canary passed, and not everything about it could be judged.
    PartlyJudged,
    /// A canary passed in most of its rounds, but not in all.
    RoundsFailed,
    /// Something was found that makes the evidence weaker: lost evidence, an open network, a lenient provider, a foreign caller.
    WeakEvidence,
    /// The model was not the simulated one, so its prompts were not seen.
    OtherModel,
    /// The provider answers what a real one refuses (`--lenient`).
    Lenient,
    /// Only some of the known canaries were run.
    Selection,
    /// A fault was injected on purpose.
    InjectedFault,
    /// Nothing was tried beside other conversations (`--jobs 1`).
    NothingInParallel,
}

impl Reservation {
    /// Returns the reservation in words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Skipped => "canaries were skipped",
            Self::KnownLimit => "canaries failed as the profile expects",
            Self::PartlyJudged => "canaries passed without everything being judged",
            Self::RoundsFailed => "canaries passed in some of their rounds only",
            Self::WeakEvidence => "a finding weakens the evidence",
            Self::OtherModel => "the model was not the simulated one",
            Self::Lenient => "the provider was lenient",
            Self::Selection => "only some of the canaries were run",
            Self::InjectedFault => "a fault was injected",
            Self::NothingInParallel => "nothing was tried beside other conversations",
        }
    }
}

/// The predicate SVR v0.1: the decision of a verifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Who decided.
    pub verifier: Verifier,
    /// When the run ended, in UTC, as in RFC 3339.
    pub time_created: String,
    /// What was found to hold: `COALMINE_PASSED`, `COALMINE_WARNED`, or nothing if the run failed.
    pub properties: Vec<String>,
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verifier {
    /// A URI: `pkg:generic/coalmine@VERSION`.
    pub id: String,
}
