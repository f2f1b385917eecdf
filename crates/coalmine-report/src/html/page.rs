//! The page itself: the template, its style and script, and the policy that allows nothing else.

use std::collections::HashSet;

use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use camino::Utf8Path;
use coalmine::event::{CanaryReport, RunInfo, Verdict};
use sha2::{Digest, Sha256};

use super::{
    budget::Budget,
    canary::{CanaryView, canary, is_red},
    folder::RunFolder,
    journal::Journal,
    marked::PieceKind,
    tab::Sources,
};
use crate::{
    Record, ReportError, StreamError, Summary,
    text::Command,
    view::{
        Block, CauseView, Found, Overview, Shown, Span, Weakness, causes, findings, overview, weaknesses,
    },
};

pub(crate) const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// The most canaries that are open when the page opens.
const MAX_OPEN: usize = 3;

#[derive(Debug, Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page {
    policy: String,
    style: &'static str,
    script: &'static str,
    subject: Shown,
    overview: Overview,
    weaknesses: Vec<Weakness>,
    findings: Vec<Found>,
    causes: Vec<CauseView>,
    canaries: Vec<CanaryView>,
    verdicts: Vec<(&'static str, usize)>,
    /// Whether any evidence of the turns is in the run's folder.
    has_evidence: bool,
}

/// Returns the page of a run. The evidence is read in `folder`.
///
/// # Errors
/// Fails if the file holds no event.
pub(crate) fn page(record: &Record, folder: &Utf8Path) -> Result<String, ReportError> {
    let summary = record.summary()?;
    let run = record.started.as_ref().map(|started| &started.run).ok_or(StreamError::Empty)?;
    let folder = RunFolder::open(folder);
    let journal = Journal::read(&folder, &named_calls(&summary.canaries));
    let mut sources = Sources { folder: &folder, journal: &journal, budget: Budget::new() };
    let canaries = canaries(&summary, run, &mut sources);
    let kept = record.end.as_ref().map_or(&[][..], |end| &end.kept);
    let page = Page {
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        subject: Shown::new(summary.target.subject.as_deref().unwrap_or("the reference runtime"), 120),
        overview: overview(&summary, &Command::run_again(run, None), kept),
        weaknesses: weaknesses(&summary, run),
        findings: findings(&summary),
        causes: causes(record, &summary, run),
        verdicts: verdicts(&summary.canaries),
        has_evidence: canaries.iter().flat_map(|canary| &canary.turns).any(|turn| !turn.tabs.is_empty()),
        canaries,
    };
    Ok(page.render()?)
}

/// Returns the policy: nothing is loaded, and only the style and the script of this file are used.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(STYLE),
        hash(SCRIPT),
    )
}

/// Returns the policy of a page with the same style and no script.
pub(crate) fn policy_without_script() -> String {
    format!("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'", hash(STYLE))
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

/// Returns the canaries in the order of the plan. Those that did not pass get the room for evidence first.
fn canaries(summary: &Summary, run: &RunInfo, sources: &mut Sources<'_>) -> Vec<CanaryView> {
    let shown: HashSet<&str> =
        summary.causes.iter().map(|cause| cause.shown.as_str()).take(MAX_OPEN).collect();
    let mut order: Vec<(usize, &CanaryReport)> = summary.canaries.iter().enumerate().collect();
    order.sort_by_key(|(_, report)| (!shown.contains(report.id.as_str()), !is_red(report.verdict)));
    let mut views: Vec<(usize, CanaryView)> = order
        .into_iter()
        .map(|(at, report)| (at, canary(report, shown.contains(report.id.as_str()), run, sources)))
        .collect();
    views.sort_by_key(|(at, _)| *at);
    views.into_iter().map(|(_, view)| view).collect()
}

/// Returns the calls that the events name.
fn named_calls(canaries: &[CanaryReport]) -> HashSet<u64> {
    let turns = canaries.iter().flat_map(|canary| &canary.turns);
    turns.flat_map(|turn| turn.model_call_seqs.iter().chain(&turn.peer_call_seqs)).copied().collect()
}

/// Returns the verdicts that occur, those that a reader must look at first.
fn verdicts(canaries: &[CanaryReport]) -> Vec<(&'static str, usize)> {
    let count = |verdict| canaries.iter().filter(|canary| canary.verdict == verdict).count();
    [Verdict::Fail, Verdict::Xpass, Verdict::Error, Verdict::Xfail, Verdict::Skip, Verdict::Pass]
        .into_iter()
        .map(|verdict| (verdict.name(), count(verdict)))
        .filter(|(_, count)| *count > 0)
        .collect()
}
