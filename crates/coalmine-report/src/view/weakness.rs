//! What weakens a pass: everything that was not judged, or was judged under conditions that customers do not meet.

use coalmine::event::{CanaryReport, Code, Finding, ModelMode, RunInfo, Severity, Verdict};

use super::{
    advice::{Sentence, sentence},
    shown::{Shown, anchor},
};
use crate::{Summary, SummaryBaseline, text::baseline_groups};

const MAX_TEXT: usize = 500;
const MAX_ID: usize = 60;
/// The most canaries that are named for one reason, and the most findings.
const MAX_NAMES: usize = 60;
const MAX_FINDINGS: usize = 200;

/// Canaries that speak the other dialect as well. Without them, one dialect only was tried.
const BOTH_DIALECTS: [&str; 2] = ["dialect-parity", "dialect-files"];

/// One thing that weakens the verdict.
#[derive(Debug)]
pub(crate) struct Weakness {
    pub(crate) what: Shown,
    pub(crate) detail: Option<Sentence>,
    pub(crate) canaries: Vec<Link>,
    /// How many canaries are not named.
    pub(crate) more: usize,
    /// The line of a profile with which it would be judged.
    pub(crate) profile_line: Option<Shown>,
}

/// A canary, and its place in the page.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) anchor: Shown,
    pub(crate) id: Shown,
}

/// Something that was found although no canary asked about it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) code: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) sentence: Sentence,
    pub(crate) canary: Option<Link>,
    pub(crate) fails: bool,
}

impl Link {
    pub(crate) fn new(id: &str) -> Self {
        Self { anchor: anchor(id), id: Shown::new(id, MAX_ID) }
    }
}

impl Weakness {
    fn new(what: &str) -> Self {
        Self { what: Shown::new(what, MAX_TEXT), detail: None, canaries: vec![], more: 0, profile_line: None }
    }

    fn detail(self, detail: &str) -> Self {
        Self { detail: Some(sentence(detail, MAX_TEXT)), ..self }
    }

    fn canaries(self, canaries: &[&CanaryReport]) -> Self {
        Self {
            canaries: canaries.iter().take(MAX_NAMES).map(|canary| Link::new(&canary.id)).collect(),
            more: canaries.len().saturating_sub(MAX_NAMES),
            ..self
        }
    }
}

/// Returns what weakens the verdict, what weighs most first.
pub(crate) fn weaknesses(summary: &Summary, run: &RunInfo) -> Vec<Weakness> {
    let mut all = Vec::new();
    all.extend(summary.baseline.iter().flat_map(of_baseline));
    all.extend(of_model(run.model));
    all.extend(summary.findings.iter().filter(|finding| finding.code.weakens_evidence()).map(of_finding));
    all.extend(skipped(&summary.canaries));
    all.extend(limits(&summary.canaries));
    all.extend(of_dialect(summary));
    if !run.asked.is_empty() {
        let asked = format!("Only the canaries that were asked for ran: {}", run.asked.join(", "));
        all.push(Weakness::new(&asked));
    }
    if run.jobs == 1 {
        all.push(Weakness::new("With --jobs 1, nothing was tried beside other conversations"));
    }
    all
}

/// Returns the findings that do not weaken the verdict, those that fail the run first.
pub(crate) fn findings(summary: &Summary) -> Vec<Found> {
    let mut findings: Vec<&Finding> =
        summary.findings.iter().filter(|one| !one.code.weakens_evidence()).collect();
    findings.sort_by_key(|finding| finding.severity != Severity::Fail);
    findings.into_iter().take(MAX_FINDINGS).map(found).collect()
}

fn found(finding: &Finding) -> Found {
    Found {
        code: finding.code.id(),
        meaning: finding.code.sentence(),
        sentence: sentence(&finding.sentence, MAX_TEXT),
        canary: finding.canary.as_deref().map(Link::new),
        fails: finding.severity == Severity::Fail,
    }
}

