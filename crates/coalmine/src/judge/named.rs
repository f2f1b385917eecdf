//! Losses that have a better name than the step at which they show.

use super::{
    around,
    diagnose::Wanted,
    lost::{Loss, Origin, short},
    path::Break,
};
use crate::{
    event::{Code, Step},
    observe::TurnSeen,
    plan::Script,
};

/// The better name, if there is one.
pub(super) fn name(script: &Script, loss: &Loss<'_>) -> Option<Break> {
    let Loss { turn, seen, origin, wanted } = loss;
    let Wanted::Text(text) = wanted else { return None };
    if let Some(broke) = without_replies(turn, seen) {
        return Some(broke);
    }
    if let Origin::Model = origin {
        return without_reply(turn, seen, text).or_else(|| around::not_fetched(turn, script, text));
    }
    // letters of other scripts stand before a number, which survives what they do not
    let tail = text.rsplit_once('-').map(|(_, tail)| format!("-{tail}"));
    if !text.is_ascii()
        && let Some(tail) = tail
        && !turn.prompted(text)
        && turn.prompted(&tail)
    {
        let sentence = format!("`{text}` reached the model with other letters: only `{tail}` of it is left");
        return Some(Break { code: Code::PromptMangled, step: Step::Prompt, sentence });
    }
    let rest_arrived = || turn.turn.prompt_contains.iter().any(|other| other != text && turn.prompted(other));
    if let Origin::ThisTurn { in_file: true } = origin
        && !text.is_ascii()
        && !turn.prompted(text)
        && rest_arrived()
    {
        let sentence = format!("the file reached the model, but `{text}` in it with other letters");
        return Some(Break { code: Code::PromptMangled, step: Step::Prompt, sentence });
    }
    // told in a turn of its own, before what is right
    let outdated = |old: &&String| {
        let told = |fact: &str| {
            let of = |other: &&TurnSeen| {
                other.turn.context == turn.turn.context && other.turn.told().contains(fact)
            };
            seen.iter().find(of).map(|other| (other.number, other.turn.parallel.clone()))
        };
        let before = match (told(old), told(text)) {
            (Some((old, together)), Some((new, other))) => {
                old < new && (together.is_none() || together != other)
            }
            _ => false,
        };
        before && turn.answered(|answer| answer.contains(*old))
    };
    match turn.turn.reply_lacks.iter().find(outdated) {
        Some(old) if turn.prompted(text) => Some(Break {
            code: Code::PromptOutdated,
            step: Step::Prompt,
            sentence: format!(
                "`{old}` was corrected to `{text}`, but reached the model as the newer of the two"
            ),
        }),
        _ => None,
    }
}

/// A history in which what the agent said in one turn is missing.
fn without_reply(turn: &TurnSeen, seen: &[TurnSeen], text: &str) -> Option<Break> {
    let said = |other: &&TurnSeen| {
        other.number < turn.number
            && other.turn.context == turn.turn.context
            && other.reply.contains(text)
            && !other.turn.told().contains(text)
    };
    let other = seen.iter().rfind(said).filter(|_| !turn.calls.is_empty() && !turn.prompted(text))?;
    Some(Break {
        code: Code::PromptRepliesMissing,
        step: Step::Prompt,
        sentence: format!(
            "what the agent had answered in turn {} did not reach the model in turn {}: {}",
            other.number,
            turn.number,
            short(other.reply.trim())
        ),
    })
}

/// A history of which only the user's half reached the model.
fn without_replies(turn: &TurnSeen, seen: &[TurnSeen]) -> Option<Break> {
    let answered = |other: &&TurnSeen| {
        other.number < turn.number
            && other.turn.context == turn.turn.context
            && !other.reply.trim().is_empty()
            && other.turn.during.is_none()
            && !other.turn.say.is_empty()
            && !turn.turn.say.contains(&other.turn.say)
            && turn.prompted(&other.turn.say)
    };
    let earlier: Vec<&TurnSeen> = seen.iter().filter(answered).collect();
    let first = earlier.first()?;
    let answers = |other: &&TurnSeen| {
        turn.prompted(other.reply.trim()) || other.last_answer().is_some_and(|answer| turn.prompted(answer))
    };
    let lost = !earlier.iter().any(answers);
    lost.then(|| Break {
        code: Code::PromptRepliesMissing,
        step: Step::Prompt,
        sentence: format!(
            "of the conversation only the user's words reached the model in turn {}, not what the agent had answered \
             (turn {}: {})",
            turn.number,
            first.number,
            short(first.reply.trim())
        ),
    })
}
