//! A comparison for a terminal or a log.

use super::{CanaryChange, Change, Comparison, FindingChange, words};
use crate::{escape_bounded, view::duration};

const MAX_ID: usize = 60;
const MAX_TEXT: usize = 300;
/// The most canaries that are listed for one change.
const MAX_LISTED: usize = 200;

/// Returns the lines.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (name, run) in [("old", &comparison.old), ("new", &comparison.new)] {
        let facts: Vec<String> = words::run(run).iter().map(|fact| shown(fact)).collect();
        text.push_str(&format!("{name}: {}\n", facts.join(" · ")));
    }
    for change in Change::ALL.into_iter().filter(|change| *change != Change::Unchanged) {
        let canaries: Vec<&CanaryChange> =
            comparison.canaries.iter().filter(|canary| canary.change == change).collect();
        if canaries.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{} ({}):\n", change.name(), change.meaning()));
        canaries.iter().take(MAX_LISTED).for_each(|canary| text.push_str(&listed(canary)));
        if canaries.len() > MAX_LISTED {
            text.push_str(&format!("  {} more\n", canaries.len() - MAX_LISTED));
        }
    }
    if !comparison.findings.is_empty() {
        text.push_str("\nfindings that fail a run:\n");
        comparison.findings.iter().take(MAX_LISTED).for_each(|finding| text.push_str(&found(finding)));
    }
    if !comparison.causes.is_empty() {
        text.push_str("\ncauses (canaries in the old and the new run):\n");
        for cause in &comparison.causes {
            text.push_str(&format!("  {:28} {} → {}\n", cause.code, cause.old, cause.new));
        }
    }
    let (old, new) = (duration(comparison.old.duration_ms), duration(comparison.new.duration_ms));
    text.push_str(&format!("\ntook: {old} → {new}, which is not judged\n"));
    if let Some(problem) = &comparison.problem {
        text.push_str(&format!("could not be compared: {}\n", shown(problem)));
    }
    text.push_str(&format!(
        "{} {}: {}\n",
        words::sign(comparison),
        words::headline(comparison),
        words::tally(comparison)
    ));
    text
}

fn listed(canary: &CanaryChange) -> String {
    let (old, new) = (words::side(canary.old.as_ref()), words::side(canary.new.as_ref()));
    let took = words::took(canary).map(|took| format!("  ({took})")).unwrap_or_default();
    let mut text = format!("  {:20} {old} → {new}{took}\n", escape_bounded(&canary.id, MAX_ID));
    if let Some(why) = words::why(canary) {
        text.push_str(&format!("      {}\n", shown(&why)));
    }
    if let Some(note) = words::note(canary) {
        text.push_str(&format!("      note: {note}\n"));
    }
    text
}

fn found(finding: &FindingChange) -> String {
    let canary = finding.canary.as_ref().map(|id| format!(" ({})", escape_bounded(id, MAX_ID)));
    let (code, change) = (finding.code, finding.change.name());
    format!("  {change}: {code}{}: {}\n", canary.unwrap_or_default(), shown(&finding.sentence))
}

fn shown(text: &str) -> String {
    escape_bounded(text, MAX_TEXT)
}
