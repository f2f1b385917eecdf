//! Findings for programs.

use coalmine_gate::lint::{LintOutput, LintReport, Source};
use coalmine_report::escape_bounded;

use super::{MAX_SHOWN, files::Unread};
use crate::printer::Printer;

pub(super) fn print(sources: &[Source], report: &LintReport, unread: &[Unread], printer: &mut Printer) {
    let mut output = LintOutput::new(sources, report);
    output.unreadable.extend(unread.iter().map(|unread| coalmine_gate::lint::Unreadable {
        path: unread.path.clone(),
        reason: unread.reason.clone(),
    }));
    escape_all(&mut output);
    printer.answer(serde_json::to_string_pretty(&output).unwrap_or_default());
}

/// Escapes and bounds what comes from files and their names.
fn escape_all(output: &mut LintOutput) {
    let escape = |text: &mut String| *text = escape_bounded(text, MAX_SHOWN);
    output.files.iter_mut().for_each(|file| escape(&mut file.path));
    for finding in &mut output.findings {
        finding.file.iter_mut().for_each(escape);
        escape(&mut finding.message);
        escape(&mut finding.help);
    }
    for unreadable in &mut output.unreadable {
        escape(&mut unreadable.path);
        escape(&mut unreadable.reason);
    }
}
