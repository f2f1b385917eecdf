//! Findings for people.

use std::fmt;

use coalmine_gate::lint::{Evidence, Finding, LintReport, Severity, Source};
use coalmine_report::{escape, escape_bounded};
use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::{MAX_SHOWN, snippet::Snippet};
use crate::printer::Printer;

pub(super) fn print(sources: &[Source], report: &LintReport, printer: &mut Printer) {
    for finding in &report.findings {
        printer.diagnostic(&Shown::new(sources, finding));
        printer.note("");
    }
    printer.note(summary(sources, report));
}

fn summary(sources: &[Source], report: &LintReport) -> String {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let several = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let judged = sources.len() - report.unreadable.len();
    let mut text = format!(
        "{}, {} in {}",
        several(errors, "error"),
        several(warnings, "warning"),
        several(judged, "workflow file")
    );
    if report.ignored > 0 {
        text.push_str(&format!("; {} ignored by a comment", report.ignored));
    }
    if report.dropped > 0 {
        text.push_str(&format!("; {} more not shown", report.dropped));
    }
    text
}

/// A finding that `miette` can render. What comes from the file is escaped and bounded.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    snippet: Option<Snippet>,
}

impl<'a> Shown<'a> {
    fn new(sources: &[Source], finding: &'a Finding) -> Self {
        let source = finding.file.and_then(|file| sources.get(file));
        let snippet = source
            .zip(finding.span.clone())
            .map(|(source, span)| Snippet::new(escape_bounded(&source.path, MAX_SHOWN), &source.text, span));
        Self { finding, snippet }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape_bounded(&self.finding.message, MAX_SHOWN))
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.rule.id))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut help = escape_bounded(&self.finding.help, MAX_SHOWN);
        if let Some(note) = evidence(self.finding) {
            help.push_str(&format!("\n{note}"));
        }
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.finding.versions_text().unwrap_or_else(|| "here".to_owned());
        let snippet = self.snippet.as_ref()?;
        let label = LabeledSpan::new_with_span(Some(escape(&label)), snippet.span());
        Some(Box::new(std::iter::once(label)))
    }
}

/// Returns what a reader has to know about how sure a finding is.
pub(super) fn evidence(finding: &Finding) -> Option<&'static str> {
    match finding.rule.evidence {
        Evidence::Policy => None,
        _ if finding.is_unmeasured_forge => Some("no Forgejo was measured: this is what Gitea does"),
        Evidence::Read => Some("this was read in the forge's source or documentation, not measured"),
        Evidence::Measured => None,
    }
}
