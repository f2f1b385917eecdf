//! One canary: its verdict, the path of the fact, its turns, and how to run it again.

use std::collections::HashMap;

use coalmine::event::{CanaryReport, CheckReport, RunInfo, Verdict};

use super::{
    before::Before,
    entry::{CheckView, check},
    marked::Facts,
    tab::Sources,
    turn::{TurnContext, TurnView, quoted, turn},
};
use crate::{
    text::{Command, rate},
    view::{Link, Sentence, Shown, Span, Stop, anchor, cause_anchor, duration, path, sentence, turn_link},
};

const MAX_ID: usize = 60;
const MAX_TITLE: usize = 200;
const MAX_TEXT: usize = 600;
const MAX_COMMAND: usize = 4_000;
/// The most turns that are shown.
const MAX_TURNS: usize = 300;
const MAX_CHECKS: usize = 60;

/// One canary.
#[derive(Debug)]
pub(super) struct CanaryView {
    pub(super) anchor: Shown,
    pub(super) number: Option<u32>,
    pub(super) id: Shown,
    pub(super) title: Shown,
    pub(super) verdict: &'static str,
    pub(super) sign: &'static str,
    /// The level of a failure: `must`, `should` or `continuity`.
    pub(super) level: &'static str,
    pub(super) took: Option<Shown>,
    pub(super) cause: Option<CauseLink>,
    /// Whether it is open when the page opens.
    pub(super) open: bool,
    pub(super) notes: Vec<(&'static str, Sentence)>,
    pub(super) path: Vec<Stop>,
    pub(super) broken_turn: Option<Link>,
    /// Checks that are not about one turn.
    pub(super) checks: Vec<CheckView>,
    pub(super) turns: Vec<TurnView>,
    pub(super) more_turns: usize,
    pub(super) again: Option<Shown>,
}

/// The cause of a canary that did not pass.
#[derive(Debug)]
pub(super) struct CauseLink {
    pub(super) code: &'static str,
    pub(super) anchor: Shown,
    pub(super) sentence: Sentence,
}

/// Returns a canary. `open` says whether it is shown at once.
pub(super) fn canary(
    report: &CanaryReport,
    open: bool,
    run: &RunInfo,
    sources: &mut Sources<'_>,
) -> CanaryView {
    let diagnosis = report.diagnosis.as_ref();
    let red = is_red(report.verdict);
    let (of_turns, others) = by_turn(&report.checks);
    CanaryView {
        anchor: anchor(&report.id),
        number: report.number,
        id: Shown::new(&report.id, MAX_ID),
        title: Shown::new(&report.title, MAX_TITLE),
        verdict: report.verdict.name(),
        sign: sign(report.verdict),
        level: level(report),
        took: (report.verdict != Verdict::Skip).then(|| Shown::whole(duration(report.duration_ms))),
        cause: diagnosis.map(|diagnosis| CauseLink {
            code: diagnosis.code.id(),
            anchor: cause_anchor(diagnosis.code),
            sentence: sentence(&diagnosis.sentence, MAX_TEXT),
        }),
        open,
        notes: notes(report),
        path: diagnosis.map(|diagnosis| path(&diagnosis.path)).unwrap_or_default(),
        broken_turn: diagnosis.and_then(|diagnosis| Some(turn_link(&report.id, diagnosis.turn?))),
        checks: others.into_iter().take(MAX_CHECKS).map(check).collect(),
        turns: turns(report, &of_turns, sources),
        more_turns: report.turns.len().saturating_sub(MAX_TURNS),
        again: red.then(|| Shown::new(&Command::run_again(run, Some(&report.id)).shell(), MAX_COMMAND)),
    }
}

/// Returns whether a verdict is one that a reader must look at.
pub(super) fn is_red(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Error | Verdict::Xpass)
}

