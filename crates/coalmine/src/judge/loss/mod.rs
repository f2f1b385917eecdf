//! Something that should have come through did not: where on its path was it lost?

pub(super) mod disruption;
mod memory;
mod origin;
mod refine;
mod store;
mod tool;
mod wanted;

use self::origin::Origin;
pub(super) use self::wanted::Wanted;
use super::{
    case::Case,
    empty_prompt, mixed,
    path::{Break, FactPath, short},
    visibility,
};
use crate::{
    event::{Code, Diagnosis, Step},
    observe::TurnSeen,
    plan::Attachment,
};

/// What was lost, and among what.
#[derive(Clone, Copy)]
struct Loss<'a> {
    case: Case<'a>,
    /// The turn in which it is missing.
    turn: &'a TurnSeen,
    wanted: &'a Wanted<'a>,
    origin: Origin<'a>,
}

/// Finds where a wanted text was lost on its way.
pub(super) fn cause(case: Case<'_>, turn: &TurnSeen, wanted: &Wanted<'_>) -> Diagnosis {
    let mut path = FactPath::sent();
    let loss = Loss { case, turn, wanted, origin: Origin::of(case, turn, wanted) };
    let mixed = match (loss.origin, wanted) {
        (Origin::History(_), Wanted::Text(text)) if !turn.prompted(text) => {
            mixed::instead_of_own(&mut path, case, turn)
        }
        _ => None,
    };
    let broke = mixed
        .or_else(|| refine::name(loss))
        .or_else(|| store::broken(&mut path, loss))
        .or_else(|| match visibility::no_prompt(case.known.model) {
            None => prompt(&mut path, loss),
            Some(why) => Some(without_prompt(&mut path, loss, why)),
        })
        .unwrap_or_else(|| answer_and_reply(&mut path, turn, wanted));
    let broke = match loss.origin {
        Origin::History(earlier) => disruption::explain(broke, loss, earlier),
        _ => broke,
    };
    path.diagnosis(broke, turn)
}

/// Returns the message in which the user stated a fact.
pub(super) fn said_with<'a>(case: Case<'a>, fact: &str) -> &'a str {
    case.turns.iter().map(|turn| turn.turn.say.as_str()).find(|say| say.contains(fact)).unwrap_or_default()
}

/// Returns the break before the model, if the wanted text did not reach it.
fn prompt(path: &mut FactPath, loss: Loss<'_>) -> Option<Break> {
    let Loss { turn, wanted, .. } = loss;
    if turn.calls.is_empty() {
        return Some(not_called(turn));
    }
    if turn.has_only_side_calls() {
        let sentence = "the runtime called the model only for something beside the answer, such as a guardrail or a title; the \
                        turn's own call never came";
        return Some(Break::new(Code::PromptNoModelCall, Step::Prompt, sentence));
    }
    let reached = match wanted {
        Wanted::Text(text) => turn.prompted(text),
        Wanted::Pattern(_) => true,
    };
    let broke = |code, sentence: String| Some(Break::new(code, Step::Prompt, sentence));
    match loss.origin {
        Origin::History(earlier) if reached && is_only_echoed(loss, earlier) => broke(
            Code::PromptHistoryMissing,
            format!(
                "what was said in turn {} did not reach the model in turn {}, only what was answered to it later",
                earlier.number, turn.number
            ),
        ),
        _ if reached => {
            path.ok(Step::Prompt, "it reached the model");
            None
        }
        Origin::ThisTurn { in_file: true } => Some(file_missing(turn, wanted)),
        Origin::ThisTurn { in_file: false } => broke(
            Code::PromptQuestionMissing,
            format!("the user's message did not reach the model: {wanted} is in no prompt"),
        ),
        Origin::History(earlier) => {
            let unclear = match turn.store.holding("") {
                Some(_) => "",
                None => {
                    "; whether the session or the prompt lost it is unknown because the session store cannot be read"
                }
            };
            broke(
                Code::PromptHistoryMissing,
                format!(
                    "what was said in turn {} did not reach the model in turn {}{unclear}",
                    earlier.number, turn.number
                ),
            )
        }
        Origin::Memory(earlier) => Some(memory::lost(path, loss, earlier, true)),
        Origin::Model => {
            path.ok(Step::Prompt, "the model was called");
            None
        }
    }
}

/// Returns the break of a turn that was answered without the model.
fn not_called(turn: &TurnSeen) -> Break {
    match empty_prompt::marker(&turn.reply) {
        Some(marker) => {
            let sentence = format!(
                "the message was treated as an empty prompt (\"{marker}\") and the model was never called"
            );
            Break::new(Code::PromptEmptyPrompt, Step::Prompt, sentence)
        }
        None => {
            let sentence = "the runtime answered without calling the model in this turn";
            Break::new(Code::PromptNoModelCall, Step::Prompt, sentence)
        }
    }
}

