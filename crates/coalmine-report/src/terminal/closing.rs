//! The last lines: what else is worth knowing, and how the run ended.

use coalmine::event::{CanaryReport, Code, Counts, RunEnded, Severity, Verdict};

use super::{columns::seconds, page::Page};
use crate::{
    Record, TerminalOptions, escape_bounded,
    html::HTML_FILE,
    text::{Command, Excerpt, Line, MAX_ID, Role, baseline_groups, baseline_verdict, names, tally},
};

const MAX_FINDINGS: usize = 10;
const MAX_KEPT: usize = 10;
/// The most skipped canaries that are named.
const MAX_SKIPPED: usize = 10;
const MAX_TEXT: usize = 300;
/// The width of the list of names if that of the screen is unknown.
const DEFAULT_WIDTH: usize = 80;
/// The narrowest column for names.
const MIN_NAMES: usize = 20;

/// The end of a run.
#[derive(Debug)]
pub(super) struct Closing<'a> {
    pub(super) record: &'a Record,
    pub(super) options: &'a TerminalOptions,
    pub(super) folder: Option<&'a str>,
}

impl Closing<'_> {
    pub(super) fn write(&self, page: &mut Page) {
        let verdict = self.record.verdict();
        let green = verdict == Verdict::Pass;
        let quiet = self.options.quiet;
        if !quiet {
            if !green {
                page.separate();
            }
            self.findings(page);
            self.kept(page);
        }
        if quiet && green {
            return;
        }
        if !green {
            page.separate();
            self.red(page);
        }
        if !quiet {
            self.again_with_others(page);
        }
        let role = if verdict == Verdict::Xfail { Role::Warning } else { verdict.into() };
        page.line(0, &self.sentence().in_role(role));
        self.baseline(page);
        if let (false, Some(folder)) = (green, self.folder) {
            let folder = text(folder.trim_end_matches('/'));
            page.line(0, &Line::new("evidence: ").plain(&folder).plain("/").plain(HTML_FILE));
        }
        if !quiet {
            self.skipped(page);
            self.untried(page);
        }
    }

    /// Says what the run has to do with its baseline.
    fn baseline(&self, page: &mut Page) {
        let Some(baseline) = self.record.baseline() else { return };
        for group in baseline_groups(&baseline) {
            let ids: Vec<&str> = group.canaries.iter().map(String::as_str).collect();
            if let Some(names) = names(&ids) {
                page.line(0, &Line::new(group.label).plain(": ").plain(&names));
            }
        }
        let used = &baseline.used;
        let line = Line::new("baseline: run ").plain(&text(&used.run)).plain(" of ");
        page.line(0, &line.plain(&text(&used.started_at)).plain(" (").plain(&text(&used.target)).plain(")"));
    }

    /// Says what a green run did not try.
    fn untried(&self, page: &mut Page) {
        let alone = self.record.started.as_ref().is_some_and(|started| started.run.jobs == 1);
        if alone && self.record.verdict() == Verdict::Pass {
            page.line(0, &Line::new("note: with `--jobs 1`, nothing was tried beside other conversations"));
        }
    }

    /// Names all canaries that failed or could not be judged.
    fn red(&self, page: &mut Page) {
        let canaries = self.record.canaries();
        for (verdict, label) in [(Verdict::Fail, "failed: "), (Verdict::Error, "not judged: ")] {
            let ids: Vec<&str> = of(&canaries, verdict).map(|canary| canary.id.as_str()).collect();
            if verdict == Verdict::Error && ids.len() == canaries.len() && ids.len() > 1 {
                page.line(0, &Line::new(label).plain(format!("all {} canaries", ids.len())));
                continue;
            }
            for (position, line) in wrapped(&ids, self.names_width(label)).iter().enumerate() {
                let label = if position == 0 { label.to_owned() } else { " ".repeat(label.len()) };
                page.line(0, &Line::new(label).plain(line));
            }
        }
    }

    /// Shows the command that runs everything again, because a canary may fail only after or beside others.
    fn again_with_others(&self, page: &mut Page) {
        let Some(started) = &self.record.started else { return };
        let failed = of(&self.record.canaries(), Verdict::Fail).count() > 0;
        let beside = self.record.findings.iter().any(|finding| finding.code == Code::RunFailedBesideOthers);
        if started.canaries.len() < 2 || !(failed || beside) {
            return;
        }
        let label = if failed { "if it passes alone, run it with the others: " } else { "with the others: " };
        page.line(0, &Line::new(label).with(Role::Code, &Command::run_again(&started.run, None)));
    }

    fn names_width(&self, label: &str) -> usize {
        let width = if self.options.width == 0 { DEFAULT_WIDTH } else { self.options.width };
        width.saturating_sub(label.len()).max(MIN_NAMES)
    }

    /// Says why canaries were skipped, unless each has a line of its own, and what to add to a profile so that they are not.
    fn skipped(&self, page: &mut Page) {
        let canaries = self.record.canaries();
        if self.options.counted && !self.record.strict() {
            let green = self.record.verdict() == Verdict::Pass;
            skip_reasons(&canaries, green).iter().for_each(|line| page.line(0, line));
        }
        let hints = of(&canaries, Verdict::Skip).filter_map(|canary| canary.hint_toml.as_deref());
        let hints = grouped(&canaries, hints, |canary| canary.hint_toml.as_deref());
        if hints.is_empty() {
            return;
        }
        page.line(0, &Line::new("to judge what was skipped, add to the top of the profile:"));
        for group in hints {
            page.line(2, &Line::new(&text(group.key)).plain("  # ").plain(&group.names));
        }
        if let Some(folder) = self.folder {
            let words = ["coalmine", "new", "profile", "--from-run", folder].map(str::to_owned).to_vec();
            page.line(0, &Line::new("or let it be written: ").with(Role::Code, &Command { words }));
        }
    }

    fn findings(&self, page: &mut Page) {
        let findings = &self.record.findings;
        for finding in findings.iter().take(MAX_FINDINGS) {
            let (code, label) = (finding.code, label(finding.severity));
            page.line(0, &Line::new(format!("{label}: {code}: ")).plain(&text(&finding.sentence)));
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
        let line = match self.record.failing_findings() {
            0 => line,
            1 => line.plain("; FAILED by 1 finding"),
            failing => line.plain(format!("; FAILED by {failing} findings")),
        };
        let line = match self.record.baseline().as_ref().and_then(baseline_verdict) {
            Some(words) => line.plain("; ").plain(words),
            None => line,
        };
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
            Some(_) if self.record.is_empty_shard() => "nothing to do in this shard: ",
            Some(_) if judged_nothing && self.record.verdict() != Verdict::Fail => "could not judge: ",
            Some(_) if counts.error == 0 && self.record.verdict() == Verdict::Error => "could not judge: ",
            Some(_) => "",
        }
    }
}