fn of_finding(finding: &Finding) -> Weakness {
    let what = match finding.code {
        Code::ProviderLenient => "The provider was lenient: it answered what a real one refuses",
        Code::RunNetworkOpen => "The network was open: the container could reach the outside world",
        Code::ArtifactIncomplete | Code::ArtifactJournal | Code::RunOverBudget => "Evidence was lost",
        code => code.sentence(),
    };
    Weakness::new(what).detail(&format!("{}: {}", finding.code, finding.sentence))
}

/// Returns what the baseline has to do with the verdict, except what failed.
fn of_baseline(baseline: &SummaryBaseline) -> Vec<Weakness> {
    let groups = baseline_groups(baseline).into_iter().filter(|group| *group.canaries != baseline.worse[..]);
    groups
        .map(|group| Weakness {
            canaries: group.canaries.iter().take(MAX_NAMES).map(|id| Link::new(id)).collect(),
            more: group.canaries.len().saturating_sub(MAX_NAMES),
            ..Weakness::new(&capitalized(group.label))
        })
        .collect()
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn of_model(model: ModelMode) -> Option<Weakness> {
    match model {
        ModelMode::Simulated => None,
        ModelMode::Live => Some(Weakness::new("A live model answered").detail(
            "Its prompts cannot be seen: only the facts in the replies were judged, and a model may guess or err.",
        )),
        ModelMode::CanaryMode => Some(Weakness::new("No model was asked").detail(
            "The runtime answered from its own state (canary mode), so the way to the model was not judged.",
        )),
    }
}

/// Returns one weakness for each reason.
fn skipped(canaries: &[CanaryReport]) -> Vec<Weakness> {
    let skipped: Vec<&CanaryReport> =
        canaries.iter().filter(|canary| canary.verdict == Verdict::Skip).collect();
    let groups = grouped(&skipped);
    let weakness = |(reason, members): (&str, Vec<&CanaryReport>)| {
        let count = members.len();
        let what = if count == 1 {
            "1 canary was skipped".to_owned()
        } else {
            format!("{count} canaries were skipped")
        };
        let line = members.iter().find_map(|canary| canary.hint_toml.as_deref());
        let profile_line = line.map(|line| Shown::new(line, MAX_TEXT));
        Weakness { profile_line, ..Weakness::new(&what).detail(reason).canaries(&members) }
    };
    groups.into_iter().map(weakness).collect()
}

/// Returns what could not be judged of canaries that passed, and the failures that the profile expects.
fn limits(canaries: &[CanaryReport]) -> Vec<Weakness> {
    let with = |verdict: Verdict| {
        canaries
            .iter()
            .filter(move |canary| canary.verdict == verdict && canary.reason.is_some())
            .filter(|canary| canary.baseline.is_none())
            .collect::<Vec<_>>()
    };
    let passed = grouped(&with(Verdict::Pass)).into_iter().map(|(reason, members)| {
        Weakness::new("Passed, but not everything could be judged").detail(reason).canaries(&members)
    });
    let known = grouped(&with(Verdict::Xfail)).into_iter().map(|(reason, members)| {
        Weakness::new("Failed, as the profile says (a known limit)").detail(reason).canaries(&members)
    });
    passed.chain(known).collect()
}

fn of_dialect(summary: &Summary) -> Option<Weakness> {
    let spoken = summary.target.dialect.as_deref()?;
    let tried_both = summary.canaries.iter().any(|canary| {
        BOTH_DIALECTS.contains(&canary.id.as_str())
            && !matches!(canary.verdict, Verdict::Skip | Verdict::Error)
    });
    let what = format!("One dialect of A2A only was tried: {spoken}");
    (!tried_both).then(|| Weakness::new(&what).detail("No canary compared it with the other one."))
}

fn grouped<'a>(canaries: &[&'a CanaryReport]) -> Vec<(&'a str, Vec<&'a CanaryReport>)> {
    let mut groups: Vec<(&str, Vec<&CanaryReport>)> = Vec::new();
    for canary in canaries {
        let reason = canary.reason.as_deref().unwrap_or("no reason is given");
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, members)) => members.push(canary),
            None => groups.push((reason, vec![canary])),
        }
    }
    groups
}
