//! The header and the title line of each canary, in columns.

use coalmine::event::{PlannedCanary, RunInfo, TargetInfo, TargetKind, Verdict};

use crate::{
    escape_bounded,
    text::{Excerpt, Line, MAX_ID, MAX_TITLE, Role, Title, TitleEnd},
};

const MAX_SUBJECT: usize = 120;
const MAX_PROFILE: usize = 60;
const MAX_DIALECT: usize = 20;
/// The narrowest column for titles.
const MIN_TITLE: usize = 12;
/// Columns of a duration.
const DURATION: usize = 8;

/// Returns the line that names the target, the profile, the dialect, the model and the seed.
pub(super) fn header(run: &RunInfo, target: &TargetInfo) -> Line {
    let subject = target.subject.as_deref().map(|subject| Excerpt::new(subject, MAX_SUBJECT));
    let kind = match (target.kind, &subject) {
        (TargetKind::Embedded, None) => "the reference runtime",
        (TargetKind::Embedded, Some(_)) => "the reference runtime with the fault ",
        (TargetKind::Process, _) => "command ",
        (TargetKind::Docker, _) => "image ",
        (TargetKind::Url, _) => "url ",
    };
    let mut line = Line::new("coalmine: ").plain(kind);
    if let Some(subject) = &subject {
        line = line.plain(subject);
    }
    line = line.plain(" · profile ").plain(&Excerpt::new(&target.profile, MAX_PROFILE));
    if let Some(dialect) = &target.dialect {
        line = line.plain(" · dialect ").plain(&Excerpt::new(dialect, MAX_DIALECT));
    }
    line.plain(format!(" · model {} · seed {}", run.model.name(), run.seed)).in_role(Role::Strong)
}

/// Returns `12 ms` or `1.23 s`.
fn duration(milliseconds: u64) -> String {
    if milliseconds < 1000 { format!("{milliseconds} ms") } else { seconds(milliseconds) }
}

/// Returns `0.12 s`.
pub(super) fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02} s", milliseconds / 1000, milliseconds % 1000 / 10)
}

/// Returns the mark and the word of a verdict.
fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓ pass ",
        Verdict::Fail => "✗ FAIL ",
        Verdict::Error => "! error",
        Verdict::Skip => "- skip ",
        Verdict::Xfail => "- xfail",
        Verdict::Xpass => "✗ XPASS",
    }
}

/// The widths of the columns, in characters, from the plan.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Columns {
    number: usize,
    id: usize,
    title: usize,
    /// Columns for the title and what stands at its end, if the width of the screen is known.
    room: Option<usize>,
}

impl Columns {
    /// Returns the columns for a screen of `screen` characters; 0 if that is unknown.
    pub(super) fn new(plan: &[PlannedCanary], screen: usize) -> Self {
        let widest = |width: &dyn Fn(&PlannedCanary) -> usize| plan.iter().map(width).max().unwrap_or(0);
        let number = widest(&|canary| canary.number.map_or(0, |number| number.to_string().len()));
        let id = widest(&|canary| width(&Excerpt::new(&canary.id, MAX_ID)));
        let title = widest(&|canary| width(&Excerpt::new(&canary.title, MAX_TITLE)));
        // The sign and the spaces between the columns.
        let others = 7 + 1 + number + 1 + id + 2 + 2;
        let room = (screen > 0).then(|| screen.saturating_sub(others));
        let columns = Self { number, id, title, room };
        Self { title: columns.title_before(DURATION), ..columns }
    }

    /// Returns the columns for a title that is followed by `end` more columns.
    fn title_before(&self, end: usize) -> usize {
        let room = self.room.map_or(MAX_TITLE, |room| room.saturating_sub(end).max(MIN_TITLE));
        self.title.min(room)
    }

    /// Returns the title line: sign, number, id, title, and what stands at its end.
    pub(super) fn line(&self, canary: &Title) -> Line {
        let end = match canary.end {
            TitleEnd::Duration(milliseconds) => format!("{:>7}", duration(milliseconds)),
            TitleEnd::Code(code) => code.to_string(),
            TitleEnd::Nothing => String::new(),
        };
        let column = self.title_before(end.chars().count());
        let title = Excerpt::new(&canary.title.text, column);
        self.name(canary)
            .plain("  ")
            .plain(&title)
            .plain(padding(&title, column))
            .plain("  ")
            .with(Role::Dim, end)
    }

    /// Returns sign, number and id.
    pub(super) fn name(&self, canary: &Title) -> Line {
        let number = canary.number.map(|number| number.to_string()).unwrap_or_default();
        Line::styled(canary.verdict.into(), sign(canary.verdict))
            .plain(format!(" {number:>width$} ", width = self.number))
            .plain(&canary.id)
            .plain(padding(&canary.id, self.id))
    }
}

fn padding(excerpt: &Excerpt, column: usize) -> String {
    " ".repeat(column.saturating_sub(width(excerpt)))
}

/// Returns how many characters of the screen an excerpt takes.
fn width(excerpt: &Excerpt) -> usize {
    escape_bounded(&excerpt.text, excerpt.max).chars().count()
}