fn of(canaries: &[CanaryReport], verdict: Verdict) -> impl Iterator<Item = &CanaryReport> {
    canaries.iter().filter(move |canary| canary.verdict == verdict)
}

/// Returns why canaries were skipped: a line for each reason, or only a line with their names if there is more important
/// news.
fn skip_reasons(canaries: &[CanaryReport], each: bool) -> Vec<Line> {
    let reasons = of(canaries, Verdict::Skip).filter_map(|canary| canary.reason.as_deref());
    let groups = grouped(canaries, reasons, |canary| canary.reason.as_deref());
    if each || groups.len() == 1 {
        let line = |group: &SkippedGroup<'_>| {
            Line::new("skipped: ").plain(&group.names).plain(": ").plain(&text(group.key))
        };
        return groups.iter().map(line).collect();
    }
    let ids: Vec<&str> = of(canaries, Verdict::Skip).map(|canary| canary.id.as_str()).collect();
    let line = |names: &Excerpt| Line::new("skipped, for reasons in `summary.json`: ").plain(names);
    names(&ids).iter().map(line).collect()
}

/// Skipped canaries that have something in common.
struct SkippedGroup<'a> {
    key: &'a str,
    names: Excerpt,
}

/// Groups the skipped canaries by what `key` returns for them, in the order of `keys`.
fn grouped<'a>(
    canaries: &'a [CanaryReport],
    keys: impl Iterator<Item = &'a str>,
    key: impl Fn(&'a CanaryReport) -> Option<&'a str>,
) -> Vec<SkippedGroup<'a>> {
    let mut groups: Vec<SkippedGroup<'a>> = Vec::new();
    for one in keys {
        let members = of(canaries, Verdict::Skip).filter(|canary| key(canary) == Some(one));
        let ids: Vec<&str> = members.map(|canary| canary.id.as_str()).collect();
        if groups.iter().all(|group| group.key != one)
            && let Some(names) = names(&ids)
        {
            groups.push(SkippedGroup { key: one, names });
        }
    }
    groups
}

/// Returns names in lines of at most `width` columns, unless a single name is longer.
fn wrapped(names: &[&str], width: usize) -> Vec<Excerpt> {
    let mut lines: Vec<String> = Vec::new();
    for (position, name) in names.iter().enumerate() {
        let comma = if position + 1 < names.len() { "," } else { "" };
        let name = format!("{}{comma}", escape_bounded(name, MAX_ID));
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + name.chars().count() <= width => {
                line.push(' ');
                line.push_str(&name);
            }
            _ => lines.push(name),
        }
    }
    lines.into_iter().map(|line| Excerpt::new(line, usize::MAX)).collect()
}

fn text(text: &str) -> Excerpt {
    Excerpt::new(text, MAX_TEXT)
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Warn => "finding",
        Severity::Fail => "FINDING",
    }
}
