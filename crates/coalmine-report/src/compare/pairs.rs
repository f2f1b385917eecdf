//! The comparison of two runs, canary by canary.

use std::collections::{BTreeMap, HashMap};

use coalmine::event::{CanaryReport, Code, Finding, Severity, Verdict};

use super::{
    COMPARISON_SCHEMA, CanaryChange, CauseChange, Change, ChangeCounts, ComparedCanary, ComparedRun,
    Comparison, FindingChange,
};
use crate::Summary;

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
