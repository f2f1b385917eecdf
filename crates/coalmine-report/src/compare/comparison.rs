//! The comparison of two runs.

use std::collections::{BTreeMap, HashMap};

use coalmine::event::{
    CanaryReport, Code, Finding, ModelMode, Rounds, Severity, TargetInfo, Verdict, exit_code,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Change;
use crate::Summary;

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
    /// Canaries that are red for another reason.
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

    fn place(&mut self, change: Change) -> &mut u32 {
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

/// Compares two runs, which may be of different targets, versions and seeds. With `strict`, what is weaker counts as
/// regressed.
pub fn compare(old: &Summary, new: &Summary, strict: bool) -> Comparison {
    let canaries = canaries(old, new);
    let findings = findings(&old.findings, &new.findings);
    let mut counts = ChangeCounts::default();
    canaries.iter().for_each(|canary| *counts.place(canary.change) += 1);
    let regressed = counts.regressed > 0
        || (strict && counts.weaker > 0)
        || findings.iter().any(|finding| finding.change == Change::Regressed);
    let problem = problem(&canaries, new);
    let verdict = match &problem {
        _ if regressed => Verdict::Fail,
        Some(_) => Verdict::Error,
        None => Verdict::Pass,
    };
    Comparison {
        schema: COMPARISON_SCHEMA.to_owned(),
        verdict,
        problem,
        strict,
        old: compared_run(old),
        new: compared_run(new),
        counts,
        causes: causes(&canaries),
        canaries,
        findings,
    }
}

/// Returns why a comparison without regression shows nothing, if so.
fn problem(canaries: &[CanaryChange], new: &Summary) -> Option<String> {
    if !canaries.iter().any(|canary| canary.old.is_some() && canary.new.is_some()) {
        return Some("the runs have no canary in common".to_owned());
    }
    if new.canaries.iter().all(|canary| matches!(canary.verdict, Verdict::Error | Verdict::Skip)) {
        return Some("no canary of the new run was judged".to_owned());
    }
    let is_explained = new.canaries.iter().any(|canary| canary.verdict == Verdict::Error);
    let is_unjudged = new.verdict == Verdict::Error && !is_explained;
    if is_unjudged || !new.run.complete || new.run.interrupted {
        let sentence = new.diagnosis.as_ref().map(|diagnosis| format!(": {}", diagnosis.sentence));
        return Some(format!(
            "the new run as a whole could not be judged{}",
            sentence.unwrap_or_else(|| ": it did not come to its end".to_owned())
        ));
    }
    None
}

fn canaries(old: &Summary, new: &Summary) -> Vec<CanaryChange> {
    let before: HashMap<&str, &CanaryReport> =
        old.canaries.iter().map(|canary| (canary.id.as_str(), canary)).collect();
    let after: HashMap<&str, &CanaryReport> =
        new.canaries.iter().map(|canary| (canary.id.as_str(), canary)).collect();
    let gone = old.canaries.iter().filter(|canary| !after.contains_key(canary.id.as_str()));
    let ids = new.canaries.iter().chain(gone).map(|canary| canary.id.as_str());
    ids.map(|id| {
        let (old, new) = (before.get(id).copied(), after.get(id).copied());
        CanaryChange {
            id: id.to_owned(),
            change: Change::between(old, new),
            old: old.map(compared_canary),
            new: new.map(compared_canary),
        }
    })
    .collect()
}

fn compared_canary(canary: &CanaryReport) -> ComparedCanary {
    let diagnosis = canary.diagnosis.as_ref().filter(|_| canary.verdict != Verdict::Pass);
    ComparedCanary {
        verdict: canary.verdict,
        code: diagnosis.map(|diagnosis| diagnosis.code),
        sentence: diagnosis.map(|diagnosis| diagnosis.sentence.clone()).or_else(|| canary.reason.clone()),
        rounds: canary.rounds,
        duration_ms: canary.duration_ms,
    }
}

fn compared_run(summary: &Summary) -> ComparedRun {
    let run = &summary.run;
    ComparedRun {
        id: run.id.clone(),
        started_at: run.started_at.clone(),
        version: run.version.clone(),
        seed: run.seed,
        model: run.model,
        target: summary.target.clone(),
        verdict: summary.verdict,
        complete: run.complete && !run.interrupted,
        duration_ms: run.duration_ms,
    }
}

fn causes(canaries: &[CanaryChange]) -> Vec<CauseChange> {
    let mut causes: BTreeMap<Code, (u32, u32)> = BTreeMap::new();
    let code = |side: &Option<ComparedCanary>| side.as_ref().and_then(|side| side.code);
    for canary in canaries {
        if let Some(code) = code(&canary.old) {
            causes.entry(code).or_default().0 += 1;
        }
        if let Some(code) = code(&canary.new) {
            causes.entry(code).or_default().1 += 1;
        }
    }
    causes.into_iter().map(|(code, (old, new))| CauseChange { code, old, new }).collect()
}

/// Compares the findings that fail a run. One is known by its code, and what fails only beside others by its canary too.
fn findings(old: &[Finding], new: &[Finding]) -> Vec<FindingChange> {
    let key = |finding: &Finding| {
        let about_one = finding.code == Code::RunFailedBesideOthers;
        (finding.code, finding.canary.clone().filter(|_| about_one))
    };
    let failing = |findings: &[Finding]| {
        let failing = findings.iter().filter(|finding| finding.severity == Severity::Fail);
        failing.map(|finding| (key(finding), finding.sentence.clone())).collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (failing(old), failing(new));
    let all: BTreeMap<_, _> = before.iter().chain(&after).collect();
    let change = |key| match (before.contains_key(key), after.contains_key(key)) {
        (true, true) => Change::Unchanged,
        (true, false) => Change::Improved,
        (false, _) => Change::Regressed,
    };
    all.into_iter()
        .map(|(key, sentence)| FindingChange {
            code: key.0,
            canary: key.1.clone(),
            change: change(key),
            sentence: sentence.clone(),
        })
        .collect()
}
