//! What all formats of a comparison say, before each escapes it in its own way.

use coalmine::event::Verdict;

use super::{CanaryChange, Change, ComparedCanary, ComparedRun, Comparison};
use crate::{
    text::rate,
    view::{duration, what},
};

/// Returns the verdict in words.
pub(super) fn headline(comparison: &Comparison) -> &'static str {
    match comparison.verdict {
        Verdict::Fail => "Regressed",
        Verdict::Error => "Could not be compared",
        _ if comparison.counts.weaker > 0 => "Nothing regressed, but less is judged",
        _ => "Nothing regressed",
    }
}

pub(super) fn sign(comparison: &Comparison) -> &'static str {
    match comparison.verdict {
        Verdict::Fail => "✗",
        Verdict::Error => "!",
        _ if comparison.counts.weaker > 0 => "!",
        _ => "✓",
    }
}

/// Returns the counts that are not zero: `1 regressed, 26 unchanged`.
pub(super) fn tally(comparison: &Comparison) -> String {
    let counted = Change::ALL.into_iter().map(|change| (comparison.counts.of(change), change));
    let words: Vec<String> = counted
        .filter(|(count, _)| *count > 0)
        .map(|(count, change)| format!("{count} {}", change.name()))
        .collect();
    if words.is_empty() { "no canary".to_owned() } else { words.join(", ") }
}

/// Returns what a run judged and when, in words.
pub(super) fn run(run: &ComparedRun) -> Vec<String> {
    let mut words = vec![what(&run.target)];
    words.extend(run.target.image_digest.clone());
    words.push(format!("profile {}", run.target.profile));
    words.push(format!("model {}", run.model.name()));
    words.push(format!("coalmine {}", run.version));
    words.push(format!("run {}", run.id));
    if !run.complete {
        words.push("cut off before its end".to_owned());
    }
    words
}

/// Returns what a run shows of a canary: `fail prompt.history-missing`, `19/20 passed (95 %, 76–99 %)`, `not there`.
pub(super) fn side(canary: Option<&ComparedCanary>) -> String {
    let Some(canary) = canary else { return "not there".to_owned() };
    let mut words = canary.verdict.name().to_owned();
    if let Some(code) = canary.code {
        words.push_str(&format!(" {code}"));
    }
    if let Some(rounds) = &canary.rounds {
        words.push_str(&format!(", {}", rate(rounds)));
    }
    words
}

/// Returns why the canary stands as it does: the sentence of the new run, and that of the old one if the new run has none or the
/// reason is another one. What is of the old run says so.
pub(super) fn why(canary: &CanaryChange) -> Option<String> {
    let (old, new) = (sentence(canary.old.as_ref()), sentence(canary.new.as_ref()));
    let is_other = canary.change == Change::Changed && old != new;
    let old = old.filter(|_| new.is_none() || is_other).map(|old| format!("before: {old}"));
    let new = new.map(|new| if old.is_some() { format!("now: {new}") } else { new.to_owned() });
    let all: Vec<String> = old.into_iter().chain(new).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn sentence(side: Option<&ComparedCanary>) -> Option<&str> {
    side?.sentence.as_deref()
}

/// Returns what else must be known about the change.
pub(super) fn note(canary: &CanaryChange) -> Option<&'static str> {
    let rounds = |side: &Option<ComparedCanary>| side.as_ref().is_some_and(|side| side.rounds.is_some());
    let verdict = |side: &Option<ComparedCanary>| side.as_ref().map(|side| side.verdict);
    match canary.change {
        Change::Changed
            if rounds(&canary.old) && rounds(&canary.new) && verdict(&canary.old) != verdict(&canary.new) =>
        {
            Some("the intervals of both rates overlap, so they may differ by chance")
        }
        Change::Weaker if canary.new.is_none() => Some("it passed in the old run and is not in the new one"),
        _ => None,
    }
}

/// Returns the durations: `12 ms → 15 ms`.
pub(super) fn took(canary: &CanaryChange) -> Option<String> {
    let (old, new) = (canary.old.as_ref()?, canary.new.as_ref()?);
    Some(format!("{} → {}", duration(old.duration_ms), duration(new.duration_ms)))
}
