//! What is told under a canary that failed or could not be judged.

use coalmine::event::{CanaryReport, CheckReport, Diagnosis, Evidence, RunInfo, Verdict};

use super::{Page, Paint, path, problem, turns};
use crate::{escape_bounded, run_again};

/// Columns of our own before everything in a block.
const INDENT: usize = 4;
/// What is shown of one text, in characters.
const TEXT: usize = 500;
/// How many checks, and how many pieces of evidence, are shown.
const CHECKS: usize = 8;
const EVIDENCE: usize = 8;
/// How many lines of one piece.
const LINES: usize = 8;

/// Writes blocks for one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block<'a> {
    pub(crate) paint: Paint,
    /// The run's folder, put before the paths in it; absent where they are wanted as they are.
    pub(crate) folder: Option<&'a str>,
    pub(crate) run: &'a RunInfo,
}

impl Block<'_> {
    /// The block as text.
    pub(crate) fn of(&self, canary: &CanaryReport) -> String {
        let mut page = Page::default();
        self.write(&mut page, canary);
        page.into_text()
    }

    pub(super) fn write(&self, page: &mut Page, canary: &CanaryReport) {
        if let Some(rounds) = canary.rounds.filter(|rounds| rounds.asked > 1) {
            page.line(INDENT, self.paint.dim(&format!("round {} of {}:", rounds.shown, rounds.asked)));
        }
        turns::turns(page, self.paint, INDENT, canary);
        self.checks(page, &canary.checks);
        let again = run_again(self.run, Some(&canary.id));
        match &canary.diagnosis {
            Some(diagnosis) if canary.verdict == Verdict::Error => {
                problem::problem(page, self, INDENT, diagnosis, canary.reason.as_deref(), &[]);
            }
            Some(diagnosis) => self.diagnosis(page, diagnosis),
            None => {
                let reason = canary.reason.iter().map(|reason| escape_bounded(reason, TEXT));
                reason.for_each(|reason| page.line(INDENT, format!("reason: {reason}")));
            }
        }
        page.line(INDENT, format!("again: {again}"));
    }

    fn checks(&self, page: &mut Page, checks: &[CheckReport]) {
        let missed = || checks.iter().filter(|check| matches!(check.verdict, Verdict::Fail | Verdict::Error));
        for check in missed().take(CHECKS) {
            page.line(INDENT, self.paint.dim(&escape_bounded(&check.id, TEXT)));
            page.line(INDENT + 2, format!("expected  {}", escape_bounded(&check.expected, TEXT)));
            page.line(INDENT + 2, format!("got       {}", escape_bounded(&check.actual, TEXT)));
        }
        let more = missed().count().saturating_sub(CHECKS);
        if more > 0 {
            page.line(INDENT, format!("({more} more failed checks are in `summary.json`)"));
        }
    }

    fn diagnosis(&self, page: &mut Page, diagnosis: &Diagnosis) {
        path::write(page, self.paint, INDENT, &diagnosis.path, &diagnosis.sentence);
        let code = diagnosis.code;
        page.line(
            INDENT,
            format!("{}: {}", self.paint.bad(code.id()), escape_bounded(&diagnosis.sentence, TEXT)),
        );
        self.evidence(page, INDENT, &diagnosis.evidence);
        page.line(INDENT, format!("explain: coalmine explain {code}"));
    }

    pub(super) fn evidence(&self, page: &mut Page, indent: usize, evidence: &[Evidence]) {
        for one in evidence.iter().take(EVIDENCE) {
            let place = one.path.iter().map(|path| self.place(path));
            let what = std::iter::once(escape_bounded(&one.what, TEXT)).chain(place);
            let words: Vec<_> = what.filter(|word| !word.is_empty()).collect();
            page.line(indent, format!("evidence: {}", words.join(": ")));
            for line in one.text.lines().take(LINES) {
                page.line(indent + 2, format!("| {}", escape_bounded(line, TEXT)));
            }
        }
        let more = evidence.len().saturating_sub(EVIDENCE);
        if more > 0 {
            page.line(indent, format!("evidence: {more} more in `summary.json`"));
        }
    }

    /// A file of the run's folder, as the reader would type it.
    fn place(&self, path: &str) -> String {
        let path = escape_bounded(path, TEXT);
        match self.folder {
            Some(folder) => format!("{}/{path}", escape_bounded(folder.trim_end_matches('/'), TEXT)),
            None => path,
        }
    }
}
