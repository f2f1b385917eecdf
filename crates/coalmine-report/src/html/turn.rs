//! One turn: what was said, what was expected of it, and what is known of each step.

use coalmine::event::{APPROVAL, CheckReport, Diagnosis, TurnReport, Verdict};

use super::{
    before::Before,
    entry::{CheckView, Entry, check, checks_of},
    evidence::{answers, store, wire},
    marked::{Facts, Marked},
    prompt::prompts,
    tab::{Sources, Step, Tab},
    tools::tools,
};
use crate::view::{Shown, duration, turn_link};

const MAX_MESSAGE: usize = 4_000;
const MAX_CONTEXT: usize = 20;
const MAX_FILES: usize = 20;
const MAX_NAME: usize = 200;
/// Stands in place of a speaker if the turn was not sent.
const LEFT_OUT: &str = "left out";
const MAX_FAILED: usize = 20;

/// One turn.
#[derive(Debug)]
pub(super) struct TurnView {
    pub(super) anchor: Shown,
    pub(super) number: u32,
    pub(super) context: Shown,
    pub(super) took: Option<Shown>,
    /// Whether this is the turn that went wrong.
    pub(super) broken: bool,
    pub(super) said: Vec<SaidView>,
    pub(super) failed: Vec<CheckView>,
    /// How many of its checks passed.
    pub(super) held: usize,
    pub(super) tabs: Vec<Tab>,
}

/// One message of the conversation.
#[derive(Debug)]
pub(super) struct SaidView {
    pub(super) speaker: &'static str,
    pub(super) text: Marked,
    pub(super) files: Vec<Shown>,
}

impl SaidView {
    /// Returns the speaker as the name of a class.
    pub(super) fn class(&self) -> &'static str {
        if self.speaker == LEFT_OUT { "left-out" } else { self.speaker }
    }
}

/// What a turn is looked at with.
#[derive(Debug)]
pub(super) struct TurnContext<'a> {
    pub(super) canary: &'a str,
    pub(super) diagnosis: Option<&'a Diagnosis>,
    /// The checks of the turn, by the part of their id after the turn.
    pub(super) checks: Vec<(&'a str, &'a CheckReport)>,
    /// What any turn of the canary depends on.
    pub(super) wanted: &'a [String],
}

/// Returns a turn. `before` is what reached the model last in its conversation.
pub(super) fn turn(
    turn: &TurnReport,
    context: &TurnContext<'_>,
    before: &mut Option<Before>,
    sources: &mut Sources<'_>,
) -> TurnView {
    let broken_at = context.diagnosis.filter(|diagnosis| diagnosis.turn == Some(turn.number));
    let in_reply = context.facts(&["reply.lacks"], &[]);
    let failed =
        context.checks.iter().filter(|(_, check)| matches!(check.verdict, Verdict::Fail | Verdict::Error));
    TurnView {
        anchor: turn_link(context.canary, turn.number).anchor,
        number: turn.number,
        context: Shown::new(&turn.context, MAX_CONTEXT),
        took: turn.skipped.is_none().then(|| Shown::whole(duration(turn.took_ms))),
        broken: broken_at.is_some(),
        said: said(turn, &context.facts(&[], &[]), &in_reply),
        failed: failed.take(MAX_FAILED).map(|(_, report)| check(report)).collect(),
        held: context.checks.iter().filter(|(_, check)| check.verdict == Verdict::Pass).count(),
        tabs: tabs(turn, context, broken_at, before, sources),
    }
}

impl TurnContext<'_> {
    /// Returns what is marked: what the canary depends on, and what these checks of the turn forbid.
    fn facts(&self, forbidden: &[&str], unwanted: &[String]) -> Facts {
        let mut facts = Facts { wanted: self.wanted.to_vec(), unwanted: vec![] };
        Facts::add(&mut facts.unwanted, unwanted.iter().map(String::as_str));
        for (_, check) in self.checks.iter().filter(|(key, _)| forbidden.contains(key)) {
            Facts::add(&mut facts.unwanted, quoted(&check.expected));
        }
        facts
    }
}

