//! Every expectation of a canary with what was seen, and the verdict that follows.

use super::{Known, answer, blind, diagnose::diagnose, key, markers, promise};
use crate::{
    event::{CheckReport, Diagnosis, Level, Verdict},
    observe::{Store, TurnSeen},
    plan::{ContextRule, MemoryRule, Script},
};

/// A canary's verdict with everything that led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// How it ended.
    pub verdict: Verdict,
    /// Every expectation, in order.
    pub checks: Vec<CheckReport>,
    /// Why it failed.
    pub diagnosis: Option<Diagnosis>,
    /// Why it was skipped, or a limit of the judgement.
    pub reason: Option<String>,
    /// The key on which the runtime's sessions hang, where the canary looks for it.
    pub session_key: Option<String>,
}

impl Judged {
    /// A verdict without a look at any turn.
    pub fn unlooked(verdict: Verdict, diagnosis: Option<Diagnosis>, reason: Option<String>) -> Self {
        Self { verdict, checks: vec![], diagnosis, reason, session_key: None }
    }
}

/// Judges a canary by what was seen of its turns.
pub fn judge(script: &Script, seen: &[TurnSeen], known: &Known) -> Judged {
    let level = script.canary.level;
    let mut checks = vec![];
    for turn in seen {
        checks.extend(of_turn(turn, seen, level, known));
    }
    let session_key = match script.turns.iter().any(|turn| turn.key.is_some()) {
        true => of_key(&mut checks, seen, known, level),
        false => None,
    };
    let judged = |verdict, checks, diagnosis, reason| Judged {
        verdict,
        checks,
        diagnosis,
        reason,
        session_key: session_key.clone(),
    };
    let Some(failed) = checks.iter().find(|check| check.verdict == Verdict::Fail) else {
        let left_out = checks.iter().find(|check| check.verdict == Verdict::Skip);
        let reason = left_out.map(|check| format!("{}: {}", check.id, check.actual));
        // a canary of which nothing was judged has shown nothing, and neither has one that is about something nobody
        // could look at
        let skipped =
            |id: &str| checks.iter().any(|check| check.verdict == Verdict::Skip && check.id.ends_with(id));
        let passed =
            |id: &str| checks.iter().any(|check| check.verdict == Verdict::Pass && check.id.ends_with(id));
        let blind = skipped(".session")
            || skipped(".in-time")
            || skipped(".answered")
            || skipped(".model-calls")
            || skipped(".no-file")
            || skipped("session-key")
            || (skipped(".memory.written") && !passed(".memory.read"));
        let shown = !blind && passed("");
        let verdict = if shown { Verdict::Pass } else { Verdict::Skip };
        return judged(verdict, checks, None, reason);
    };
    let mut diagnosis = diagnose(script, seen, known, failed);
    blind::limit(&mut diagnosis, known.model);
    if let Some(reason) = promise::unpromised(script, seen, known, &diagnosis) {
        return judged(Verdict::Skip, checks, None, Some(reason));
    }
    judged(Verdict::Fail, checks, Some(diagnosis), None)
}

/// The key on which sessions hang, beside the one that the profile promises.
fn of_key(checks: &mut Vec<CheckReport>, seen: &[TurnSeen], known: &Known, level: Level) -> Option<String> {
    let found = key::infer(seen);
    let promised = key::promised(known.scope);
    let (verdict, actual) = match found {
        None => (Verdict::Skip, "the turns that tell it brought no answer"),
        Some(key) if key::is_promised(known.scope, key) => (Verdict::Pass, key),
        Some(key) => (Verdict::Fail, key),
    };
    checks.push(CheckReport {
        id: "session-key".into(),
        level,
        verdict,
        expected: format!("sessions hang on: {promised}"),
        actual: actual.to_owned(),
    });
    found.map(str::to_owned)
}

