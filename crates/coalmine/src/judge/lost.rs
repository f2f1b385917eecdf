//! Something that should have come through did not: where on its path was it lost?

use super::{
    Known, aftermath, blind,
    diagnose::{Wanted, evidence},
    kept, markers, memory, named,
    path::{Break, FactPath},
};
use crate::{
    event::{Code, Diagnosis, Step},
    observe::TurnSeen,
    plan::{Attachment, Script},
};

/// Where the lost thing was told.
pub(super) enum Origin<'a> {
    /// In this turn's own words or file.
    ThisTurn { in_file: bool },
    /// In an earlier turn of the same context.
    History(&'a TurnSeen),
    /// In another context: only a memory can carry it here.
    Memory(&'a TurnSeen),
    /// Nowhere: it is the model's own word.
    Model,
}

/// What was lost, and among what.
pub(super) struct Loss<'a> {
    /// The turn in which it is missed.
    pub(super) turn: &'a TurnSeen,
    /// All turns.
    pub(super) seen: &'a [TurnSeen],
    pub(super) origin: Origin<'a>,
    pub(super) wanted: &'a Wanted<'a>,
}

/// Finds where a wanted text was lost on its way.
pub(super) fn diagnose(
    script: &Script,
    turn: &TurnSeen,
    seen: &[TurnSeen],
    wanted: &Wanted<'_>,
    known: &Known,
) -> Diagnosis {
    let mut path = FactPath::default();
    path.ok(Step::Sent, "the runtime took the message and answered");
    let loss = Loss { turn, seen, origin: origin(turn, seen, wanted), wanted };
    let broke = named::name(script, &loss)
        .or_else(|| kept::broken(&mut path, &loss))
        .or_else(|| match blind::why(known.model) {
            None => prompt(&mut path, &loss),
            Some(why) => Some(without_prompt(&mut path, &loss, why)),
        })
        .unwrap_or_else(|| answer_and_reply(&mut path, turn, wanted));
    let broke = match loss.origin {
        // what the session still holds was not lost with anything that happened to it
        Origin::History(earlier) if !kept::holds(turn, wanted) => {
            aftermath::explain(broke, earlier, turn, seen)
        }
        _ => broke,
    };
    path.diagnosis(broke, Some(turn.number), evidence(turn))
}

/// Two turns that should say the same do not.
pub(super) fn differs(turn: &TurnSeen, other: &TurnSeen) -> Diagnosis {
    let mut path = FactPath::default();
    path.ok(Step::Sent, "the runtime took the messages and answered");
    let sentence = format!(
        "turn {} says `{}`, where turn {} said `{}`",
        turn.number,
        short(&turn.reply),
        other.number,
        short(&other.reply)
    );
    path.diagnosis(
        Break { code: Code::ReplyDiffers, step: Step::Reply, sentence },
        Some(turn.number),
        evidence(turn),
    )
}

fn origin<'a>(turn: &TurnSeen, seen: &'a [TurnSeen], wanted: &Wanted<'_>) -> Origin<'a> {
    let Wanted::Text(text) = wanted else { return Origin::Model };
    if turn.turn.told().contains(text) {
        let in_file =
            turn.turn.files.iter().any(|file| file.content.contains(text) || file.name.contains(text));
        return Origin::ThisTurn { in_file };
    }
    let told = |earlier: &&TurnSeen| {
        earlier.number < turn.number && earlier.skipped.is_none() && earlier.turn.told().contains(text)
    };
    match seen.iter().find(told) {
        Some(earlier) if earlier.turn.context == turn.turn.context => Origin::History(earlier),
        Some(earlier) => Origin::Memory(earlier),
        None => Origin::Model,
    }
}

