//! The header line and the line of each canary.

use coalmine::event::{CanaryReport, PlannedCanary, RunInfo, TargetInfo, TargetKind, Verdict};

use super::{Page, Paint};
use crate::{escape_bounded, rounds};

/// The longest id or title that widens a column.
const ID: usize = 40;
const TITLE: usize = 80;
const REASON: usize = 300;

/// Which target, profile, dialect, model and seed.
pub(super) fn header(run: &RunInfo, target: &TargetInfo) -> String {
    let subject = target.subject.as_deref().map(|subject| escape_bounded(subject, 120));
    let what = match (target.kind, subject) {
        (TargetKind::Embedded, None) => "the reference runtime".to_owned(),
        (TargetKind::Embedded, Some(fault)) => format!("the reference runtime with the fault {fault}"),
        (TargetKind::Process, subject) => format!("command {}", subject.unwrap_or_default()),
        (TargetKind::Docker, subject) => format!("image {}", subject.unwrap_or_default()),
        (TargetKind::Url, subject) => format!("url {}", subject.unwrap_or_default()),
    };
    let mut parts =
        vec![format!("coalmine: {what}"), format!("profile {}", escape_bounded(&target.profile, 60))];
    parts.extend(target.dialect.as_deref().map(|dialect| format!("dialect {}", escape_bounded(dialect, 20))));
    parts.push(format!("model {}", run.model.name()));
    parts.push(format!("seed {}", run.seed));
    parts.join(" · ")
}

/// `12 ms`, `1.23 s`.
pub(super) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        _ => seconds(milliseconds),
    }
}

/// `0.12 s`.
pub(super) fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02} s", milliseconds / 1000, milliseconds % 1000 / 10)
}

/// The mark and the word of a verdict.
pub(super) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓ pass ",
        Verdict::Fail => "✗ FAIL ",
        Verdict::Error => "! error",
        Verdict::Skip => "- skip ",
    }
}

/// The widths of the columns, in characters, from the plan.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Columns {
    number: usize,
    id: usize,
    title: usize,
}

impl Columns {
    /// `screen` is 0 where it is unknown.
    pub(super) fn new(plan: &[PlannedCanary], screen: usize) -> Self {
        let widest = |width: &dyn Fn(&PlannedCanary) -> usize| plan.iter().map(width).max().unwrap_or(0);
        let number = widest(&|canary| canary.number.map_or(0, |number| number.to_string().len()));
        let id = widest(&|canary| escape_bounded(&canary.id, ID).chars().count());
        let title = widest(&|canary| escape_bounded(&canary.title, TITLE).chars().count());
        // The sign, the spaces between the columns and a duration.
        let others = 7 + 1 + number + 1 + id + 2 + 2 + 8;
        let room = if screen == 0 { TITLE } else { screen.saturating_sub(others).max(12) };
        Self { number, id, title: title.min(room) }
    }

    /// Mark, number, id, title and duration; for a canary that could not be judged the code instead of the latter.
    pub(super) fn line(&self, page: &mut Page, paint: Paint, canary: &CanaryReport) {
        let last = match (&canary.diagnosis, canary.verdict) {
            (Some(diagnosis), Verdict::Error) => diagnosis.code.to_string(),
            (None, Verdict::Error) | (_, Verdict::Skip) => String::new(),
            _ => format!("{:>7}", duration(canary.duration_ms)),
        };
        let title = escape_bounded(&canary.title, self.title);
        let title = format!("{title:width$}", width = self.title);
        page.line(0, format!("{}  {title}  {}", self.name(paint, canary), paint.dim(&last)));
        if let Some(told) = &canary.rounds {
            page.line(8, format!("rounds: {}", rounds::sentence(told)));
            // of a canary that passed all the same, nothing else tells why some rounds did not
            if let (Verdict::Pass, Some(diagnosis)) = (canary.verdict, &canary.diagnosis) {
                let (shown, code) = (told.shown, diagnosis.code);
                let sentence = escape_bounded(&diagnosis.sentence, REASON);
                page.line(8, format!("round {shown} failed: {code}: {sentence}"));
            }
        }
        // Where there is a diagnosis too, the reason is its cause and told with it.
        let told_later = canary.verdict == Verdict::Error && canary.diagnosis.is_some();
        if let Some(reason) = canary.reason.as_ref().filter(|_| !told_later) {
            let label = if canary.verdict == Verdict::Pass { "note" } else { "reason" };
            page.line(8, format!("{label}: {}", escape_bounded(reason, REASON)));
        }
    }

    /// Mark, number and id.
    pub(super) fn name(&self, paint: Paint, canary: &CanaryReport) -> String {
        let number = canary.number.map(|number| number.to_string()).unwrap_or_default();
        let id = escape_bounded(&canary.id, ID);
        let sign = paint.verdict(canary.verdict, sign(canary.verdict));
        format!("{sign} {number:>width$} {id:ids$}", width = self.number, ids = self.id)
    }
}
