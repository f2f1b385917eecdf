//! What a reply recalls came from the model: a prompt of its turn held the fact, and an answer of its turn says it. Otherwise a
//! runtime that recognizes a canary could answer from a store of its own, and send no history to any model.

use crate::{
    event::{Code, Diagnosis, Step},
    judge::{
        case::Case,
        outcome::Outcome,
        path::{Break, short},
    },
    observe::TurnSeen,
};

/// Whether a reply shows what reached the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The model got the fact, and said it.
    Model,
    /// The last thing that the model asked for was a tool, whose result may be the reply.
    Tool,
    /// The model got the fact and did not say it.
    OnlyPrompted,
    /// No prompt held the fact.
    Elsewhere,
}

pub(in crate::judge) fn evaluate(case: Case<'_>, turn: &TurnSeen, text: &str) -> Outcome {
    let expected = format!("`{text}` comes from the model's answer in this turn");
    if turn.calls_lost {
        return Outcome::skip(expected, "not all calls of the turn are on record");
    }
    match source(case, turn, text) {
        Source::Model => Outcome::test(true, expected, "it does"),
        Source::Tool => Outcome::test(true, expected, "the model called a tool, whose result is the reply"),
        Source::OnlyPrompted => Outcome::test(false, expected, answered(turn)),
        Source::Elsewhere => Outcome::test(false, expected, "no prompt of this turn holds it"),
    }
}

/// Returns the cause if the runtime answered by itself.
pub(in crate::judge) fn cause(case: Case<'_>, turn: &TurnSeen, text: &str) -> Diagnosis {
    let broke = if until_reply(turn, turn).calls.is_empty() {
        let sentence =
            format!("the reply holds `{text}`, but the model was not called before it in this turn");
        Break::new(Code::PromptBypassed, Step::Prompt, sentence)
    } else if source(case, turn, text) == Source::OnlyPrompted {
        let sentence = format!("the reply holds `{text}`, but the model did not say it: {}", answered(turn));
        Break::new(Code::ReplyNotFromModel, Step::Reply, sentence)
    } else {
        let sentence = format!(
            "the reply holds `{text}`, but no prompt of this turn did: the answer did not come from the model"
        );
        Break::new(Code::PromptBypassed, Step::Prompt, sentence)
    };
    broke.after_sending(turn)
}

/// Returns the facts that a text consists of. A text without facts shows nothing: anybody can say it.
pub(in crate::judge) fn facts<'a>(case: Case<'a>, turn: &'a TurnSeen, text: &'a str) -> Vec<&'a str> {
    let own = turn.turn.own.iter().map(String::as_str).filter(|fact| text.contains(fact));
    case.script.facts.in_text(text).chain(own).collect()
}

fn source(case: Case<'_>, turn: &TurnSeen, text: &str) -> Source {
    let makers = case.turns.iter().filter(|other| makes_answer_of(turn, other));
    let made_by: Vec<TurnSeen> = makers.map(|other| until_reply(turn, other)).collect();
    let facts = facts(case, turn, text);
    let all = |holds: &dyn Fn(&TurnSeen, &str) -> bool| {
        facts.iter().all(|fact| made_by.iter().any(|other| holds(other, fact)))
    };
    if !all(&|other, fact| other.prompted(fact)) {
        // a tool that gives its result to the user alone
        return if ends_in_tool(turn) { Source::Tool } else { Source::Elsewhere };
    }
    if all(&|other, fact| other.answered(|answer| answer.contains(fact))) {
        return Source::Model;
    }
    if ends_in_tool(turn) { Source::Tool } else { Source::OnlyPrompted }
}

/// Returns whether calls that belong to `other` can have made the reply to `turn`: it is the same turn, an earlier delivery of
/// the same message, or one that was sent at the same time, whose calls look the same.
fn makes_answer_of(turn: &TurnSeen, other: &TurnSeen) -> bool {
    let redelivered = turn.turn.send.again && other.message_id == turn.message_id;
    let parallel = turn.turn.parallel.is_some() && other.turn.parallel == turn.turn.parallel;
    other.number == turn.number || redelivered || parallel
}

/// Returns `other` with the calls that had been made when the reply to `turn` came.
fn until_reply(turn: &TurnSeen, other: &TurnSeen) -> TurnSeen {
    let mut other = other.clone();
    if let Some(replied_at) = turn.replied_at {
        other.calls.retain(|call| call.answered_at <= replied_at);
    }
    other
}

