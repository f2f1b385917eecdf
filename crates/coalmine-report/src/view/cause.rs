//! Why canaries failed or could not be judged: each cause once, with what to do about it.

use coalmine::event::{CanaryReport, Code, Diagnosis, Evidence, Mark, PathStep, RunInfo, Verdict};

use super::{
    advice::{self, Advice, Block, Sentence, sentence},
    shown::{Shown, address, anchor},
    weakness::Link,
};
use crate::{Record, Summary, text::Command};

const MAX_TEXT: usize = 600;
const MAX_COMMAND: usize = 4_000;
const MAX_EVIDENCE: usize = 12;
const MAX_NAMES: usize = 200;
/// The most entries for a profile that are written out.
const MAX_LIMITS: usize = 40;

/// One cause.
#[derive(Debug)]
pub(crate) struct CauseView {
    pub(crate) anchor: Shown,
    pub(crate) code: &'static str,
    pub(crate) layer: &'static str,
    /// What the code means.
    pub(crate) meaning: &'static str,
    /// What happened in this run.
    pub(crate) sentence: Sentence,
    pub(crate) cause: Option<Sentence>,
    pub(crate) hint: Option<Sentence>,
    /// The canary that explains it best, and its turn.
    pub(crate) shown: Option<(Link, Option<Link>)>,
    pub(crate) canaries: Vec<Link>,
    pub(crate) more: usize,
    pub(crate) path: Vec<Stop>,
    pub(crate) expected: Vec<Expected>,
    pub(crate) missing: Vec<Shown>,
    pub(crate) unwanted: Vec<Shown>,
    pub(crate) advice: Advice,
    /// Lines of a profile with which the canaries would be judged.
    pub(crate) profile_lines: Vec<Shown>,
    /// Entries of a profile that accept the failures.
    pub(crate) known_limits: Option<Shown>,
    pub(crate) means: Vec<Block>,
    pub(crate) usual: Vec<Block>,
    pub(crate) evidence: Vec<Proof>,
    pub(crate) again: Shown,
}

/// A step of the path of a fact.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) name: &'static str,
    pub(crate) mark: &'static str,
    pub(crate) sign: &'static str,
    pub(crate) words: &'static str,
    pub(crate) note: Option<Sentence>,
}

/// What was expected, and what came.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) id: Shown,
    pub(crate) expected: Sentence,
    pub(crate) actual: Shown,
}

/// A piece of evidence.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) what: Shown,
    pub(crate) text: Shown,
    pub(crate) path: Option<Shown>,
    pub(crate) address: Option<Shown>,
}

/// Returns all causes: first what stopped the run as a whole, then the others in the order of the layers.
pub(crate) fn causes(record: &Record, summary: &Summary, run: &RunInfo) -> Vec<CauseView> {
    let whole = record.end.as_ref().and_then(|end| end.diagnosis.as_ref());
    let alone = whole.filter(|whole| summary.causes.iter().all(|cause| cause.code != whole.code));
    let mut views: Vec<CauseView> = alone.map(|whole| view(whole, None, &[], run)).into_iter().collect();
    for cause in &summary.causes {
        let members: Vec<&CanaryReport> =
            summary.canaries.iter().filter(|canary| cause.canaries.contains(&canary.id)).collect();
        let shown = members.iter().find(|canary| canary.id == cause.shown).copied();
        let diagnosis = shown.and_then(|canary| canary.diagnosis.as_ref());
        if let Some(diagnosis) = whole.filter(|whole| whole.code == cause.code).or(diagnosis) {
            views.push(view(diagnosis, shown, &members, run));
        }
    }
    views
}

