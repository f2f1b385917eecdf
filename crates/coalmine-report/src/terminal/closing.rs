//! The last lines: what else is worth knowing, and how the run ended.

use coalmine::event::{Counts, RunEnded, Verdict};

use super::{columns::seconds, page::Page};
use crate::{
    Record,
    text::{Excerpt, Line},
};

const MAX_FINDINGS: usize = 10;
const MAX_KEPT: usize = 10;
/// The most skipped canaries that are named.
const MAX_SKIPPED: usize = 10;
const MAX_TEXT: usize = 300;

/// The end of a run.
#[derive(Debug)]
pub(super) struct Closing<'a> {
    pub(super) record: &'a Record,
    pub(super) quiet: bool,
    pub(super) folder: Option<&'a str>,
}

impl Closing<'_> {
    pub(super) fn write(&self, page: &mut Page) {
        let verdict = self.record.verdict();
        let green = verdict == Verdict::Pass;
        if !self.quiet {
            self.findings(page);
            self.kept(page);
        }
        if self.quiet && green {
            return;
        }
        if !green {
            page.separate();
        }
        page.line(0, &self.sentence().in_role(verdict.into()));
        if let (false, Some(folder)) = (green, self.folder) {
            page.line(0, &Line::new("evidence: ").plain(&text(folder)));
        }
    }

    fn findings(&self, page: &mut Page) {
        let findings = &self.record.findings;
        for finding in findings.iter().take(MAX_FINDINGS) {
            let code = finding.code;
            page.line(0, &Line::new(format!("finding: {code}: ")).plain(&text(&finding.sentence)));
        }
        if findings.len() > MAX_FINDINGS {
            let more = findings.len() - MAX_FINDINGS;
            page.line(0, &Line::new(format!("finding: {more} more in `summary.json`")));
        }
    }

    fn kept(&self, page: &mut Page) {
        let kept = self.record.end.iter().flat_map(|end| &end.kept);
        kept.take(MAX_KEPT).for_each(|line| page.line(0, &Line::new("kept: ").plain(&text(line))));
    }

    /// Returns the closing line, such as `7 passed in 0.12 s`.
    fn sentence(&self) -> Line {
        let counts = self.record.counts();
        let end = self.record.end.as_ref();
        let took = end.map_or(self.record.at_ms, |end| end.duration_ms);
        let line =
            Line::new(self.prefix(counts, end)).plain(tally(counts)).plain(format!(" in {}", seconds(took)));
        if self.record.strict() && counts.skip > 0 { self.add_skipped(line, counts) } else { line }
    }

    /// Adds why a run without a failure has failed.
    fn add_skipped(&self, line: Line, counts: Counts) -> Line {
        let mut line = line.plain("; FAILED, because with `--strict` skipped canaries count: ");
        let skipped = self.record.ended.iter().filter(|canary| canary.verdict == Verdict::Skip);
        for (position, canary) in skipped.take(MAX_SKIPPED).enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            line = line.plain(separator).plain(&text(&canary.id));
        }
        match (counts.skip as usize).saturating_sub(MAX_SKIPPED) {
            0 => line,
            more => line.plain(format!(", {more} more")),
        }
    }

    fn prefix(&self, counts: Counts, end: Option<&RunEnded>) -> &'static str {
        let judged_nothing = counts.pass + counts.fail + counts.xfail + counts.xpass == 0;
        match end {
            None => "cut off: ",
            Some(RunEnded { interrupted: true, .. }) => "interrupted: ",
            Some(_) if judged_nothing && self.record.verdict() != Verdict::Fail => "could not judge: ",
            Some(_) if counts.error == 0 && self.record.verdict() == Verdict::Error => "could not judge: ",
            Some(_) => "",
        }
    }
}

fn text(text: &str) -> Excerpt {
    Excerpt::new(text, MAX_TEXT)
}

fn tally(counts: Counts) -> String {
    let Counts { pass, fail, error, skip, xfail, xpass } = counts;
    let errors = if error == 1 { "error" } else { "errors" };
    let all = [
        (pass, "passed"),
        (fail, "FAILED"),
        (xpass, "PASSED UNEXPECTEDLY"),
        (error, errors),
        (xfail, "failed as expected"),
        (skip, "skipped"),
    ];
    let counted = all.iter().filter(|(count, _)| *count > 0);
    let words: Vec<_> = counted.map(|(count, word)| format!("{count} {word}")).collect();
    if words.is_empty() { "no canary was run".to_owned() } else { words.join(", ") }
}
