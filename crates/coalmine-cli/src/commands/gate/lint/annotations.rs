//! Findings as annotations in the log of GitHub and Gitea.

use coalmine_gate::lint::{Finding, LintReport, Severity, Source, position};
use coalmine_report::escape_bounded;

use super::MAX_SHOWN;
use crate::printer::Printer;

/// The most annotations: GitHub shows ten errors and ten warnings of each step.
const MAX_ANNOTATIONS: usize = 50;

pub(super) fn print(sources: &[Source], report: &LintReport, printer: &mut Printer) {
    let errors_first = |severity| report.findings.iter().filter(move |finding| finding.severity == severity);
    let all = errors_first(Severity::Error).chain(errors_first(Severity::Warning));
    for finding in all.take(MAX_ANNOTATIONS) {
        printer.answer(annotation(sources, finding));
    }
    let more = report.findings.len().saturating_sub(MAX_ANNOTATIONS) + report.dropped;
    if more > 0 {
        printer.answer(format_args!("{more} more findings are not shown"));
    }
}

/// Returns a workflow command. What is in it is escaped for a log first, so it stays one line and begins no other command.
fn annotation(sources: &[Source], finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = vec![];
    if let Some(source) = finding.file.and_then(|file| sources.get(file)) {
        properties.push(format!("file={}", property(&source.path)));
        let start = finding.span.as_ref().map(|span| position(&source.text, span.start));
        properties.extend(start.map(|start| format!("line={},col={}", start.line, start.column)));
    }
    properties.push(format!("title={}", finding.rule.id));
    let versions = finding.versions_text().map(|versions| format!(" ({versions})")).unwrap_or_default();
    let message = format!("{}{versions}; {}", finding.message, finding.help);
    format!(
        "::{command} {}::{}",
        properties.join(","),
        escape_bounded(&message, MAX_SHOWN).replace('%', "%25")
    )
}

fn property(text: &str) -> String {
    escape_bounded(text, MAX_SHOWN).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}
