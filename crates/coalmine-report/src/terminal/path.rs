//! The turn's path, with a mark where it broke.

use coalmine::event::{Mark, PathStep};

use super::{Page, Paint};
use crate::escape_bounded;

const NOTE: usize = 300;

/// `sent ✓ ─ store ✓ ─ prompt ✗ ─ answer · ─ reply ·` and what was seen where it broke or could not be seen; `told` is
/// said elsewhere.
pub(super) fn write(page: &mut Page, paint: Paint, indent: usize, steps: &[PathStep], told: &str) {
    if steps.is_empty() {
        return;
    }
    let shown: Vec<_> = steps.iter().map(|step| one(paint, step)).collect();
    page.line(indent, shown.join(" ─ "));
    let notes = steps.iter().filter(|step| matches!(step.mark, Mark::Broken | Mark::Unknown));
    for step in notes.filter(|step| !step.note.is_empty() && step.note != told) {
        page.line(indent + 2, format!("{}: {}", step.step.name(), escape_bounded(&step.note, NOTE)));
    }
}

fn one(paint: Paint, step: &PathStep) -> String {
    let name = step.step.name();
    match step.mark {
        Mark::Ok => format!("{name} {}", paint.good("✓")),
        Mark::Broken => paint.bad(&format!("{name} ✗")),
        Mark::After => paint.dim(&format!("{name} ·")),
        Mark::Unknown => format!("{name} {}", paint.warn("?")),
    }
}
