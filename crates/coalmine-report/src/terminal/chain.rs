//! The turn's path, with a mark where it broke.

use coalmine::event::{Link, Mark};

use super::{Page, Paint};
use crate::escape_bounded;

const NOTE: usize = 300;

/// `sent ✓ ─ store ✓ ─ prompt ✗ ─ answer · ─ reply ·` and what was seen where it broke or could not be seen; `told` is
/// said elsewhere.
pub(super) fn chain(page: &mut Page, paint: Paint, indent: usize, links: &[Link], told: &str) {
    if links.is_empty() {
        return;
    }
    let steps: Vec<_> = links.iter().map(|link| step(paint, link)).collect();
    page.line(indent, steps.join(" ─ "));
    let notes = links.iter().filter(|link| matches!(link.mark, Mark::Broken | Mark::Unknown));
    for link in notes.filter(|link| !link.note.is_empty() && link.note != told) {
        page.line(indent + 2, format!("{}: {}", link.step.name(), escape_bounded(&link.note, NOTE)));
    }
}

fn step(paint: Paint, link: &Link) -> String {
    let name = link.step.name();
    match link.mark {
        Mark::Ok => format!("{name} {}", paint.good("✓")),
        Mark::Broken => paint.bad(&format!("{name} ✗")),
        Mark::After => paint.dim(&format!("{name} ·")),
        Mark::Unknown => format!("{name} {}", paint.warn("?")),
    }
}