/// Returns whether the model saw a fact only in its own later words, which it did not repeat.
fn is_only_echoed(loss: Loss<'_>, earlier: &TurnSeen) -> bool {
    let said = earlier.turn.say.trim();
    !said.is_empty() && !loss.turn.prompted(said) && !loss.turn.answered(|answer| loss.wanted.is_in(answer))
}

/// Returns the break of a file that was lost on the way to the model.
fn file_missing(turn: &TurnSeen, wanted: &Wanted<'_>) -> Break {
    let empty = empty_prompt::marker(&turn.reply).is_some() && turn.turn.say.is_empty();
    let code = if empty { Code::PromptEmptyPrompt } else { Code::PromptFileMissing };
    let holds = |file: &&Attachment| wanted.is_in(&file.content) || wanted.is_in(&file.name);
    let name = turn.turn.files.iter().find(holds).map_or("the file", |file| file.name.as_str());
    let arrived = if turn.prompted(name) {
        "its name reached the model, its content did not"
    } else {
        "nothing of it reached the model"
    };
    Break::new(code, Step::Prompt, format!("the file `{name}` was lost on the way to the model: {arrived}"))
}

/// Returns the break if there is no prompt and no model answer to inspect: what is known ends with the store and the memory.
fn without_prompt(path: &mut FactPath, loss: Loss<'_>, why: &str) -> Break {
    let Loss { turn, origin, .. } = loss;
    path.unknown(Step::Prompt, why);
    let broke = |code, sentence: String| Break::new(code, Step::Prompt, format!("{sentence}; {why}"));
    if turn.reply.trim().is_empty() {
        return Break::new(Code::ReplyEmpty, Step::Reply, "the reply is empty");
    }
    if let Some(marker) = empty_prompt::marker(&turn.reply) {
        let sentence = format!("the message was treated as an empty prompt (\"{marker}\")");
        return broke(Code::PromptEmptyPrompt, sentence);
    }
    match origin {
        Origin::Memory(earlier) => memory::lost(path, loss, earlier, false),
        Origin::Model if !turn.turn.files.is_empty() => {
            broke(Code::PromptFileMissing, "the answer does not refer to the file".into())
        }
        Origin::ThisTurn { in_file: true } => {
            broke(Code::PromptFileMissing, "the answer shows nothing of the file".into())
        }
        Origin::History(earlier) => broke(
            Code::PromptHistoryMissing,
            format!("the answer does not know what was said in turn {}", earlier.number),
        ),
        Origin::ThisTurn { .. } | Origin::Model => broke(
            Code::PromptQuestionMissing,
            format!("the answer does not respond to the message: {}", short(&turn.reply)),
        ),
    }
}

/// Returns the break after the prompt: the model did not answer right, or its answer did not come back.
fn answer_and_reply(path: &mut FactPath, turn: &TurnSeen, wanted: &Wanted<'_>) -> Break {
    if !turn.answered(|answer| wanted.is_in(answer)) {
        return misunderstood(path, turn, wanted);
    }
    path.ok(Step::Answer, format!("the model answered: {}", turn.last_answer().unwrap_or_default()));
    match turn.reply.trim() {
        "" => Break::new(Code::ReplyEmpty, Step::Reply, "the model answered, but the reply is empty"),
        reply => {
            let sentence = format!("the model answered correctly, but the reply is: {}", short(reply));
            Break::new(Code::ReplyAnswerLost, Step::Reply, sentence)
        }
    }
}

/// Returns the break of a question that the model did not answer.
fn misunderstood(path: &mut FactPath, turn: &TurnSeen, wanted: &Wanted<'_>) -> Break {
    let said = turn.last_answer().unwrap_or("nothing");
    let question = turn.turn.say.trim();
    if let Wanted::Text(text) = wanted
        && turn.prompts().any(|prompt| prompt.question().contains(question) && prompt.contains(text))
    {
        path.ok(Step::Prompt, "the fact and the question reached the model");
        let sentence = format!(
            "{wanted} and the user's message reached the model, but the canary's own `[[model]]` answered: {}",
            short(said)
        );
        return Break::new(Code::BootUnanswerable, Step::Answer, sentence);
    }
    let sentence = if turn.turn.say.is_empty() || turn.prompted(&turn.turn.say) {
        format!("the model found no question in the prompt and answered: {said}")
    } else {
        format!("the user's message did not reach the model as it was sent; it answered: {said}")
    };
    Break::new(Code::PromptQuestionMissing, Step::Prompt, sentence)
}