/// Returns the texts in back-ticks.
pub(super) fn quoted(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('`').skip(1).step_by(2)
}

fn said(turn: &TurnReport, plain: &Facts, in_reply: &Facts) -> Vec<SaidView> {
    let message = |speaker, text: &str, facts| SaidView {
        speaker,
        text: Marked::head(text, MAX_MESSAGE, facts),
        files: vec![],
    };
    if let Some(reason) = &turn.skipped {
        return vec![message(LEFT_OUT, reason, plain)];
    }
    let files = turn.files.iter().take(MAX_FILES).map(|name| Shown::new(name, MAX_NAME)).collect();
    let mut said = vec![SaidView { files, ..message("user", &turn.say, plain) }];
    for question in &turn.approved {
        said.extend([message("agent", question, plain), message("user", APPROVAL, plain)]);
    }
    match turn.reply.as_deref() {
        Some("") => said.push(SaidView { speaker: "agent", text: Marked::words("(no text)"), files: vec![] }),
        Some(reply) => said.push(message("agent", reply, in_reply)),
        None if turn.error.is_none() => {
            said.push(SaidView {
                speaker: "agent",
                text: Marked::words("(nothing came back)"),
                files: vec![],
            });
        }
        None => {}
    }
    said.extend(turn.error.iter().map(|error| message("error", error, plain)));
    said
}

fn tabs(
    turn: &TurnReport,
    context: &TurnContext<'_>,
    broken_at: Option<&Diagnosis>,
    before: &mut Option<Before>,
    sources: &mut Sources<'_>,
) -> Vec<Tab> {
    if turn.skipped.is_some() {
        return vec![];
    }
    let plain = context.facts(&[], &[]);
    let in_prompt = context.facts(&["prompt.lacks"], &turn.unwanted);
    let in_reply = context.facts(&["reply.lacks"], &[]);
    let to_peers = context.facts(&["peer.lacks"], &[]);
    let mut all: Vec<(Step, Vec<Entry>)> = vec![
        (Step::Wire, wire(turn, &plain, sources)),
        (Step::Store, store(turn, &plain, sources)),
        (Step::Prompt, prompts(turn, &in_prompt, before, sources)),
        (Step::Tools, tools(turn, &to_peers, sources)),
        (Step::Answer, answers(turn, &in_reply, sources)),
    ];
    if all.iter().all(|(_, entries)| entries.is_empty()) {
        return vec![];
    }
    all.push((Step::Reply, reply(turn, &in_reply)));
    let broken = broken_at.map(|diagnosis| Step::of_layer(diagnosis.layer));
    let first = broken.unwrap_or(Step::Prompt);
    all.into_iter()
        .map(|(step, entries)| Tab {
            step,
            broken: broken == Some(step),
            first: step == first,
            checks: checks_of(&context.checks, step),
            entries,
            nothing: nothing(step),
        })
        .collect()
}

fn reply(turn: &TurnReport, facts: &Facts) -> Vec<Entry> {
    let mut entries: Vec<Entry> = turn
        .reply
        .iter()
        .filter(|reply| !reply.is_empty())
        .map(|reply| Entry::new("agent", Some(Marked::head(reply, MAX_MESSAGE, facts))))
        .collect();
    entries.extend(
        turn.error.iter().map(|error| Entry::new("error", Some(Marked::head(error, MAX_MESSAGE, facts)))),
    );
    entries
}

fn nothing(step: Step) -> &'static str {
    match step {
        Step::Wire => "No file of this turn is in the run's folder.",
        Step::Store => "The session store was not read, or its file is not in the run's folder.",
        Step::Prompt => "The model was not called in this turn, or the journal is not in the run's folder.",
        Step::Tools => "No tool was offered or called in this turn.",
        Step::Answer => "The model was not called in this turn, or the journal is not in the run's folder.",
        Step::Reply => "The agent replied without any text.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_what_stands_in_back_ticks() {
        assert_eq!(quoted("one session holds `a b` and `c`").collect::<Vec<_>>(), ["a b", "c"]);
        assert_eq!(quoted("an answer").count(), 0);
    }
}
