//! The kill matrix for people: a line for each fault, and what is wrong beneath it.

use std::fmt::Write;

use coalmine::event::Verdict;

use super::outcome::{Found, Outcome, Totals, Undetected};
use crate::commands::list::several;

/// Returns the line of a fault, under the heading of its layer if it is the first one there.
pub(super) fn row(outcome: &Outcome, is_first: bool, seed: u64) -> String {
    let mut text = if is_first { format!("\n{}\n", outcome.layer) } else { String::new() };
    let sign = if outcome.is_right() { ' ' } else { '!' };
    let killed = match outcome.killed_by.len() {
        0 if !outcome.is_tried() => "not tried".to_owned(),
        0 => "nobody".to_owned(),
        _ => several(&outcome.killed_by),
    };
    let code = outcome.found_code.as_deref().unwrap_or("-");
    let _ = write!(text, "{sign} {:<28} {killed:<20} {code}", outcome.id);
    let mut wrong = |label: &str, what: String| {
        let _ = write!(text, "\n      {label}: {what}");
    };
    if !outcome.not_judged.is_empty() {
        wrong("also skipped without a fault", outcome.not_judged.join(", "));
    }
    if !outcome.missed.is_empty() {
        wrong("must fail and did not", list(outcome.missed.iter().map(missed)));
    }
    if !outcome.undeclared.is_empty() {
        wrong("failed undeclared", list(outcome.undeclared.iter().map(found)));
    }
    if outcome.is_killed() && !outcome.has_right_code() {
        wrong("expected code", outcome.code.to_owned());
    }
    if !outcome.wrong_layer.is_empty() {
        wrong("another layer", list(outcome.wrong_layer.iter().map(found)));
    }
    if !outcome.is_right() {
        let canaries = outcome.suspects().into_iter().filter(|id| *id != "*").collect::<Vec<_>>().join(",");
        wrong("again", format!("coalmine run --fault {} --seed {seed} --canary {canaries}", outcome.id));
    }
    text
}

/// Returns the last lines.
pub(super) fn totals(totals: &Totals) -> String {
    let Totals { faults, untried, killed, code_right, layer_right, missed, undeclared } = totals;
    let counted = |count: usize, one: &str, several: &str| match count {
        0 => String::new(),
        1 => format!(", 1 {one}"),
        _ => format!(", {count} {several}"),
    };
    format!(
        "\n{killed} of {faults} faults found, {code_right} with the declared code, {layer_right} at the declared layer{}{}{}",
        counted(*untried, "fault not tried", "faults not tried"),
        counted(*missed, "declared canary did not fail", "declared canaries did not fail"),
        counted(*undeclared, "undeclared canary failed", "undeclared canaries failed"),
    )
}

fn missed(missed: &Undetected) -> String {
    let verdict = match missed.verdict {
        None => "did not run",
        Some(Verdict::Skip) => "skipped",
        Some(_) => "passed",
    };
    format!("{} ({verdict})", missed.canary)
}

fn found(found: &Found) -> String {
    format!("{} ({})", found.canary, found.code)
}

/// The most canaries that are listed in a line.
const MAX_LISTED: usize = 5;

fn list(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(MAX_LISTED);
    let mut text = items.take(MAX_LISTED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        Outcome {
            id: "session.global",
            layer: "session",
            code: "session.shared",
            declared: vec!["isolation", "three-sessions"],
            killed_by: vec!["isolation".into(), "three-sessions".into()],
            missed: vec![],
            not_judged: vec![],
            undeclared: vec![],
            found_code: Some("session.shared".into()),
            wrong_layer: vec![],
        }
    }

    #[test]
    fn right_fault_has_one_line() {
        let line = "  session.global               2 canaries           session.shared";
        assert_eq!(row(&outcome(), false, 1), line);
        assert_eq!(row(&outcome(), true, 1), format!("\nsession\n{line}"));
    }

    #[test]
    fn what_is_wrong_stands_beneath_with_the_run_that_shows_it() {
        let outcome = Outcome {
            killed_by: vec!["isolation".into()],
            missed: vec![Undetected { canary: "three-sessions".into(), verdict: Some(Verdict::Skip) }],
            undeclared: vec![Found { canary: "cancel".into(), code: "wire.timeout".into() }],
            wrong_layer: vec![Found { canary: "cancel".into(), code: "wire.timeout".into() }],
            ..outcome()
        };
        let expected = "! session.global               isolation            session.shared
      must fail and did not: three-sessions (skipped)
      failed undeclared: cancel (wire.timeout)
      another layer: cancel (wire.timeout)
      again: coalmine run --fault session.global --seed 7 --canary cancel,three-sessions";
        assert_eq!(row(&outcome, false, 7), expected);
    }

    #[test]
    fn totals_count_what_is_wrong() {
        let (missed, undeclared, untried) = (0, 0, 0);
        let good =
            Totals { faults: 9, untried, killed: 9, code_right: 9, layer_right: 9, missed, undeclared };
        let line = "\n9 of 9 faults found, 9 with the declared code, 9 at the declared layer";
        assert_eq!(totals(&good), line);
        let bad = totals(&Totals { missed: 1, undeclared: 2, untried: 1, ..good });
        assert_eq!(
            bad,
            format!(
                "{line}, 1 fault not tried, 1 declared canary did not fail, 2 undeclared canaries failed"
            )
        );
    }
}