fn of_turn(seen: &TurnSeen, all: &[TurnSeen], level: Level, known: &Known) -> Vec<CheckReport> {
    let mut checks = Checks { turn: seen.number, level, list: vec![] };
    if let Some(reason) = &seen.skipped {
        checks.add("sent", Verdict::Skip, "the turn is sent", reason);
        return checks.list;
    }
    let answered = answer::judge(seen);
    checks.add(answered.id, answered.verdict, answered.expected, &answered.actual);
    let turn = &seen.turn;
    around(&mut checks, seen, known);
    if answered.verdict == Verdict::Skip || !seen.speaks() {
        return checks.list;
    }
    context(&mut checks, seen, known);
    // what a turn knows of the key is no demand: what follows from it is
    if turn.key.is_some() {
        return checks.list;
    }
    for text in &turn.prompt_contains {
        let actual = prompt_seen(seen);
        checks.test("prompt.contains", seen.prompted(text), &format!("`{text}` reaches the model"), &actual);
    }
    for text in &turn.prompt_lacks {
        let lacks = !seen.prompted_amiss(all).any(|other| other == text);
        let expected = format!("`{text}` does not reach the model");
        checks.test("prompt.lacks", lacks, &expected, &prompt_seen(seen));
    }
    if !turn.files.is_empty() && turn.say.is_empty() {
        let marker = markers::empty_prompt(&seen.reply);
        checks.test("reply.no-empty-prompt", marker.is_none(), "no empty-prompt sentence", &seen.reply);
    }
    for text in &turn.reply_contains {
        checks.test("reply.contains", seen.reply.contains(text), &format!("contains `{text}`"), &seen.reply);
    }
    for pattern in &turn.reply_matches {
        let expected = format!("matches `{pattern}`");
        checks.test("reply.matches", pattern.is_match(&seen.reply), &expected, &seen.reply);
    }
    for text in &turn.reply_lacks {
        checks.test(
            "reply.lacks",
            !seen.reply.contains(text),
            &format!("does not contain `{text}`"),
            &seen.reply,
        );
    }
    others(&mut checks, seen);
    if let Some(other) = turn.same_as.and_then(|number| all.iter().find(|other| other.number == number)) {
        let expected = format!("as in turn {}: {}", other.number, other.reply);
        checks.test("reply.same-as", seen.says_the_same_as(other), &expected, &seen.reply);
    }
    if !turn.session.is_empty() {
        session(&mut checks, seen);
    }
    match turn.memory {
        Some(MemoryRule::Written) => written(&mut checks, seen, all),
        Some(MemoryRule::Read) => read(&mut checks, seen, all),
        None => {}
    }
    checks.list
}

fn context(checks: &mut Checks, seen: &TurnSeen, known: &Known) {
    match seen.turn.context_rule {
        Some(ContextRule::Kept) => {
            let expected = format!("contextId {}", seen.context_id);
            match seen.context_ids.iter().all(|id| *id == seen.context_id) {
                _ if seen.context_ids.is_empty() => {
                    checks.add("context.kept", Verdict::Skip, &expected, "no contextId came back");
                }
                kept => checks.test("context.kept", kept, &expected, &seen.context_ids.join(", ")),
            }
        }
        Some(ContextRule::Made) => {
            let expected = "a contextId comes back";
            match seen.context_ids.is_empty() && !known.must_make_context(seen) {
                true => {
                    checks.add("context.made", Verdict::Skip, expected, "none came back, and none has to")
                }
                false => {
                    let made = !seen.context_ids.is_empty();
                    checks.test("context.made", made, expected, &seen.context_ids.join(", "));
                }
            }
        }
        None => {}
    }
}