/// Returns whether the last call of the turn itself asked for a tool, so that the result never came back to the model.
fn ends_in_tool(turn: &TurnSeen) -> bool {
    let last = turn.calls.iter().rfind(|call| call.content.side_call.is_none());
    last.is_some_and(|call| !call.content.tool_calls().is_empty())
}

/// Returns what the model answered instead.
fn answered(turn: &TurnSeen) -> String {
    match turn.last_answer() {
        Some(answer) => format!("it answered: {}", short(answer)),
        None => "it answered nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use coalmine_world::Role;

    use super::*;
    use crate::{
        event::Verdict,
        judge::{
            Known, judge,
            testing::{KNOWN, call, script, turn_of},
        },
    };

    const CANARY: &str = "id = \"x\"\ntitle = \"t\"\nlevel = \"continuity\"\nfacts = { boat = \"code\" }\n\
                          [[turn]]\ncontext = \"a\"\nsay = \"My boat is {boat}.\"\n\
                          [[turn]]\ncontext = \"a\"\nsay = \"Which boat?\"\nexpect.reply.contains = \"{boat}\"\n\
                          [[model]]\nwhen = \"which boat\"\nreply = \"Hm.\"\n";

    /// Judges a turn whose reply is right: what the model was sent and answered, if it was called.
    fn judged(called: Option<(&[&str], &str)>, known: Known) -> (Verdict, Option<Code>) {
        let script = script(CANARY);
        let boat = script.facts.fill("{boat}");
        let mut turns: Vec<TurnSeen> =
            script.turns.iter().zip(1..).map(|(turn, number)| turn_of(number, turn.clone())).collect();
        turns[0].calls = vec![call(&[(Role::User, &turns[0].turn.say)], "Noted.")];
        turns[1].reply = format!("It is {boat}!");
        turns[1].calls = called
            .map(|(prompt, answer)| {
                let filled: Vec<String> = prompt.iter().map(|text| text.replace("BOAT", &boat)).collect();
                let prompt: Vec<_> = filled.iter().map(|text| (Role::User, text.as_str())).collect();
                call(&prompt, &answer.replace("BOAT", &boat))
            })
            .into_iter()
            .collect();
        let judged = judge(&script, &turns, &known);
        (judged.verdict, judged.diagnosis.map(|diagnosis| diagnosis.code))
    }

    #[test]
    fn recall_without_the_model_is_no_recall() {
        let prompt: &[&str] = &["My boat is BOAT.", "Which boat?"];
        let alone: &[&str] = &["Which boat?"];
        for (called, code) in [
            (Some((prompt, "Your boat is BOAT.")), None),
            (Some((prompt, "I don't know.")), Some(Code::ReplyNotFromModel)),
            (Some((alone, "I don't know.")), Some(Code::PromptBypassed)),
            (None, Some(Code::PromptBypassed)),
        ] {
            let verdict = if code.is_none() { Verdict::Pass } else { Verdict::Fail };
            assert_eq!(judged(called, KNOWN), (verdict, code), "{called:?}");
        }
    }

    #[test]
    fn call_after_the_reply_did_not_make_it() {
        let script = script(CANARY);
        let (stated, asked) = (script.turns[0].clone(), script.turns[1].clone());
        let boat = script.facts.fill("{boat}");
        let mut turns = [turn_of(1, stated), turn_of(2, asked)];
        turns[0].calls = vec![call(&[(Role::User, &turns[0].turn.say)], "Noted.")];
        turns[1].reply = format!("It is {boat}!");
        turns[1].calls = vec![call(&[(Role::User, &turns[0].turn.say)], &turns[1].reply)];
        assert_eq!(judge(&script, &turns, &KNOWN).verdict, Verdict::Pass);
        turns[1].replied_at = turns[1].calls[0].answered_at.checked_sub(Duration::from_millis(1));
        assert!(turns[1].replied_at.is_some());
        let judged = judge(&script, &turns, &KNOWN);
        assert_eq!(judged.diagnosis.map(|diagnosis| diagnosis.code), Some(Code::PromptBypassed));
    }

    #[test]
    fn own_model_cannot_be_seen() {
        use crate::event::ModelMode::{CanaryMode, Live};
        for model in [Live, CanaryMode] {
            assert_eq!(judged(None, Known { model, ..KNOWN }), (Verdict::Pass, None), "{model:?}");
        }
    }
}
