//! Which layer broke first: dispatch by what failed.

use coalmine_a2a::Dialect;

use super::{
    answer, around,
    blind::REACHED,
    chain::{Break, Chain},
    kept, key, leak, lost, memory, wire,
};
use crate::{
    event::{CheckReport, Diagnosis, Evidence, ModelMode, Step, Verdict},
    observe::{Store, TurnSeen},
    plan::{ContextRule, KeyProbe, Promise, Restart, Scope, Script},
};

/// What is known beside the turns.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Who answers as the model.
    pub model: ModelMode,
    /// Whether the runtime ever called the model in this run.
    pub model_called: bool,
    /// What the profile says of a memory.
    pub memory: Promise,
    /// What it says of sessions and the end of the process.
    pub restart: Restart,
    /// What it says of images and PDFs.
    pub binary: Promise,
    /// What it says of other agents.
    pub peers: Promise,
    /// What it says of messages that come twice.
    pub once: Promise,
    /// What it says a session belongs to.
    pub scope: Scope,
    /// The dialect that is spoken.
    pub dialect: Option<Dialect>,
}

impl Known {
    /// Whether a turn without a `contextId` must come back with one: a task has one in 0.3 (1.0 §3.4.1 lets agents go
    /// without).
    pub(super) fn must_make_context(&self, turn: &TurnSeen) -> bool {
        self.dialect != Some(Dialect::V1_0) && turn.state.is_some()
    }

    /// Whether what a turn asks of the model counts: a message that comes twice may be executed twice.
    pub(super) fn must_execute_once(&self, turn: &TurnSeen) -> bool {
        !turn.turn.send.again || self.once == Promise::Kept
    }
}

/// Something that the user should have got to see, or the model.
pub(super) enum Wanted<'a> {
    Text(&'a str),
    Pattern(&'a regex::Regex),
}

impl Wanted<'_> {
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => text.contains(wanted),
            Self::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Pattern(pattern) => write!(f, "`{pattern}`"),
        }
    }
}

/// Names the first departure, in the order of the turns and of each turn's path; `failed` is the first check that failed.
pub(super) fn diagnose(script: &Script, seen: &[TurnSeen], known: &Known, failed: &CheckReport) -> Diagnosis {
    for turn in seen.iter().filter(|turn| turn.skipped.is_none()) {
        if let Some(diagnosis) = of_turn(script, turn, seen, known) {
            return diagnosis;
        }
    }
    if let Some(diagnosis) = of_key(script, seen, known) {
        return diagnosis;
    }
    by_check(failed, seen)
}

/// A check for which there is no explanation here: it speaks for itself.
fn by_check(failed: &CheckReport, seen: &[TurnSeen]) -> Diagnosis {
    let (turn, what) = match failed.id.strip_prefix("turn-").and_then(|rest| rest.split_once('.')) {
        Some((number, what)) => (number.parse().ok(), what),
        None => (None, failed.id.as_str()),
    };
    let (code, step) = match what {
        "memory.written" => ("tool.memory-not-written", Step::Tool),
        "reply.no-empty-prompt" => ("prompt.empty-prompt", Step::Prompt),
        _ => ("reply.answer-lost", Step::Reply),
    };
    let sentence = format!("`{}` was to be: {}; it is: {}", failed.id, failed.expected, failed.actual);
    let evidence = seen.iter().find(|seen| Some(seen.number) == turn).map(evidence).unwrap_or_default();
    Chain::default().diagnosis(Break { code, step, sentence }, turn, evidence)
}

