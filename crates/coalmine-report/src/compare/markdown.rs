//! A comparison for a pull request.

use super::{CanaryChange, Change, Comparison, words as said};
use crate::{
    format::{code, words},
    view::{Shown, duration},
};

const MAX_TEXT: usize = 300;
/// The most canaries that are listed for one change.
const MAX_LISTED: usize = 100;

/// Returns the text.
pub(super) fn markdown(comparison: &Comparison) -> String {
    let (sign, headline) = (said::sign(comparison), said::headline(comparison));
    let mut text = format!("## {sign} Coalmine: {headline}\n\n**{}**\n\n", said::tally(comparison));
    if let Some(problem) = &comparison.problem {
        text.push_str(&format!("Could not be compared: {}\n\n", bounded(problem)));
    }
    for (name, run) in [("old", &comparison.old), ("new", &comparison.new)] {
        let facts: Vec<String> =
            said::run(run).iter().map(|fact| code(Shown::new(fact, MAX_TEXT).as_str())).collect();
        text.push_str(&format!("- {name}: {} in {}\n", facts.join(" · "), duration(run.duration_ms)));
    }
    for change in Change::ALL.into_iter().filter(|change| *change != Change::Unchanged) {
        let canaries: Vec<&CanaryChange> =
            comparison.canaries.iter().filter(|canary| canary.change == change).collect();
        if canaries.is_empty() {
            continue;
        }
        text.push_str(&format!("\n### {}: {}\n\n", capital(change.name()), change.meaning()));
        canaries.iter().take(MAX_LISTED).for_each(|canary| text.push_str(&listed(canary)));
        if canaries.len() > MAX_LISTED {
            text.push_str(&format!("- {} more\n", canaries.len() - MAX_LISTED));
        }
    }
    if !comparison.findings.is_empty() {
        text.push_str("\n### Findings that fail a run\n\n");
        for finding in comparison.findings.iter().take(MAX_LISTED) {
            let (name, sentence) = (code(finding.code.id()), bounded(&finding.sentence));
            text.push_str(&format!("- {}: {name}: {sentence}\n", finding.change.name()));
        }
    }
    if !comparison.causes.is_empty() {
        text.push_str("\n| cause | old | new |\n|---|---|---|\n");
        for cause in &comparison.causes {
            text.push_str(&format!("| {} | {} | {} |\n", code(cause.code.id()), cause.old, cause.new));
        }
    }
    text
}

fn listed(canary: &CanaryChange) -> String {
    let (old, new) = (said::side(canary.old.as_ref()), said::side(canary.new.as_ref()));
    let why = said::why(canary).map(|why| format!(": {}", bounded(&why))).unwrap_or_default();
    let note = said::note(canary).map(|note| format!(" ({note})")).unwrap_or_default();
    format!("- {} {} → {}{why}{note}\n", code(Shown::new(&canary.id, 60).as_str()), words(&old), words(&new))
}

fn bounded(text: &str) -> String {
    words(Shown::new(text, MAX_TEXT).as_str())
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
