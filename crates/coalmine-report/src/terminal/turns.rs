//! The conversation: who said what in which context.

use coalmine::event::{CanaryReport, TurnReport};

use super::{Page, Paint};
use crate::escape_bounded;

/// What is shown of one message, in characters.
const MESSAGE: usize = 300;
/// Turns shown at the start of a long conversation, before and after the one that went wrong.
const FIRST: u32 = 2;
const BEFORE: u32 = 6;
const AFTER: u32 = 2;
/// Files named for one turn.
const FILES: usize = 5;

/// All turns of a short conversation; of a long one the first and those around the one that went wrong.
pub(super) fn turns(page: &mut Page, paint: Paint, indent: usize, canary: &CanaryReport) {
    let last = canary.turns.last().map_or(0, |turn| turn.number);
    let broke = canary.diagnosis.as_ref().and_then(|diagnosis| diagnosis.turn);
    let center = broke.unwrap_or(last);
    let shown = |turn: &&TurnReport| {
        turn.number <= FIRST || (turn.number + BEFORE >= center && turn.number <= center + AFTER)
    };
    for one in canary.turns.iter().filter(shown) {
        turn(page, paint, indent, one, broke == Some(one.number));
    }
    let hidden = canary.turns.len() - canary.turns.iter().filter(shown).count();
    if hidden > 0 {
        page.line(indent, paint.dim(&format!("({hidden} more turns are in `summary.json`)")));
    }
}

fn turn(page: &mut Page, paint: Paint, indent: usize, turn: &TurnReport, broke: bool) {
    let head = format!("turn {} in context {}", turn.number, escape_bounded(&turn.context, 20));
    let here = if broke { paint.bad("  ← went wrong here") } else { String::new() };
    page.line(indent, format!("{}{here}", paint.dim(&head)));
    let mut said = |who: &str, text: &str| {
        page.line(indent + 2, format!("{who:<6} {}", escape_bounded(text, MESSAGE)));
    };
    if let Some(reason) = &turn.skipped {
        return said("left out:", reason);
    }
    if !turn.say.is_empty() || turn.files.is_empty() {
        said("user", &turn.say);
    }
    if !turn.files.is_empty() {
        said("file", &files(&turn.files));
    }
    match (&turn.reply, &turn.error) {
        (None, None) => said("agent", "(nothing came back)"),
        (reply, error) => {
            reply.iter().for_each(|reply| said("agent", if reply.is_empty() { "(no text)" } else { reply }));
            error.iter().for_each(|error| said("error", error));
        }
    }
}

fn files(files: &[String]) -> String {
    let mut names: Vec<_> = files.iter().take(FILES).map(String::as_str).collect();
    if files.len() > FILES {
        names.push("…");
    }
    names.join(", ")
}
