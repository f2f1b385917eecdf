//! The last lines: what else is worth knowing, and how it ended.

use coalmine::event::{Counts, RunEnded, Verdict};

use super::{Page, Paint, line};
use crate::{Record, escape_bounded};

/// How many findings and kept things are told.
const FINDINGS: usize = 10;
const KEPT: usize = 10;
/// How many skipped canaries are named.
const SKIPPED: usize = 10;
const TEXT: usize = 300;

/// The end of a run.
#[derive(Debug)]
pub(super) struct Closing<'a> {
    pub(super) record: &'a Record,
    pub(super) paint: Paint,
    pub(super) quiet: bool,
    pub(super) folder: Option<&'a str>,
}

impl Closing<'_> {
    pub(super) fn write(&self, page: &mut Page) {
        let green = self.record.verdict() == Verdict::Pass;
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
        page.line(0, self.paint.verdict(self.record.verdict(), &self.sentence()));
        if let (false, Some(folder)) = (green, self.folder) {
            page.line(0, format!("evidence: {}", escape_bounded(folder, TEXT)));
        }
    }

    fn findings(&self, page: &mut Page) {
        let findings = &self.record.findings;
        for finding in findings.iter().take(FINDINGS) {
            let code = finding.code;
            page.line(0, format!("finding: {code}: {}", escape_bounded(&finding.sentence, TEXT)));
        }
        if findings.len() > FINDINGS {
            page.line(0, format!("finding: {} more in `summary.json`", findings.len() - FINDINGS));
        }
    }

    fn kept(&self, page: &mut Page) {
        let kept = self.record.end.iter().flat_map(|end| &end.kept);
        kept.take(KEPT).for_each(|line| page.line(0, format!("kept: {}", escape_bounded(line, TEXT))));
    }

    /// `7 passed in 0.12 s`.
    fn sentence(&self) -> String {
        let counts = self.record.counts();
        let end = self.record.end.as_ref();
        let took = end.map_or(self.record.at_ms, |end| end.duration_ms);
        let strict = self.strict(counts);
        format!("{}{} in {}{strict}", self.prefix(counts, end), tally(counts), line::seconds(took))
    }

    /// Why a run without a failure has failed.
    fn strict(&self, counts: Counts) -> String {
        if !self.record.strict() || counts.skip == 0 {
            return String::new();
        }
        let skipped = self.record.ended.iter().filter(|canary| canary.verdict == Verdict::Skip);
        let mut names: Vec<String> =
            skipped.take(SKIPPED).map(|canary| escape_bounded(&canary.id, TEXT)).collect();
        let more = (counts.skip as usize).saturating_sub(SKIPPED);
        names.extend((more > 0).then(|| format!("{more} more")));
        format!("; FAILED, because with `--strict` skipped canaries count: {}", names.join(", "))
    }

    fn prefix(&self, counts: Counts, end: Option<&RunEnded>) -> &'static str {
        let judged_nothing = counts.pass + counts.fail == 0;
        match end {
            None => "cut off: ",
            Some(RunEnded { interrupted: true, .. }) => "interrupted: ",
            Some(_) if judged_nothing && self.record.verdict() != Verdict::Fail => "could not judge: ",
            Some(_) if counts.error == 0 && self.record.verdict() == Verdict::Error => "could not judge: ",
            Some(_) => "",
        }
    }
}

fn tally(counts: Counts) -> String {
    let Counts { pass, fail, error, skip } = counts;
    let errors = if error == 1 { "error" } else { "errors" };
    let all = [(pass, "passed"), (fail, "FAILED"), (error, errors), (skip, "skipped")];
    let told: Vec<_> =
        all.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() { "no canary was run".to_owned() } else { told.join(", ") }
}
