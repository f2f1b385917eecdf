//! The verdict as an image.

use askama::Template;
use coalmine::event::Verdict;

use crate::{Record, ReportError, view::hides_failures};

/// About how wide a character is, in tenths of a pixel.
const CHARACTER: usize = 65;
const LABEL: &str = "conversations";

#[derive(Debug, Template)]
#[template(path = "badge.svg")]
struct Badge {
    label: &'static str,
    words: String,
    color: &'static str,
    left: usize,
    right: usize,
}

/// Returns the image.
pub(super) fn badge(record: &Record) -> Result<String, ReportError> {
    let summary = record.summary()?;
    let counts = summary.counts;
    let (words, color) = match summary.verdict {
        Verdict::Pass => (format!("{} passed", counts.pass), "#17703f"),
        Verdict::Xfail if hides_failures(&summary) => ("less is judged".to_owned(), "#8a5a00"),
        Verdict::Xfail => (format!("{} still broken", counts.xfail), "#8a5a00"),
        Verdict::Fail | Verdict::Xpass if counts.fail > 0 => (format!("{} failed", counts.fail), "#b3261e"),
        Verdict::Fail | Verdict::Xpass => ("failed".to_owned(), "#b3261e"),
        Verdict::Error | Verdict::Skip => ("could not judge".to_owned(), "#8a5a00"),
    };
    let width = |text: &str| 12 + text.chars().count() * CHARACTER / 10;
    let (left, right) = (width(LABEL), width(&words));
    Ok(Badge { label: LABEL, words, color, left, right }.render()?)
}
