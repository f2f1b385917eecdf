//! The conversation, or the part of it that explains the verdict.

use coalmine::event::{APPROVAL, CanaryReport, TurnReport};

use super::{Block, Excerpt, Said, Speaker, Text, Turn};

/// The most characters of one message.
const MAX_MESSAGE: usize = 300;
const MAX_CONTEXT: usize = 20;
/// The most files that are named for one turn.
const MAX_FILES: usize = 5;
/// The turns that are shown of a long conversation: the first, and those around the one that went wrong.
const FIRST: u32 = 2;
const BEFORE: u32 = 6;
const AFTER: u32 = 2;

/// Returns the turns to show, and how many are left out.
pub(super) fn turns(canary: &CanaryReport) -> Vec<Block> {
    let last = canary.turns.last().map_or(0, |turn| turn.number);
    let broken = canary.diagnosis.as_ref().and_then(|diagnosis| diagnosis.turn);
    let center = broken.unwrap_or(last);
    let is_shown = |turn: &&TurnReport| {
        let around = center.saturating_sub(BEFORE)..=center.saturating_add(AFTER);
        turn.number <= FIRST || around.contains(&turn.number)
    };
    let shown = canary.turns.iter().filter(is_shown);
    let mut blocks: Vec<_> =
        shown.map(|turn| Block::Turn(of_turn(turn, broken == Some(turn.number)))).collect();
    let hidden = canary.turns.len() - blocks.len();
    if hidden > 0 {
        blocks.push(Block::MoreTurns(hidden));
    }
    blocks
}

fn of_turn(turn: &TurnReport, broken: bool) -> Turn {
    let context = Excerpt::new(&turn.context, MAX_CONTEXT);
    Turn { number: turn.number, context, broken, said: said(turn) }
}

fn said(turn: &TurnReport) -> Vec<Said> {
    if let Some(reason) = &turn.skipped {
        return vec![quote(Speaker::LeftOut, reason)];
    }
    let mut said = Vec::new();
    if !turn.say.is_empty() || turn.files.is_empty() {
        said.push(quote(Speaker::User, &turn.say));
    }
    if !turn.files.is_empty() {
        said.push(quote(Speaker::File, &file_names(&turn.files)));
    }
    for question in &turn.approved {
        said.extend([quote(Speaker::Agent, question), quote(Speaker::User, APPROVAL)]);
    }
    match turn.reply.as_deref() {
        Some("") => said.push(Said { speaker: Speaker::Agent, text: "(no text)".into() }),
        Some(reply) => said.push(quote(Speaker::Agent, reply)),
        None if turn.error.is_none() => {
            said.push(Said { speaker: Speaker::Agent, text: "(nothing came back)".into() });
        }
        None => {}
    }
    said.extend(turn.error.iter().map(|error| quote(Speaker::Error, error)));
    said
}

fn quote(speaker: Speaker, text: &str) -> Said {
    Said { speaker, text: Text::Excerpt(Excerpt::new(text, MAX_MESSAGE)) }
}

fn file_names(files: &[String]) -> String {
    let mut names: Vec<_> = files.iter().take(MAX_FILES).map(String::as_str).collect();
    if files.len() > MAX_FILES {
        names.push("…");
    }
    names.join(", ")
}
