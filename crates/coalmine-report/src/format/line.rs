//! The run in one line, for a chat.

use coalmine::event::Verdict;

use crate::{
    Record, StreamError, escape_bounded,
    text::{baseline_verdict, tally},
    view::{hides_failures, what},
};

const MAX_SUBJECT: usize = 120;
const MAX_SENTENCE: usize = 200;

/// Returns the line, with its line break.
pub(super) fn line(record: &Record) -> Result<String, StreamError> {
    let summary = record.summary()?;
    let sign = match summary.verdict {
        Verdict::Pass => "✓ passed",
        Verdict::Xfail if hides_failures(&summary) => "! not worse than the baseline, as far as it is judged",
        Verdict::Xfail => "! still broken, not worse than the baseline",
        Verdict::Fail | Verdict::Xpass => "✗ FAILED",
        Verdict::Error | Verdict::Skip => "! could not judge",
    };
    let subject = escape_bounded(&what(&summary.target), MAX_SUBJECT);
    let mut line = format!("{sign}: {subject}: {}", tally(summary.counts));
    if let Some(words) = summary.baseline.as_ref().and_then(baseline_verdict) {
        line.push_str(&format!("; {words}"));
    }
    if let Some(cause) = summary.causes.first() {
        let others = summary.causes.len() - 1;
        line.push_str(&format!("; {}: {}", cause.code, escape_bounded(&cause.sentence, MAX_SENTENCE)));
        if others > 0 {
            line.push_str(&format!(" (and {others} more)"));
        }
    } else if let Some(diagnosis) = summary.diagnosis.filter(|_| summary.verdict != Verdict::Pass) {
        line.push_str(&format!(
            "; {}: {}",
            diagnosis.code,
            escape_bounded(&diagnosis.sentence, MAX_SENTENCE)
        ));
    }
    Ok(line + "\n")
}
