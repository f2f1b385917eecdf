//! The run in one line, for a chat.

use coalmine::event::{TargetKind, Verdict};

use crate::{Record, StreamError, escape_bounded, text::tally};

const MAX_SUBJECT: usize = 120;
const MAX_SENTENCE: usize = 200;

/// Returns the line, with its line break.
pub(super) fn line(record: &Record) -> Result<String, StreamError> {
    let summary = record.summary()?;
    let sign = match summary.verdict {
        Verdict::Pass | Verdict::Xfail => "✓ passed",
        Verdict::Fail | Verdict::Xpass => "✗ FAILED",
        Verdict::Error | Verdict::Skip => "! could not judge",
    };
    let subject = summary.target.subject.as_deref().map(|subject| escape_bounded(subject, MAX_SUBJECT));
    let subject = match (summary.target.kind, subject) {
        (TargetKind::Embedded, None) => "the reference runtime".to_owned(),
        (TargetKind::Embedded, Some(fault)) => format!("the reference runtime with the fault {fault}"),
        (_, subject) => subject.unwrap_or_default(),
    };
    let mut line = format!("{sign}: {subject}: {}", tally(summary.counts));
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