fn of_turn(script: &Script, turn: &TurnSeen, seen: &[TurnSeen], known: &Known) -> Option<Diagnosis> {
    let answered = answer::judge(turn).verdict;
    if answered == Verdict::Fail {
        return Some(wire::unanswered(turn, seen, known));
    }
    if let Some(diagnosis) = around::too_many_calls(turn, known).or_else(|| around::file_escaped(turn)) {
        return Some(diagnosis);
    }
    let expected = &turn.turn;
    if answered == Verdict::Skip || !turn.speaks() {
        return None;
    }
    match expected.context_rule {
        Some(ContextRule::Kept) => {
            if let Some(other) = turn.context_ids.iter().find(|id| **id != turn.context_id) {
                return Some(wire::context_replaced(turn, other));
            }
        }
        Some(ContextRule::Made) if turn.context_ids.is_empty() && known.must_make_context(turn) => {
            return Some(wire::context_missing(turn));
        }
        Some(ContextRule::Made) | None => {}
    }
    if expected.key.is_some() {
        return None;
    }
    let prompts =
        expected.prompt_contains.iter().filter(|text| !turn.prompted(text)).map(|text| Wanted::Text(text));
    let texts = expected
        .reply_contains
        .iter()
        .filter(|text| !turn.reply.contains(*text))
        .map(|text| Wanted::Text(text));
    let patterns = expected.reply_matches.iter().filter(|p| !p.is_match(&turn.reply)).map(Wanted::Pattern);
    let lost = prompts.chain(texts).chain(patterns).next();
    // what a peer was asked comes before what became of its answer
    if (lost.is_none() || !turn.asked.is_empty())
        && let Some(diagnosis) = around::of_peer(turn)
    {
        return Some(diagnosis);
    }
    if let Some(wanted) = lost {
        // the earliest departure: another conversation was answered, or another one's fact
        if let Some((earlier, other)) = replaced_before(turn, seen) {
            return Some(wire::context_replaced(earlier, other));
        }
        let stranger = turn.strangers().into_iter().next().map(String::as_str);
        if let Some(fact) = stranger.or_else(|| foreign_fact(script, turn, seen)) {
            return Some(leak::diagnose(script, turn, seen, fact));
        }
        return Some(lost::diagnose(script, turn, seen, &wanted, known));
    }
    let leaked = expected.reply_lacks.iter().find(|text| turn.reply.contains(*text));
    let leaked = leaked.or_else(|| turn.prompted_amiss(seen).next());
    if let Some(text) = leaked.or_else(|| turn.strangers().into_iter().next()) {
        return Some(leak::diagnose(script, turn, seen, text));
    }
    if let Some(other) = expected.same_as.and_then(|number| seen.iter().find(|other| other.number == number))
        && !turn.says_the_same_as(other)
    {
        return Some(lost::differs(turn, other));
    }
    if !expected.session.is_empty() {
        let texts: Vec<&str> = expected.session.iter().map(String::as_str).collect();
        if turn.store.tells_sessions_apart() && !turn.store.holds_together(&texts) {
            return Some(kept::split(turn, &texts));
        }
    }
    memory::unproven(turn, seen)
}

/// A turn of the same context, up to this one, that came back under another `contextId`.
fn replaced_before<'a>(turn: &TurnSeen, seen: &'a [TurnSeen]) -> Option<(&'a TurnSeen, &'a str)> {
    let same = |other: &&TurnSeen| other.number <= turn.number && other.turn.context == turn.turn.context;
    seen.iter().filter(same).filter(|other| !other.context_id.is_empty()).find_map(|other| {
        Some((other, other.context_ids.iter().find(|id| **id != other.context_id)?.as_str()))
    })
}

/// A fact in the reply that only another context was told.
fn foreign_fact<'a>(script: &'a Script, turn: &TurnSeen, seen: &[TurnSeen]) -> Option<&'a str> {
    let told = |fact: &str, own: bool| {
        seen.iter()
            .any(|other| (other.turn.context == turn.turn.context) == own && other.turn.told().contains(fact))
    };
    let answers_memory = turn.turn.memory.is_some();
    let mut facts = script.facts.in_text(&turn.reply);
    facts.find(|fact| !answers_memory && told(fact, false) && !told(fact, true))
}

