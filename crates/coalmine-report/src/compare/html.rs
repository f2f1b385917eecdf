//! A comparison as a page.

use askama::Template;

use super::{CanaryChange, Change, Comparison, words};
use crate::{
    ReportError,
    html::{STYLE, policy_without_script},
    view::{Shown, duration},
};

const MAX_ID: usize = 60;
const MAX_TEXT: usize = 500;
/// The most canaries that are listed for one change.
const MAX_LISTED: usize = 500;

#[derive(Debug, Template)]
#[template(path = "compare.html", whitespace = "minimize")]
struct Page {
    policy: String,
    style: &'static str,
    verdict: &'static str,
    sign: &'static str,
    headline: &'static str,
    tally: String,
    problem: Option<Shown>,
    runs: Vec<(&'static str, Vec<Shown>, String)>,
    groups: Vec<Group>,
    findings: Vec<(&'static str, &'static str, Shown)>,
    causes: Vec<(&'static str, u32, u32)>,
}

#[derive(Debug)]
struct Group {
    name: &'static str,
    meaning: &'static str,
    is_bad: bool,
    canaries: Vec<Row>,
    more: usize,
}

#[derive(Debug)]
struct Row {
    id: Shown,
    old: Shown,
    new: Shown,
    took: String,
    why: Option<Shown>,
    note: Option<&'static str>,
}

/// Returns the page.
pub(super) fn page(comparison: &Comparison) -> Result<String, ReportError> {
    let run = |name, run| {
        let facts = words::run(run).iter().map(|fact| Shown::new(fact, MAX_TEXT)).collect();
        (name, facts, duration(run.duration_ms))
    };
    let page = Page {
        policy: policy_without_script(),
        style: STYLE,
        verdict: if words::sign(comparison) == "!" { "error" } else { comparison.verdict.name() },
        sign: words::sign(comparison),
        headline: words::headline(comparison),
        tally: words::tally(comparison),
        problem: comparison.problem.as_ref().map(|problem| Shown::new(problem, MAX_TEXT)),
        runs: vec![run("Old", &comparison.old), run("New", &comparison.new)],
        groups: Change::ALL.into_iter().filter_map(|change| group(comparison, change)).collect(),
        findings: comparison
            .findings
            .iter()
            .take(MAX_LISTED)
            .map(|one| (one.change.name(), one.code.id(), Shown::new(&one.sentence, MAX_TEXT)))
            .collect(),
        causes: comparison.causes.iter().map(|cause| (cause.code.id(), cause.old, cause.new)).collect(),
    };
    Ok(page.render()?)
}

fn group(comparison: &Comparison, change: Change) -> Option<Group> {
    let canaries: Vec<&CanaryChange> =
        comparison.canaries.iter().filter(|canary| canary.change == change).collect();
    (!canaries.is_empty()).then(|| Group {
        name: change.name(),
        meaning: change.meaning(),
        is_bad: matches!(change, Change::Regressed | Change::Weaker),
        more: canaries.len().saturating_sub(MAX_LISTED),
        canaries: canaries.into_iter().take(MAX_LISTED).map(row).collect(),
    })
}

fn row(canary: &CanaryChange) -> Row {
    Row {
        id: Shown::new(&canary.id, MAX_ID),
        old: Shown::whole(words::side(canary.old.as_ref())),
        new: Shown::whole(words::side(canary.new.as_ref())),
        took: words::took(canary).unwrap_or_default(),
        why: words::why(canary).map(|why| Shown::new(&why, MAX_TEXT)),
        note: words::note(canary),
    }
}
