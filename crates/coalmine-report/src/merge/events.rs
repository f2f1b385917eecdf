//! One stream of events from those of all parts.

use std::collections::HashMap;

use coalmine::event::{
    CanaryReport, Code, Counts, Diagnosis, Envelope, Event, Finding, PlannedCanary, RunEnded, RunInfo,
    RunStarted, Severity, TargetInfo, Verdict, causes, verdict_with_baseline,
};

use super::{Part, check::without};

/// Returns the events of the whole run, as if it had not been spread.
pub(super) fn events(parts: &[Part], id: &str, shown: &str) -> Vec<Envelope> {
    let Some(first) = parts.first() else { return Vec::new() };
    let mut planned: HashMap<&str, (&PlannedCanary, &CanaryReport)> = HashMap::new();
    for part in parts {
        let both = part.started.canaries.iter().zip(&part.canaries);
        planned.extend(both.map(|(planned, report)| (report.id.as_str(), (planned, report))));
    }
    let ordered: Vec<(&PlannedCanary, &CanaryReport)> =
        first.shard.canaries.iter().filter_map(|id| planned.get(id.as_str()).copied()).collect();
    let canaries: Vec<CanaryReport> = ordered.iter().map(|(_, report)| (*report).clone()).collect();
    let findings = findings(parts);

    let mut events = vec![Event::RunStarted(RunStarted {
        run: run(parts, first, id),
        target: first.started.target.clone(),
        out: shown.to_owned(),
        canaries: ordered.iter().map(|(planned, _)| (*planned).clone()).collect(),
        baseline: first.started.baseline.clone(),
    })];
    events.extend(parts.iter().find_map(|part| part.ready.clone()).map(Event::TargetReady));
    for report in &canaries {
        events.push(Event::CanaryStarted { id: report.id.clone() });
        events.push(Event::CanaryEnded(report.clone()));
    }
    events.extend(findings.iter().cloned().map(Event::Finding));
    events.push(Event::RunEnded(ended(parts, first, &canaries, &findings)));
    let duration_ms = duration(parts);
    let last = events.len() - 1;
    let number =
        |(at, event)| Envelope { seq: at as u64, at_ms: if at == last { duration_ms } else { 0 }, event };
    events.into_iter().enumerate().map(number).collect()
}

fn run(parts: &[Part], first: &Part, id: &str) -> RunInfo {
    let runs = || parts.iter().map(|part| &part.started.run);
    RunInfo {
        id: id.to_owned(),
        started_at: runs().map(|run| run.started_at.clone()).min().unwrap_or_default(),
        arguments: without(&first.started.run.arguments, &["--shard"]),
        jobs: runs().map(|run| run.jobs).max().unwrap_or_default(),
        shard: None,
        ..first.started.run.clone()
    }
}

/// Returns the time of the part that took longest: they run at the same time.
fn duration(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.duration_ms).max().unwrap_or_default()
}

/// Returns the findings of all parts, each once.
fn findings(parts: &[Part]) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for finding in parts.iter().flat_map(|part| &part.findings) {
        if !all.contains(finding) {
            all.push(finding.clone());
        }
    }
    all
}

fn ended(parts: &[Part], first: &Part, canaries: &[CanaryReport], findings: &[Finding]) -> RunEnded {
    let mut counts = Counts::default();
    canaries.iter().for_each(|canary| counts.add(canary.verdict));
    let against = canaries.iter().filter_map(|canary| canary.baseline);
    let of_canaries = verdict_with_baseline(counts.verdict(first.started.run.strict), against);
    let fails = findings.iter().any(|finding| finding.severity == Severity::Fail);
    let unjudged = unjudged(parts, canaries);
    let (verdict, diagnosis) = match (of_canaries, unjudged) {
        (Verdict::Fail, unjudged) => (Verdict::Fail, unjudged.flatten()),
        (_, unjudged) if fails => (Verdict::Fail, unjudged.flatten()),
        (_, Some(diagnosis)) => (Verdict::Error, diagnosis),
        (verdict, None) => (verdict, None),
    };
    RunEnded {
        duration_ms: duration(parts),
        verdict,
        counts,
        interrupted: false,
        target: target(parts, first),
        diagnosis,
        causes: causes(canaries),
        kept: parts.iter().flat_map(|part| part.kept.clone()).collect(),
    }
}

/// Returns the diagnosis of a part that could not be judged as a whole, if there is such a part. One in which every canary
/// that converses was skipped is judged by the others, if any of them held a conversation.
fn unjudged(parts: &[Part], canaries: &[CanaryReport]) -> Option<Option<Diagnosis>> {
    let is_decided = |canary: &CanaryReport| !matches!(canary.verdict, Verdict::Error | Verdict::Skip);
    let conversed = canaries.iter().any(|canary| is_decided(canary) && !canary.turns.is_empty());
    let judged_nothing = |part: &Part| {
        part.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.code == Code::BootNothingJudged)
    };
    let unjudged = parts.iter().find(|part| {
        !part.is_complete || (part.verdict == Verdict::Error && !(conversed && judged_nothing(part)))
    });
    unjudged.map(|part| part.diagnosis.clone())
}

fn target(parts: &[Part], first: &Part) -> TargetInfo {
    let known =
        |fact: fn(&TargetInfo) -> &Option<String>| parts.iter().find_map(|part| fact(&part.target).clone());
    TargetInfo {
        image_digest: known(|target| &target.image_digest),
        dialect: known(|target| &target.dialect),
        ..first.started.target.clone()
    }
}