fn view(
    diagnosis: &Diagnosis,
    shown: Option<&CanaryReport>,
    members: &[&CanaryReport],
    run: &RunInfo,
) -> CauseView {
    let code = diagnosis.code;
    let turn = shown.and_then(|canary| canary.turns.iter().find(|turn| Some(turn.number) == diagnosis.turn));
    let failed = members.iter().any(|canary| canary.verdict == Verdict::Fail);
    // what failed with the others may fail only with them, and what stopped everything stops each of them
    let alone = shown.filter(|_| failed).map(|canary| canary.id.as_str());
    let texts = |texts: Option<&Vec<String>>| {
        texts.into_iter().flatten().map(|text| Shown::new(text, MAX_TEXT)).collect()
    };
    CauseView {
        anchor: cause_anchor(code),
        code: code.id(),
        layer: diagnosis.layer.name(),
        meaning: code.sentence(),
        sentence: sentence(&diagnosis.sentence, MAX_TEXT),
        cause: diagnosis.cause.as_ref().map(|cause| sentence(cause, MAX_TEXT)),
        hint: diagnosis.hint.as_ref().map(|hint| sentence(hint, MAX_TEXT)),
        shown: shown
            .map(|canary| (Link::new(&canary.id), turn.map(|turn| turn_link(&canary.id, turn.number)))),
        canaries: members.iter().take(MAX_NAMES).map(|canary| Link::new(&canary.id)).collect(),
        more: members.len().saturating_sub(MAX_NAMES),
        path: path(&diagnosis.path),
        expected: shown.map(expected).unwrap_or_default(),
        missing: texts(turn.map(|turn| &turn.missing)),
        unwanted: texts(turn.map(|turn| &turn.unwanted)),
        advice: advice::advice(code.page()),
        profile_lines: profile_lines(members),
        known_limits: known_limits(code, members),
        means: advice::section(code.page(), "What it means"),
        usual: advice::section(code.page(), "Usual causes"),
        evidence: diagnosis.evidence.iter().take(MAX_EVIDENCE).map(proof).collect(),
        again: Shown::new(&Command::run_again(run, alone).shell(), MAX_COMMAND),
    }
}

/// Returns the place of a cause in the page. No canary has a name that begins with `_`.
pub(crate) fn cause_anchor(code: Code) -> Shown {
    anchor(&format!("_cause-{code}"))
}

pub(crate) fn turn_link(canary: &str, number: u32) -> Link {
    Link { anchor: anchor(&format!("{canary}-turn-{number}")), id: Shown::whole(format!("turn {number}")) }
}

/// Returns the steps with their marks.
pub(crate) fn path(steps: &[PathStep]) -> Vec<Stop> {
    let stop = |PathStep { step, mark, note }: &PathStep| {
        let (mark, sign, words) = match mark {
            Mark::Ok => ("ok", "✓", "held"),
            Mark::Broken => ("broken", "✗", "broken here"),
            Mark::After => ("after", "·", "not judged, comes after the break"),
            Mark::Unknown => ("unknown", "?", "could not be observed"),
        };
        let note = (!note.is_empty()).then(|| sentence(note, MAX_TEXT));
        Stop { name: step.name(), mark, sign, words, note }
    };
    steps.iter().take(20).map(stop).collect()
}

fn expected(canary: &CanaryReport) -> Vec<Expected> {
    let failed = canary.checks.iter().filter(|check| matches!(check.verdict, Verdict::Fail | Verdict::Error));
    let shown = |text: &str| Shown::new(text, MAX_TEXT);
    failed
        .take(4)
        .map(|check| Expected {
            id: shown(&check.id),
            expected: sentence(&check.expected, MAX_TEXT),
            actual: shown(&check.actual),
        })
        .collect()
}

fn profile_lines(members: &[&CanaryReport]) -> Vec<Shown> {
    let mut lines: Vec<&str> = members.iter().filter_map(|canary| canary.hint_toml.as_deref()).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.into_iter().take(MAX_LIMITS).map(|line| Shown::new(line, MAX_TEXT)).collect()
}

/// Returns the entries of a profile that accept the failures for now.
fn known_limits(code: Code, members: &[&CanaryReport]) -> Option<Shown> {
    let failed = members.iter().filter(|canary| canary.verdict == Verdict::Fail).take(MAX_LIMITS);
    let entry = |canary: &&CanaryReport| {
        format!("[[known-limit]]\ncanary = {:?}\ncode   = \"{code}\"\nreason = \"…\"\n", canary.id)
    };
    let entries: Vec<String> = failed.map(entry).collect();
    (!entries.is_empty()).then(|| Shown::new(entries.join("\n").trim_end(), MAX_COMMAND))
}

pub(crate) fn proof(Evidence { what, text, path }: &Evidence) -> Proof {
    let path = path.as_deref().filter(|path| !path.is_empty());
    Proof {
        what: Shown::new(what, MAX_TEXT),
        text: Shown::new(text, MAX_TEXT),
        path: path.map(|path| Shown::new(path, MAX_TEXT)),
        address: path.and_then(address),
    }
}