/// What stands around the conversation.
fn around(checks: &mut Checks, seen: &TurnSeen, known: &Known) {
    let turn = &seen.turn;
    if let Some(most) = turn.max_model_calls {
        let quiet = if seen.quiet == Some(false) { ", and it goes on" } else { "" };
        let actual = format!("{} call(s){quiet}", seen.calls.len());
        let expected = format!("at most {most} call(s) to the model");
        match seen.asks_enough() || known.must_execute_once(seen) {
            true => checks.test("model-calls", seen.asks_enough(), &expected, &actual),
            false => checks.add("model-calls", Verdict::Skip, &expected, EXECUTED_AGAIN),
        }
    }
    let planned = turn.model_fault.named().len();
    if planned > 0 {
        let made = seen.calls.iter().filter(|call| call.content.model_fault.is_some()).count();
        let (expected, actual) =
            (format!("{planned} answer(s) of the model suffer"), format!("{made} did: there were no more"));
        match made >= planned {
            true => checks.test("model-fault", true, &expected, &format!("{made} did")),
            false => checks.add("model-fault", Verdict::Skip, &expected, &actual),
        }
    }
    if !turn.no_file.is_empty() {
        let expected = format!("no file {}", turn.no_file.join(", "));
        match &seen.files_there {
            Ok(there) => checks.test("no-file", there.is_empty(), &expected, &there.join(", ")),
            Err(reason) => checks.add("no-file", Verdict::Skip, &expected, reason),
        }
    }
    if turn.peer_asked.is_empty() && turn.peer_lacks.is_empty() {
        return;
    }
    let asked: Vec<_> = seen.asked.iter().filter_map(|call| call.content.peer.as_ref()).collect();
    let texts: Vec<&str> = asked.iter().map(|ask| ask.text.as_str()).collect();
    let actual = if texts.is_empty() { "no agent was asked".to_owned() } else { texts.join(" | ") };
    for text in &turn.peer_asked {
        let holds = texts.iter().any(|asked| asked.contains(text));
        checks.test("peer.asked", holds, &format!("another agent is asked for `{text}`"), &actual);
    }
    for text in &turn.peer_lacks {
        let holds = !asked.iter().any(|ask| ask.everything.contains(text));
        checks.test("peer.lacks", holds, &format!("`{text}` does not go along"), &actual);
    }
    let own = |id: &&str| *id != seen.context_id;
    let ids: Vec<&str> = asked.iter().filter_map(|ask| ask.context_id.as_deref()).collect();
    checks.test("peer.context", ids.iter().all(own), "a context of its own", &ids.join(", "));
}

const EXECUTED_AGAIN: &str = "a message that came a second time was executed a second time, which the specification allows; \
                              say `delivery.once = \"kept\"` in the profile to require that it is not";

/// Facts of the other contexts of an `each` turn: one check for all of them.
fn others(checks: &mut Checks, seen: &TurnSeen) {
    if seen.turn.others.is_empty() {
        return;
    }
    let expected =
        format!("nothing of {} other context(s)", seen.turn.others.len().saturating_sub(seen.turn.own.len()));
    match seen.strangers().first() {
        None => checks.test("others", true, &expected, "nothing"),
        Some(stranger) => checks.test("others", false, &expected, &format!("`{stranger}`")),
    }
}

fn session(checks: &mut Checks, seen: &TurnSeen) {
    let texts: Vec<&str> = seen.turn.session.iter().map(String::as_str).collect();
    let expected = format!("one session holds {}", quoted(&texts));
    match &*seen.store {
        Store::Unreadable(reason) => {
            let actual = format!("the session store cannot be read ({reason})");
            checks.add("session", Verdict::Skip, &expected, &actual);
        }
        Store::Read { by_session: false, .. } => {
            checks.add("session", Verdict::Skip, &expected, "sessions cannot be told apart in the store");
        }
        Store::Read { records, .. } => {
            let actual: Vec<String> = texts
                .iter()
                .map(|text| {
                    let holders: Vec<&str> = records
                        .iter()
                        .filter(|r| r.text.contains(text))
                        .map(|r| r.key.as_str())
                        .take(4)
                        .collect();
                    let holders = if holders.is_empty() { "none".to_owned() } else { holders.join(", ") };
                    format!("`{text}` in {holders}")
                })
                .collect();
            checks.test("session", seen.store.holds_together(&texts), &expected, &actual.join("; "));
        }
    }
}

