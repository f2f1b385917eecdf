//! Every expectation of a canary with what was seen, and the verdict that follows.

use super::{Known, diagnose::diagnose, markers};
use crate::{
    event::{CheckReport, Diagnosis, Level, Verdict},
    observe::{Store, TurnSeen},
    plan::{ContextRule, MemoryRule, Promise, Script},
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
}

/// Judges a canary by what was seen of its turns.
pub fn judge(script: &Script, seen: &[TurnSeen], known: &Known) -> Judged {
    let level = script.canary.level;
    let mut checks = vec![];
    for turn in seen {
        checks.extend(of_turn(turn, seen, level));
    }
    let failed = checks.iter().any(|check| check.verdict == Verdict::Fail);
    if !failed {
        let left_out = checks.iter().find(|check| check.verdict == Verdict::Skip);
        let reason = left_out.map(|check| format!("{}: {}", check.id, check.actual));
        // a canary of which nothing was judged has shown nothing, and neither has one that is about something nobody
        // could look at
        let skipped =
            |id: &str| checks.iter().any(|check| check.verdict == Verdict::Skip && check.id.ends_with(id));
        let passed =
            |id: &str| checks.iter().any(|check| check.verdict == Verdict::Pass && check.id.ends_with(id));
        let blind = skipped(".session") || (skipped(".memory.written") && !passed(".memory.read"));
        let shown = !blind && passed("");
        let verdict = if shown { Verdict::Pass } else { Verdict::Skip };
        return Judged { verdict, checks, diagnosis: None, reason };
    }
    if let Some(reason) = unpromised_memory(script, seen, known) {
        return Judged { verdict: Verdict::Skip, checks, diagnosis: None, reason: Some(reason) };
    }
    let diagnosis = diagnose(script, seen, known);
    Judged { verdict: Verdict::Fail, checks, diagnosis: Some(diagnosis), reason: None }
}

/// A runtime that never promised a memory and shows no sign of one is not broken.
fn unpromised_memory(script: &Script, seen: &[TurnSeen], known: &Known) -> Option<String> {
    let needs = script.turns.iter().any(|turn| turn.memory.is_some());
    let errors = seen.iter().any(|turn| turn.error.is_some());
    let sign = seen.iter().any(|turn| !turn.memory.kept.is_empty() || !turn.memory.write_tools.is_empty());
    let silent = known.memory == Promise::Unknown && needs && !sign && !errors;
    let offered: Vec<&str> = seen
        .iter()
        .flat_map(|turn| turn.prompts())
        .flat_map(|prompt| &prompt.tools)
        .map(|tool| tool.name.as_str())
        .filter(|name| name.contains("memor"))
        .take(4)
        .collect();
    let seen_tools = match offered.is_empty() {
        true => "the runtime offers the model no tool to remember with".to_owned(),
        false => format!(
            "the runtime offers `{}`, none of which is known for writing memories",
            offered.join("`, `")
        ),
    };
    silent.then(|| {
        format!(
            "{seen_tools}; say `memory.promise = \"kept\"` in its profile to require one, or name its tools in `[tools]`"
        )
    })
}

fn of_turn(seen: &TurnSeen, all: &[TurnSeen], level: Level) -> Vec<CheckReport> {
    let mut checks = Checks { turn: seen.number, level, list: vec![] };
    if let Some(reason) = &seen.skipped {
        checks.add("sent", Verdict::Skip, "the turn is sent", reason);
        return checks.list;
    }
    if let Some(error) = &seen.error {
        checks.add("answered", Verdict::Fail, "an answer", &error.to_string());
        return checks.list;
    }
    let state = seen.state.map_or("message", |state| state.name());
    let refused = seen.state.is_some_and(|state| state.is_refusal());
    checks.test("answered", !refused, "an answer", &format!("{state}: {}", seen.reply));
    let turn = &seen.turn;
    if turn.context_rule == Some(ContextRule::Kept) {
        let expected = format!("contextId {}", seen.context_id);
        match seen.context_ids.iter().all(|id| *id == seen.context_id) {
            _ if seen.context_ids.is_empty() => {
                checks.add("context.kept", Verdict::Skip, &expected, "no contextId came back");
            }
            kept => checks.test("context.kept", kept, &expected, &seen.context_ids.join(", ")),
        }
    }
    for text in &turn.prompt_contains {
        let actual = prompt_seen(seen);
        checks.test("prompt.contains", seen.prompted(text), &format!("`{text}` reaches the model"), &actual);
    }
    for text in &turn.prompt_lacks {
        let actual = prompt_seen(seen);
        checks.test(
            "prompt.lacks",
            !seen.prompted(text),
            &format!("`{text}` does not reach the model"),
            &actual,
        );
    }
    if turn.file.is_some() && turn.say.is_empty() {
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

fn session(checks: &mut Checks, seen: &TurnSeen) {
    let texts: Vec<&str> = seen.turn.session.iter().map(String::as_str).collect();
    let expected = format!("one session holds {}", quoted(&texts));
    match &seen.store {
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