fn turns(
    report: &CanaryReport,
    checks: &HashMap<u32, Vec<(&str, &CheckReport)>>,
    sources: &mut Sources<'_>,
) -> Vec<TurnView> {
    let wanted = wanted(report);
    // what reached the model last, by conversation
    let mut before: HashMap<&str, Option<Before>> = HashMap::new();
    let shown = report.turns.iter().take(MAX_TURNS);
    shown
        .map(|one| {
            let checks = checks.get(&one.number).cloned().unwrap_or_default();
            let context = TurnContext {
                canary: &report.id,
                diagnosis: report.diagnosis.as_ref(),
                checks,
                wanted: &wanted,
            };
            turn(one, &context, before.entry(&one.context).or_default(), sources)
        })
        .collect()
}

/// Returns the texts that the canary depends on, as its checks quote them.
fn wanted(report: &CanaryReport) -> Vec<String> {
    let mut wanted = Vec::new();
    for turn in &report.turns {
        Facts::add(&mut wanted, turn.missing.iter().map(String::as_str));
    }
    for check in &report.checks {
        let key = turn_and_key(&check.id).map_or("", |(_, key)| key);
        if matches!(key, "reply.contains" | "prompt.contains" | "reply.from-model" | "session" | "peer.asked")
        {
            Facts::add(&mut wanted, quoted(&check.expected));
        }
    }
    wanted
}

type ByTurn<'a> = HashMap<u32, Vec<(&'a str, &'a CheckReport)>>;

/// Returns the checks by their turn, and those that are about none.
fn by_turn(checks: &[CheckReport]) -> (ByTurn<'_>, Vec<&CheckReport>) {
    let (mut of_turns, mut others) = (ByTurn::new(), Vec::new());
    for check in checks {
        match turn_and_key(&check.id) {
            Some((number, key)) => of_turns.entry(number).or_default().push((key, check)),
            None => others.push(check),
        }
    }
    (of_turns, others)
}

/// Returns the turn that a check names, and the rest of its id: `turn-2.reply.contains` is about the reply of turn 2.
fn turn_and_key(id: &str) -> Option<(u32, &str)> {
    let (number, key) = id.strip_prefix("turn-")?.split_once('.')?;
    Some((number.parse().ok()?, key))
}

fn notes(report: &CanaryReport) -> Vec<(&'static str, Sentence)> {
    let mut notes = Vec::new();
    if let Some(rounds) = &report.rounds {
        notes.push(("rounds", sentence(&rate(rounds), MAX_TEXT)));
        if rounds.asked > 1 {
            notes.push(("shown", sentence(&format!("round {} of {}", rounds.shown, rounds.asked), MAX_TEXT)));
        }
    }
    let label = match report.verdict {
        Verdict::Pass => "limit",
        Verdict::Xfail if report.baseline.is_some() => "baseline",
        Verdict::Xfail => "known limit",
        _ => "reason",
    };
    notes.extend(report.reason.iter().map(|reason| (label, sentence(reason, MAX_TEXT))));
    notes.extend(report.hint_toml.iter().map(|line| {
        ("to judge it, add to the profile", vec![Span::Code(Shown::new(line, MAX_TEXT).to_string())])
    }));
    if let Some(cause) = report.diagnosis.as_ref().and_then(|diagnosis| diagnosis.cause.as_ref()) {
        notes.push(("cause", sentence(cause, MAX_TEXT)));
    }
    if let Some(key) = report.session_key {
        notes.push(("sessions are keyed by", sentence(key.name(), MAX_TEXT)));
    }
    notes
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail | Verdict::Xpass => "✗",
        Verdict::Error => "!",
        Verdict::Skip | Verdict::Xfail => "–",
    }
}

fn level(report: &CanaryReport) -> &'static str {
    match report.level {
        coalmine::event::Level::Must => "must",
        coalmine::event::Level::Should => "should",
        coalmine::event::Level::Continuity => "continuity",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_name_their_turn() {
        assert_eq!(turn_and_key("turn-12.reply.contains"), Some((12, "reply.contains")));
        assert_eq!(turn_and_key("agent-card"), None);
        assert_eq!(turn_and_key("turn-x.reply"), None);
    }
}