/// Written is what can be read back: in the memory root, in the control plane, or by the runtime's own reading later.
fn written(checks: &mut Checks, seen: &TurnSeen, all: &[TurnSeen]) {
    let expected = "the fact is in the memory";
    let kept = |text: &String| {
        let facts = facts_in(text, &seen.turn.say);
        facts.iter().any(|fact| {
            seen.memory.kept.iter().any(|memory| memory.contains(fact.as_str()))
                || all.iter().any(|turn| turn.number > seen.number && turn.remembered(fact, &seen.turn.say))
        })
    };
    let proven = seen.memory.written.iter().any(kept)
        || facts_in(&seen.turn.say, &seen.turn.say)
            .iter()
            .any(|fact| seen.memory.kept.iter().any(|memory| memory.contains(fact.as_str())));
    let later =
        all.iter().any(|turn| turn.number > seen.number && turn.turn.memory == Some(MemoryRule::Read));
    let model_took_part = !seen.calls.is_empty();
    match (proven, seen.memory.written.first()) {
        (true, written) => {
            checks.test("memory.written", true, expected, written.map_or("it is", String::as_str));
        }
        (false, None) if model_took_part => {
            let tools = if seen.memory.write_tools.is_empty() {
                "no tool for writing was offered"
            } else {
                "no tool was called"
            };
            checks.test("memory.written", false, expected, tools);
        }
        (false, None) if later => {
            checks.add(
                "memory.written",
                Verdict::Skip,
                expected,
                "it cannot be seen from outside; the recall decides",
            );
        }
        (false, _) => checks.test("memory.written", false, expected, "acknowledged, but found nowhere"),
    }
}

fn read(checks: &mut Checks, seen: &TurnSeen, all: &[TurnSeen]) {
    if seen.calls.is_empty() {
        checks.add(
            "memory.read",
            Verdict::Skip,
            "the fact comes from memory",
            "there was no call to the model to look into",
        );
        return;
    }
    let wanted = &seen.turn.reply_contains;
    let came = wanted.iter().all(|fact| seen.remembered(fact, super::memory::told(fact, all)));
    let results = &seen.memory.results;
    let actual = match (seen.memory.reads, results.is_empty()) {
        (0, true) => "no memory was read".to_owned(),
        _ => format!("results: {}", results.join(" | ")),
    };
    checks.test("memory.read", came, "the fact comes from memory, not from the conversation", &actual);
}

/// Words of `text` that also stand in what the user said and look drawn: they end in digits.
fn facts_in(text: &str, said: &str) -> Vec<String> {
    let word = |c: char| c.is_alphanumeric() || c == '-';
    text.split(|c| !word(c))
        .filter(|token| {
            token.contains('-') && token.ends_with(|c: char| c.is_ascii_digit()) && said.contains(token)
        })
        .map(str::to_owned)
        .collect()
}

fn prompt_seen(seen: &TurnSeen) -> String {
    match seen.prompts().last() {
        None => "no call to the model".into(),
        Some(prompt) => {
            let roles: Vec<String> = prompt
                .messages
                .iter()
                .rev()
                .take(3)
                .rev()
                .map(|m| format!("{:?}: {}", m.role, m.readable()))
                .collect();
            format!("{} call(s); the last one ends with {}", seen.calls.len(), roles.join(" / "))
        }
    }
}

fn quoted(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" and ")
}

/// Checks of one turn.
struct Checks {
    turn: u32,
    level: Level,
    list: Vec<CheckReport>,
}

impl Checks {
    fn test(&mut self, id: &str, holds: bool, expected: &str, actual: &str) {
        self.add(id, if holds { Verdict::Pass } else { Verdict::Fail }, expected, actual);
    }

    fn add(&mut self, id: &str, verdict: Verdict, expected: &str, actual: &str) {
        self.list.push(CheckReport {
            id: format!("turn-{}.{id}", self.turn),
            level: self.level,
            verdict,
            expected: expected.to_owned(),
            actual: actual.chars().take(500).collect(),
        });
    }
}
