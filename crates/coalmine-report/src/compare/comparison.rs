//! The comparison of two runs.

use coalmine::event::{Code, ModelMode, Rounds, TargetInfo, Verdict, exit_code};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Change;

/// The value of [`Comparison::schema`]. Its number changes if a reader of the older schema would be misled.
pub const COMPARISON_SCHEMA: &str = "coalmine/comparison/1";

/// Two runs beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The version of this format, `coalmine/comparison/1`.
    pub schema: String,
    /// `fail` if anything regressed; else `error` if the new run as a whole or none of its canaries could be judged, or if the
    /// runs have no canary in common; else `pass`.
    pub verdict: Verdict,
    /// Why the runs could not be compared, if so.
    pub problem: Option<String>,
    /// Whether what is weaker counts as regressed (`--strict`).
    pub strict: bool,
    /// The run that came first.
    pub old: ComparedRun,
    /// The run that is compared with it.
    pub new: ComparedRun,
    /// The number of canaries with each change.
    pub counts: ChangeCounts,
    /// All canaries of both runs: those of the new run in its order, then those that are gone.
    pub canaries: Vec<CanaryChange>,
    /// How many canaries each cause has in both runs, in the order of the codes.
    pub causes: Vec<CauseChange>,
    /// The findings that fail one of the runs.
    pub findings: Vec<FindingChange>,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedRun {
    /// The id of the run.
    pub id: String,
    /// The time of the start, RFC 3339, UTC.
    pub started_at: String,
    /// The version of Coalmine.
    pub version: String,
    /// The seed of the facts.
    pub seed: u64,
    /// Who answered as the model.
    pub model: ModelMode,
    /// What was judged.
    pub target: TargetInfo,
    /// The verdict of the run.
    pub verdict: Verdict,
    /// Whether the run came to its end and was not interrupted.
    pub complete: bool,
    /// The duration in milliseconds. It is not judged.
    pub duration_ms: u64,
}

/// The number of canaries with each change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeCounts {
    /// Canaries that regressed.
    pub regressed: u32,
    /// Canaries that are judged no longer.
    pub weaker: u32,
    /// Canaries that are neither better nor worse, for another reason.
    pub changed: u32,
    /// Canaries that pass now.
    pub improved: u32,
    /// Canaries that were skipped and pass now.
    pub stronger: u32,
    /// Canaries that are new and not red.
    pub new: u32,
    /// Canaries that are gone and had not passed.
    pub gone: u32,
    /// Canaries that are as before.
    pub unchanged: u32,
}

/// What happened to one canary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryChange {
    /// The id of the canary.
    pub id: String,
    /// What happened to it.
    pub change: Change,
    /// What the old run shows, if it has the canary.
    pub old: Option<ComparedCanary>,
    /// What the new run shows, if it has the canary.
    pub new: Option<ComparedCanary>,
}

/// What a run shows of a canary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedCanary {
    /// The verdict.
    pub verdict: Verdict,
    /// The code of the diagnosis, if there is one.
    pub code: Option<Code>,
    /// The sentence of the diagnosis, or the reason of the verdict.
    pub sentence: Option<String>,
    /// The outcome of the rounds, if there were several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<Rounds>,
    /// The duration in milliseconds. It is not judged.
    pub duration_ms: u64,
}

/// How many canaries a cause has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CauseChange {
    /// The code of the diagnoses.
    pub code: Code,
    /// The number of red canaries with it in the old run.
    pub old: u32,
    /// The number of red canaries with it in the new run.
    pub new: u32,
}

/// A finding that fails one of the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingChange {
    /// The code of the finding.
    pub code: Code,
    /// The canary, if it is about one.
    pub canary: Option<String>,
    /// `regressed`, `improved` or `unchanged`.
    pub change: Change,
    /// The sentence of the newer run that has it.
    pub sentence: String,
}

impl ChangeCounts {
    /// Returns the number of canaries with a change.
    pub fn of(&self, change: Change) -> u32 {
        let mut counts = *self;
        *counts.place(change)
    }

    pub(super) fn place(&mut self, change: Change) -> &mut u32 {
        match change {
            Change::Regressed => &mut self.regressed,
            Change::Weaker => &mut self.weaker,
            Change::Changed => &mut self.changed,
            Change::Improved => &mut self.improved,
            Change::Stronger => &mut self.stronger,
            Change::New => &mut self.new,
            Change::Gone => &mut self.gone,
            Change::Unchanged => &mut self.unchanged,
        }
    }
}

impl Comparison {
    /// Returns the exit code: 0 if nothing regressed, 1 if something did, 2 if the runs could not be compared.
    pub fn exit_code(&self) -> u8 {
        exit_code(false, self.verdict)
    }
}
