//! The run on one screen of Markdown, for the summary of a CI job or a pull request.

use coalmine::event::{CanaryReport, Verdict};

use super::markup::{code, words};
use crate::{
    Record, ReportError, StreamError,
    text::{Command, MAX_ID, rate},
    view::{Block, CauseView, Link, Sentence, Shown, Span, causes, findings, overview, weaknesses},
};

/// The longest summary, in bytes: that of a job on GitHub may be 1 MiB.
const MAX_BYTES: usize = 1_000_000;
/// The most causes and findings, and the most canaries that are named for one.
const MAX_CAUSES: usize = 20;
const MAX_FINDINGS: usize = 20;
const MAX_NAMES: usize = 50;

/// Returns the summary.
pub(super) fn markdown(record: &Record) -> Result<String, ReportError> {
    let summary = record.summary()?;
    let run = record.started.as_ref().map(|started| &started.run).ok_or(StreamError::Empty)?;
    let top = overview(&summary, &Command::run_again(run, None), &[]);
    let sign = match summary.verdict {
        Verdict::Pass => "✓",
        Verdict::Fail | Verdict::Xpass => "✗",
        Verdict::Error | Verdict::Skip | Verdict::Xfail => "!",
    };
    let mut page = Page::default();
    page.line(&format!("## {sign} Coalmine: {}", top.headline));
    page.line(&format!("**{}**", words(top.tally.as_str())));
    let facts: Vec<String> =
        top.judged.iter().map(|fact| format!("{}: {}", fact.name, code(fact.value.as_str()))).collect();
    page.line(&facts.join(" · "));
    top.why.iter().for_each(|line| page.line(&words(line.as_str())));

    let all = causes(record, &summary, run);
    if !all.is_empty() {
        page.line(if all.len() == 1 { "### The cause" } else { "### Causes" });
    }
    all.iter().take(MAX_CAUSES).for_each(|cause| page.cause(cause));
    page.more(all.len(), MAX_CAUSES, "causes");

    let weak = weaknesses(&summary, run);
    if !weak.is_empty() {
        let what = if summary.verdict == Verdict::Pass { "this pass" } else { "this verdict" };
        page.line(&format!("### What weakens {what}"));
        for weakness in &weak {
            let detail =
                weakness.detail.as_ref().map(|detail| format!(": {}", sentence(detail))).unwrap_or_default();
            let names = names(&weakness.canaries, weakness.more);
            page.item(&format!(
                "**{}**{detail}{}",
                words(weakness.what.as_str()),
                if names.is_empty() { names } else { format!(" ({names})") }
            ));
        }
        page.line("");
    }
    let rounds: Vec<String> = summary.canaries.iter().filter_map(rounds).collect();
    if !rounds.is_empty() {
        page.line("### Rounds that did not all pass");
        rounds.iter().take(MAX_NAMES).for_each(|line| page.item(line));
        page.more(rounds.len(), MAX_NAMES, "canaries");
        page.line("");
    }
    let found = findings(&summary);
    if !found.is_empty() {
        page.line("### Also found");
        for finding in found.iter().take(MAX_FINDINGS) {
            let fails = if finding.fails { "**fails the run**: " } else { "" };
            page.item(&format!("{fails}{}: {}", code(finding.code), sentence(&finding.sentence)));
        }
        page.more(found.len(), MAX_FINDINGS, "findings");
    }
    Ok(page.text)
}

/// Returns how many rounds of a canary passed, unless all did.
fn rounds(canary: &CanaryReport) -> Option<String> {
    let rounds = canary.rounds.as_ref().filter(|rounds| rounds.passed < rounds.asked)?;
    Some(format!("{}: {}", code(Shown::new(&canary.id, MAX_ID).as_str()), words(&rate(rounds))))
}

#[derive(Debug, Default)]
struct Page {
    text: String,
    is_full: bool,
}

impl Page {
    /// Adds a paragraph, unless the page is full.
    fn line(&mut self, line: &str) {
        self.add(line, "\n\n");
    }

    /// Adds an item of a list.
    fn item(&mut self, item: &str) {
        self.add(&format!("- {item}"), "\n");
    }

    fn add(&mut self, text: &str, end: &str) {
        if self.is_full {
            return;
        }
        if self.text.len() + text.len() > MAX_BYTES {
            self.is_full = true;
            self.text.push_str("\n\nThe rest is in `report.html`.\n");
            return;
        }
        self.text.push_str(text);
        self.text.push_str(end);
    }

    fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            self.line(&format!("{} more {what} are in `report.html`.", all - shown));
        }
    }

    fn cause(&mut self, cause: &CauseView) {
        self.line(&format!("**{}** {}", code(cause.code), sentence(&cause.sentence)));
        if let Some(text) = &cause.cause {
            self.item(&format!("cause: {}", sentence(text)));
        }
        if let Some(text) = &cause.hint {
            self.item(&format!("hint: {}", sentence(text)));
        }
        if !cause.path.is_empty() {
            let stops: Vec<String> =
                cause.path.iter().map(|stop| format!("{} {}", stop.name, stop.sign)).collect();
            self.item(&format!("path: {}", stops.join(" → ")));
        }
        for one in &cause.expected {
            self.item(&format!("expected {}, got {}", sentence(&one.expected), code(one.actual.as_str())));
        }
        let items = cause.advice.runtime.iter().flat_map(|block| match block {
            Block::List(items) => items.clone(),
            Block::Paragraph(words) => vec![words.clone()],
            Block::Code(_) => vec![],
        });
        items.for_each(|item| self.item(&format!("fix: {}", sentence(&item))));
        cause.advice.profile.iter().for_each(|item| self.item(&format!("profile: {}", sentence(item))));
        cause.profile_lines.iter().for_each(|line| self.item(&format!("profile: {}", code(line.as_str()))));
        let names = names(&cause.canaries, cause.more);
        if !names.is_empty() {
            self.item(&format!("canaries: {names}"));
        }
        self.line(&format!("- again: {}", code(cause.again.as_str())));
    }
}

fn names(links: &[Link], more: usize) -> String {
    let mut names: Vec<String> = links.iter().take(MAX_NAMES).map(|link| code(link.id.as_str())).collect();
    let more = more + links.len().saturating_sub(MAX_NAMES);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

fn sentence(spans: &Sentence) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Words(text) => words(text),
            Span::Code(text) => code(text),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_ends_with_a_pointer() {
        let mut page = Page::default();
        page.line(&"x".repeat(900_000));
        page.line(&"y".repeat(200_000));
        page.line("z");
        assert!(page.text.len() < MAX_BYTES && page.text.ends_with("The rest is in `report.html`.\n"));
    }
}
