//! Why something could not be judged, told once however many canaries it stopped.

use coalmine::event::{CanaryReport, Diagnosis, Mark, Verdict};

use super::{Block, Columns, Page};
use crate::{Record, escape_bounded, run_again};

const TEXT: usize = 500;

/// `error:` with its cause, the canaries it stopped, the hint and the evidence.
pub(super) fn problem(
    page: &mut Page,
    block: &Block<'_>,
    indent: usize,
    diagnosis: &Diagnosis,
    reason: Option<&str>,
    stopped: &[&str],
) {
    let sentence = escape_bounded(&diagnosis.sentence, TEXT);
    page.line(indent, format!("{}: {sentence}", block.paint.bad("error")));
    if let Some(cause) = cause(diagnosis, reason) {
        page.line(indent + 2, format!("cause: {}", escape_bounded(cause, TEXT)));
    }
    if !stopped.is_empty() {
        page.line(indent + 2, format!("canaries: {}", escape_bounded(&stopped.join(", "), TEXT)));
    }
    let code = diagnosis.code;
    let explain = format!("see `coalmine explain {code}`");
    let hint = diagnosis.hint.as_deref().map(|hint| format!("{}, or {explain}", escape_bounded(hint, TEXT)));
    page.line(indent, format!("{}: {}", block.paint.bold("hint"), hint.unwrap_or(explain)));
    block.evidence(page, indent, &diagnosis.evidence);
}

/// What the diagnosis gives as its cause, else the reason, else what was seen where the turn broke.
fn cause<'a>(diagnosis: &'a Diagnosis, reason: Option<&'a str>) -> Option<&'a str> {
    let broken = diagnosis.path.iter().find(|link| link.mark == Mark::Broken);
    let seen = broken.map(|link| link.note.as_str()).filter(|note| !note.is_empty());
    diagnosis.cause.as_deref().or(reason).or(seen).filter(|cause| *cause != diagnosis.sentence)
}

/// What stopped the judgement, each with the canaries that it stopped.
#[derive(Debug, Default)]
pub(super) struct Problems {
    groups: Vec<Group>,
    all: usize,
}

#[derive(Debug)]
struct Group {
    diagnosis: Diagnosis,
    /// Whether it is the run's own and not only that of its canaries.
    whole: bool,
    canaries: Vec<CanaryReport>,
}

impl Problems {
    pub(super) fn of(record: &Record) -> Self {
        let mut problems = Self::default();
        let whole = record.end.as_ref().and_then(|end| end.diagnosis.clone());
        problems.groups.extend(whole.map(|diagnosis| Group { diagnosis, whole: true, canaries: Vec::new() }));
        let stopped = record.canaries().into_iter().filter(|canary| canary.verdict == Verdict::Error);
        stopped.for_each(|canary| problems.add(canary));
        problems
    }

    fn add(&mut self, canary: CanaryReport) {
        let Some(diagnosis) = canary.diagnosis.clone() else { return };
        self.all += 1;
        let same = |group: &&mut Group| {
            let of_same_kind = group.diagnosis.code == diagnosis.code;
            of_same_kind && (group.whole || group.diagnosis.sentence == diagnosis.sentence)
        };
        match self.groups.iter_mut().find(same) {
            Some(group) => group.canaries.push(canary),
            None => self.groups.push(Group { diagnosis, whole: false, canaries: vec![canary] }),
        }
    }

    pub(super) fn write(&self, page: &mut Page, block: &Block<'_>, columns: &Columns) {
        for group in &self.groups {
            page.separate();
            match &group.canaries[..] {
                [canary] if !group.whole => {
                    page.line(0, columns.name(block.paint, canary));
                    block.write(page, canary);
                }
                canaries => {
                    let stopped: Vec<_> = canaries.iter().map(|canary| canary.id.as_str()).collect();
                    let stopped = if stopped.len() == self.all { &[][..] } else { &stopped[..] };
                    problem(page, block, 0, &group.diagnosis, None, stopped);
                    page.line(0, format!("again: {}", run_again(block.run, None)));
                }
            }
        }
    }
}