/// Sessions hang on another key than the profile promises.
fn of_key(script: &Script, seen: &[TurnSeen], known: &Known) -> Option<Diagnosis> {
    script.turns.iter().find(|turn| turn.key.is_some())?;
    let (found, promised) = (key::infer(seen)?, key::promised(known.scope));
    let asked = seen.iter().find(|turn| turn.turn.key.is_some())?;
    let asked_last = seen.iter().rev().find(|turn| turn.turn.key == Some(KeyProbe::SameContext));
    if key::is_promised(known.scope, found) {
        return None;
    }
    let code = match found {
        "one" | "workspace" | "mixed" => "session.shared",
        _ => "session.split",
    };
    if let Some((turn, other)) = asked_last.and_then(|turn| replaced_before(turn, seen)) {
        return Some(wire::context_replaced(turn, other));
    }
    // a fact that reached the reply and no prompt says nothing of the sessions
    let stranger = seen.iter().find(|turn| turn.turn.key == Some(KeyProbe::OtherContext));
    if let (true, Some(turn)) =
        (known.model == ModelMode::Simulated && matches!(found, "one" | "workspace"), stranger)
        && let Some(fact) = turn.turn.reply_contains.iter().find(|fact| !turn.prompted(fact))
    {
        return Some(leak::diagnose(script, turn, seen, fact));
    }
    // where the store does not show it, what is lost on the way looks the same
    if let (true, "none", Some(turn)) = (known.model == ModelMode::Simulated, found, asked_last)
        && let Some(fact) = turn.turn.reply_contains.iter().find(|fact| !turn.reply.contains(*fact))
        && (turn.prompted(fact) || !turn.store.tells_sessions_apart())
    {
        return Some(lost::diagnose(script, turn, seen, &Wanted::Text(fact), known));
    }
    let hang_on = match found {
        "one" => "one key for all conversations".to_owned(),
        "none" => "no key that ever comes again".to_owned(),
        "mixed" => "another key in each turn".to_owned(),
        key => format!("the {key}"),
    };
    let asked = asked_last.unwrap_or(asked);
    let sentence = format!("sessions hang on {hang_on}; the profile promises `{promised}`");
    let mut chain = Chain::default();
    chain.ok(Step::Sent, "the runtime took the messages and answered");
    Some(chain.diagnosis(Break { code, step: Step::Store, sentence }, Some(asked.number), evidence(asked)))
}

/// The evidence of a turn: what was said, what came back, what the model was asked and what it answered.
pub(super) fn evidence(turn: &TurnSeen) -> Vec<Evidence> {
    let short = |text: &str| text.chars().take(300).collect::<String>();
    let item = |what: &str, text: String, path: Option<&str>| Evidence {
        what: what.to_owned(),
        text: short(&text),
        path: path.map(str::to_owned),
    };
    let mut all = vec![];
    for path in &turn.wire {
        let what = if path.contains("request") { "what the client sent" } else { "what came back" };
        all.push(item(what, String::new(), Some(path)));
    }
    match turn.calls.last() {
        None => all.push(item(REACHED, "nothing: it was not called in this turn".into(), None)),
        Some(call) => {
            let lines: Vec<String> = turn.calls.iter().map(|call| call.seq.to_string()).collect();
            let text = format!("{} call(s), `seq` {} in the journal", turn.calls.len(), lines.join(", "));
            all.push(item(REACHED, text, Some("journal.ndjson")));
            if let Some(answer) = &call.content.answer {
                let calls = call.content.tool_calls();
                let tools: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
                let text = if tools.is_empty() {
                    answer.text.clone()
                } else {
                    format!("calls {}", tools.join(", "))
                };
                all.push(item("what the model answered", text, Some("journal.ndjson")));
            }
        }
    }
    match &*turn.store {
        Store::Read { records, .. } => {
            all.push(item(
                "what the store held",
                format!("{} session(s)", records.len()),
                Some("session-store/"),
            ));
        }
        Store::Unreadable(reason) => {
            all.push(item("what the store held", format!("cannot be read: {reason}"), None))
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Level;

    #[test]
    fn a_check_that_nothing_explains_speaks_for_itself() {
        let told = |id: &str| {
            let (expected, actual) = ("the fact is in the memory".into(), "found nowhere".into());
            let (level, verdict) = (Level::Continuity, Verdict::Fail);
            let diagnosis = by_check(&CheckReport { id: id.into(), level, verdict, expected, actual }, &[]);
            (diagnosis.code, diagnosis.turn)
        };
        assert_eq!(told("turn-2.memory.written"), ("tool.memory-not-written".into(), Some(2)));
        assert_eq!(told("turn-1.reply.no-empty-prompt"), ("prompt.empty-prompt".into(), Some(1)));
        assert_eq!(told("session-key"), ("reply.answer-lost".into(), None));
    }
}
