//! Something that should have come through did not: where on its path was it lost?

use super::{
    Known, aftermath, around, blind,
    chain::{Break, Chain},
    diagnose::{Wanted, evidence},
    markers, memory,
};
use crate::{
    event::{Diagnosis, Step},
    observe::TurnSeen,
    plan::{Attachment, Script},
};

/// Where the lost thing was told.
enum Origin<'a> {
    /// In this turn's own words or file.
    ThisTurn { in_file: bool },
    /// In an earlier turn of the same context.
    History(&'a TurnSeen),
    /// In another context: only a memory can carry it here.
    Memory(&'a TurnSeen),
    /// Nowhere: it is the model's own word.
    Model,
}

/// Finds where a wanted text was lost on its way.
pub(super) fn diagnose(
    script: &Script,
    turn: &TurnSeen,
    seen: &[TurnSeen],
    wanted: &Wanted<'_>,
    known: &Known,
) -> Diagnosis {
    let mut chain = Chain::default();
    chain.ok(Step::Sent, "the runtime took the message and answered");
    let origin = origin(turn, seen, wanted);
    let broke = special(script, turn, seen, &origin, wanted)
        .or_else(|| store(&mut chain, turn, seen, &origin, wanted))
        .or_else(|| match blind::why(known.brain) {
            None => prompt(&mut chain, turn, seen, &origin, wanted),
            Some(why) => Some(without_prompt(&mut chain, turn, seen, (&origin, wanted), why)),
        })
        .unwrap_or_else(|| answer_and_reply(&mut chain, turn, wanted));
    let broke = match origin {
        // what the session still holds was not lost with anything that happened to it
        Origin::History(earlier) if !holds(turn, wanted) => aftermath::explain(broke, earlier, turn, seen),
        _ => broke,
    };
    chain.diagnosis(broke, Some(turn.number), evidence(turn))
}

/// Whether the session of a turn is seen to hold a text that was told in it before.
fn holds(turn: &TurnSeen, wanted: &Wanted<'_>) -> bool {
    let Wanted::Text(text) = wanted else { return false };
    turn.store.tells_sessions_apart() && turn.store.holds_together(&[text, turn.turn.say.trim()])
}

/// Breaks that have a better name than the step at which they show.
fn special(
    script: &Script,
    turn: &TurnSeen,
    seen: &[TurnSeen],
    origin: &Origin<'_>,
    wanted: &Wanted<'_>,
) -> Option<Break> {
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
        return Some(Break { code: "prompt.mangled", step: Step::Prompt, sentence });
    }
    let rest_arrived = || turn.turn.prompt_contains.iter().any(|other| other != text && turn.prompted(other));
    if let Origin::ThisTurn { in_file: true } = origin
        && !text.is_ascii()
        && !turn.prompted(text)
        && rest_arrived()
    {
        let sentence = format!("the file reached the model, but `{text}` in it with other letters");
        return Some(Break { code: "prompt.mangled", step: Step::Prompt, sentence });
    }
    // told in a turn of its own, before what is right
    let outdated = |old: &&String| {
        let told = |fact: &str| {
            let of = |other: &&TurnSeen| {
                other.turn.context == turn.turn.context && other.turn.told().contains(fact)
            };
            seen.iter().find(of).map(|other| (other.number, other.turn.together.clone()))
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
            code: "prompt.outdated",
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
        code: "prompt.replies-missing",
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
            && other.turn.meanwhile.is_none()
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
        code: "prompt.replies-missing",
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

/// Two turns that should say the same do not.
pub(super) fn differs(turn: &TurnSeen, other: &TurnSeen) -> Diagnosis {
    let mut chain = Chain::default();
    chain.ok(Step::Sent, "the runtime took the messages and answered");
    let sentence = format!(
        "turn {} says `{}`, where turn {} said `{}`",
        turn.number,
        short(&turn.reply),
        other.number,
        short(&other.reply)
    );
    chain.diagnosis(
        Break { code: "reply.differs", step: Step::Reply, sentence },
        Some(turn.number),
        evidence(turn),
    )
}

/// Two turns of one context that the store holds in different sessions, or not at all.
pub(super) fn split(turn: &TurnSeen, texts: &[&str]) -> Diagnosis {
    let mut chain = Chain::default();
    chain.ok(Step::Sent, "the runtime took the messages and answered");
    let missing =
        texts.iter().find(|text| turn.store.holding(text).is_some_and(|records| records.is_empty()));
    let broke = match missing {
        Some(text) => not_kept(text),
        None => Break {
            code: "session.split",
            step: Step::Store,
            sentence: format!(
                "two turns of one context landed in different sessions: {}",
                texts.iter().map(|text| holders(turn, text)).collect::<Vec<_>>().join("; ")
            ),
        },
    };
    chain.diagnosis(broke, Some(turn.number), evidence(turn))
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

/// Did the store keep what was told, in the session of this turn?
fn store(
    chain: &mut Chain,
    turn: &TurnSeen,
    seen: &[TurnSeen],
    origin: &Origin<'_>,
    wanted: &Wanted<'_>,
) -> Option<Break> {
    let (Origin::History(_), Wanted::Text(text)) = (origin, wanted) else { return None };
    let Some(holding) = turn.store.holding(text) else {
        chain.unknown(Step::Store, "the session store cannot be read");
        return None;
    };
    if holding.is_empty() {
        return Some(not_kept(text));
    }
    if !turn.store.tells_sessions_apart() {
        chain.ok(Step::Store, format!("the store holds `{text}`; its sessions cannot be told apart"));
        return None;
    }
    // where nothing was said, every session holds it
    let asked = turn.turn.say.trim();
    if !turn.store.holds_together(&[asked]) {
        return Some(not_kept(asked));
    }
    if !turn.store.holds_together(&[text, asked]) {
        if let Some(other) = host(turn, seen) {
            return Some(Break {
                code: "session.shared",
                step: Step::Store,
                sentence: format!(
                    "turn {} landed in the session of another context, with turn {}: {}",
                    turn.number,
                    other.number,
                    holders(turn, asked)
                ),
            });
        }
        return Some(Break {
            code: "session.split",
            step: Step::Store,
            sentence: format!(
                "turn {} landed in another session than the turn that told `{text}`: {}; {}",
                turn.number,
                holders(turn, text),
                holders(turn, asked)
            ),
        });
    }
    chain.ok(Step::Store, format!("the session holds `{text}`"));
    None
}

/// A turn of another context that is in one session with this one.
fn host<'a>(turn: &TurnSeen, seen: &'a [TurnSeen]) -> Option<&'a TurnSeen> {
    let asked = turn.turn.say.trim();
    let own = |said: &str| {
        seen.iter().any(|own| own.turn.context == turn.turn.context && own.turn.say.contains(said))
    };
    seen.iter().find(|other| {
        let said = other.turn.say.trim();
        !said.is_empty() && !own(said) && turn.store.holds_together(&[asked, said])
    })
}

fn not_kept(text: &str) -> Break {
    Break {
        code: "session.not-kept",
        step: Step::Store,
        sentence: format!("no session in the runtime's store holds `{text}`"),
    }
}

/// Did it reach the model?
fn prompt(
    chain: &mut Chain,
    turn: &TurnSeen,
    seen: &[TurnSeen],
    origin: &Origin<'_>,
    wanted: &Wanted<'_>,
) -> Option<Break> {
    if turn.calls.is_empty() {
        let (code, sentence) = match markers::empty_prompt(&turn.reply) {
            Some(marker) => (
                "prompt.empty-prompt",
                format!(
                    "the message was taken for an empty prompt (\"{marker}\") and the model was never called"
                ),
            ),
            None => {
                ("prompt.no-model-call", "the runtime answered without calling the model in this turn".into())
            }
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
            "prompt.history-missing",
            format!(
                "what was said in turn {} did not reach the model in turn {}, only what was answered to it later",
                earlier.number, turn.number
            ),
        ),
        _ if there => {
            chain.ok(Step::Prompt, "it reached the model");
            None
        }
        Origin::ThisTurn { in_file: true } => {
            let marker = markers::empty_prompt(&turn.reply).is_some() && turn.turn.say.is_empty();
            let code = if marker { "prompt.empty-prompt" } else { "prompt.file-missing" };
            let holds = |file: &&Attachment| wanted.is_in(&file.content) || wanted.is_in(&file.name);
            let name = turn.turn.files.iter().find(holds).map_or("the file", |file| file.name.as_str());
            let arrived = match turn.prompted(name) {
                true => "its name reached the model, its content did not",
                false => "nothing of it reached the model",
            };
            broke(code, format!("the file `{name}` was lost on the way to the model: {arrived}"))
        }
        Origin::ThisTurn { in_file: false } => broke(
            "prompt.question-missing",
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
                "prompt.history-missing",
                format!(
                    "what was said in turn {} did not reach the model in turn {}{apart}",
                    earlier.number, turn.number
                ),
            )
        }
        Origin::Memory(earlier) => Some(memory::lost(chain, turn, (earlier, seen), wanted, true)),
        Origin::Model => {
            chain.ok(Step::Prompt, "the model was called");
            None
        }
    }
}

/// There is no prompt and no answer of the model to look into: what is known ends with the store and the memory.
fn without_prompt(
    chain: &mut Chain,
    turn: &TurnSeen,
    seen: &[TurnSeen],
    (origin, wanted): (&Origin<'_>, &Wanted<'_>),
    why: &str,
) -> Break {
    chain.unknown(Step::Prompt, why);
    let broke =
        |code, sentence: String| Break { code, step: Step::Prompt, sentence: format!("{sentence}; {why}") };
    if turn.reply.trim().is_empty() {
        return Break { code: "reply.empty", step: Step::Reply, sentence: "what came back is empty".into() };
    }
    if let Some(marker) = markers::empty_prompt(&turn.reply) {
        return broke(
            "prompt.empty-prompt",
            format!("the message was taken for an empty prompt (\"{marker}\")"),
        );
    }
    match origin {
        Origin::Memory(earlier) => memory::lost(chain, turn, (earlier, seen), wanted, false),
        Origin::Model if !turn.turn.files.is_empty() => {
            broke("prompt.file-missing", "the answer does not speak to the file".into())
        }
        Origin::ThisTurn { in_file: true } => {
            broke("prompt.file-missing", "the answer shows nothing of the file".into())
        }
        Origin::History(earlier) => broke(
            "prompt.history-missing",
            format!("the answer does not know what was said in turn {}", earlier.number),
        ),
        Origin::ThisTurn { .. } | Origin::Model => broke(
            "prompt.question-missing",
            format!("the answer does not speak to the message: {}", short(&turn.reply)),
        ),
    }
}

/// Did the model answer right, and did that come back?
fn answer_and_reply(chain: &mut Chain, turn: &TurnSeen, wanted: &Wanted<'_>) -> Break {
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
        return Break { code: "prompt.question-missing", step: Step::Prompt, sentence };
    }
    chain.ok(Step::Answer, format!("the model answered: {}", turn.last_answer().unwrap_or_default()));
    let (code, sentence) = match turn.reply.trim() {
        "" => ("reply.empty", "the model answered, but what came back is empty".to_owned()),
        reply => (
            "reply.answer-lost",
            format!("the model answered right, but what came back is: {}", short(reply)),
        ),
    };
    Break { code, step: Step::Reply, sentence }
}

fn holders(turn: &TurnSeen, text: &str) -> String {
    let records = turn.store.holding(text).unwrap_or_default();
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).take(3).collect();
    format!("`{text}` is in session {}", keys.join(", "))
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
