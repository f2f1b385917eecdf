//! A text with its label, and a check with what came of it.

use coalmine::event::{CheckReport, Verdict};

use super::{marked::Marked, tab::Step};
use crate::view::{Sentence, Shown, sentence};

const MAX_LABEL: usize = 200;
const MAX_NOTE: usize = 600;
/// The most checks that are shown of one turn.
const MAX_CHECKS: usize = 60;
/// The placeholder for a text that does not fit into the page.
const NO_ROOM: &str =
    "Not in the page, which holds 5 MB of evidence at most; see the files in the run's folder.";

/// A check, and what came of it.
#[derive(Debug)]
pub(super) struct CheckView {
    pub(super) verdict: &'static str,
    pub(super) sign: &'static str,
    pub(super) id: Shown,
    pub(super) expected: Sentence,
    pub(super) actual: Shown,
}

/// A text with its label, or several texts that are folded into one line.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) label: Shown,
    /// `new`, `gone`, `same` or nothing.
    pub(super) state: &'static str,
    pub(super) badge: Option<Shown>,
    pub(super) text: Option<Marked>,
    pub(super) note: Option<Shown>,
    /// The file that holds it, by its address and name.
    pub(super) file: Option<(Option<Shown>, Shown)>,
    /// Whether it is shown only when it is asked for.
    pub(super) folded: bool,
    pub(super) inner: Vec<Entry>,
}

impl Entry {
    pub(super) fn new(label: &str, text: Option<Marked>) -> Self {
        let note = text.is_none().then(|| Shown::whole(NO_ROOM));
        Self { label: Shown::new(label, MAX_LABEL), text, note, ..Self::default() }
    }

    pub(super) fn note(label: &str, note: &str) -> Self {
        Self {
            label: Shown::new(label, MAX_LABEL),
            note: Some(Shown::new(note, MAX_NOTE)),
            ..Self::default()
        }
    }

    pub(super) fn folded(self) -> Self {
        Self { folded: true, ..self }
    }
}

/// Returns a check.
pub(super) fn check(report: &CheckReport) -> CheckView {
    let (verdict, sign) = match report.verdict {
        Verdict::Pass => ("pass", "✓"),
        Verdict::Fail | Verdict::Xpass => ("fail", "✗"),
        Verdict::Error => ("error", "!"),
        Verdict::Skip | Verdict::Xfail => ("skip", "–"),
    };
    CheckView {
        verdict,
        sign,
        id: Shown::new(&report.id, MAX_LABEL),
        expected: sentence(&report.expected, MAX_NOTE),
        actual: Shown::new(&report.actual, MAX_NOTE),
    }
}

/// Returns the checks of a turn that are about a step.
pub(super) fn checks_of(checks: &[(&str, &CheckReport)], step: Step) -> Vec<CheckView> {
    let of_step = checks.iter().filter(|(key, _)| Step::of_check(key) == step);
    of_step.take(MAX_CHECKS).map(|(_, report)| check(report)).collect()
}