/// Did it reach the model?
fn prompt(path: &mut FactPath, loss: &Loss<'_>) -> Option<Break> {
    let Loss { turn, seen, origin, wanted } = loss;
    if turn.calls.is_empty() {
        let (code, sentence) = match markers::empty_prompt(&turn.reply) {
            Some(marker) => (
                Code::PromptEmptyPrompt,
                format!(
                    "the message was taken for an empty prompt (\"{marker}\") and the model was never called"
                ),
            ),
            None => (
                Code::PromptNoModelCall,
                "the runtime answered without calling the model in this turn".into(),
            ),
        };
        return Some(Break { code, step: Step::Prompt, sentence });
    }
    let there = match wanted {
        Wanted::Text(text) => turn.prompted(text),
        Wanted::Pattern(_) => true,
    };
    let broke = |code, sentence| Some(Break { code, step: Step::Prompt, sentence });
    let only_echoed = |earlier: &TurnSeen| {
        let said = earlier.turn.say.trim();
        !said.is_empty() && !turn.prompted(said) && !turn.answered(|answer| wanted.is_in(answer))
    };
    match origin {
        Origin::History(earlier) if there && only_echoed(earlier) => broke(
            Code::PromptHistoryMissing,
            format!(
                "what was said in turn {} did not reach the model in turn {}, only what was answered to it later",
                earlier.number, turn.number
            ),
        ),
        _ if there => {
            path.ok(Step::Prompt, "it reached the model");
            None
        }
        Origin::ThisTurn { in_file: true } => {
            let marker = markers::empty_prompt(&turn.reply).is_some() && turn.turn.say.is_empty();
            let code = if marker { Code::PromptEmptyPrompt } else { Code::PromptFileMissing };
            let holds = |file: &&Attachment| wanted.is_in(&file.content) || wanted.is_in(&file.name);
            let name = turn.turn.files.iter().find(holds).map_or("the file", |file| file.name.as_str());
            let arrived = match turn.prompted(name) {
                true => "its name reached the model, its content did not",
                false => "nothing of it reached the model",
            };
            broke(code, format!("the file `{name}` was lost on the way to the model: {arrived}"))
        }
        Origin::ThisTurn { in_file: false } => broke(
            Code::PromptQuestionMissing,
            format!("the user's words did not reach the model: {wanted} is in no prompt"),
        ),
        Origin::History(earlier) => {
            let apart = match turn.store.holding("") {
                Some(_) => String::new(),
                None => {
                    "; the session store cannot be read, so session and prompt cannot be told apart".into()
                }
            };
            broke(
                Code::PromptHistoryMissing,
                format!(
                    "what was said in turn {} did not reach the model in turn {}{apart}",
                    earlier.number, turn.number
                ),
            )
        }
        Origin::Memory(earlier) => Some(memory::lost(path, turn, (earlier, seen), wanted, true)),
        Origin::Model => {
            path.ok(Step::Prompt, "the model was called");
            None
        }
    }
}

/// There is no prompt and no answer of the model to look into: what is known ends with the store and the memory.
fn without_prompt(path: &mut FactPath, loss: &Loss<'_>, why: &str) -> Break {
    let Loss { turn, seen, origin, wanted } = loss;
    path.unknown(Step::Prompt, why);
    let broke =
        |code, sentence: String| Break { code, step: Step::Prompt, sentence: format!("{sentence}; {why}") };
    if turn.reply.trim().is_empty() {
        return Break {
            code: Code::ReplyEmpty,
            step: Step::Reply,
            sentence: "what came back is empty".into(),
        };
    }
    if let Some(marker) = markers::empty_prompt(&turn.reply) {
        return broke(
            Code::PromptEmptyPrompt,
            format!("the message was taken for an empty prompt (\"{marker}\")"),
        );
    }
    match origin {
        Origin::Memory(earlier) => memory::lost(path, turn, (earlier, seen), wanted, false),
        Origin::Model if !turn.turn.files.is_empty() => {
            broke(Code::PromptFileMissing, "the answer does not speak to the file".into())
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
            format!("the answer does not speak to the message: {}", short(&turn.reply)),
        ),
    }
}

/// Did the model answer right, and did that come back?
fn answer_and_reply(path: &mut FactPath, turn: &TurnSeen, wanted: &Wanted<'_>) -> Break {
    if !turn.answered(|answer| wanted.is_in(answer)) {
        let said = turn.last_answer().unwrap_or("nothing");
        let asked = turn.turn.say.is_empty() || turn.prompted(&turn.turn.say);
        let sentence = match (asked, wanted) {
            (true, Wanted::Text(text)) if turn.prompted(text) => format!(
                "{wanted} and the user's words reached the model, which could not make out the question and answered by its \
                 rules: {said} (where the prompt looks right, it is the canary's own `[[model]]` that does not fit)"
            ),
            (true, _) => format!("the model could not make out the question and answered: {said}"),
            (false, _) => {
                format!("the user's words did not reach the model as they were said; it answered: {said}")
            }
        };
        return Break { code: Code::PromptQuestionMissing, step: Step::Prompt, sentence };
    }
    path.ok(Step::Answer, format!("the model answered: {}", turn.last_answer().unwrap_or_default()));
    let (code, sentence) = match turn.reply.trim() {
        "" => (Code::ReplyEmpty, "the model answered, but what came back is empty".to_owned()),
        reply => (
            Code::ReplyAnswerLost,
            format!("the model answered right, but what came back is: {}", short(reply)),
        ),
    };
    Break { code, step: Step::Reply, sentence }
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
