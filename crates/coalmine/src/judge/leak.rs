//! Something came through that should not have: from where?

use super::{
    diagnose::evidence,
    lost::short,
    path::{Break, FactPath},
};
use crate::{
    event::{Code, Diagnosis, Step},
    observe::TurnSeen,
    plan::{During, Script},
};

/// Finds how a text got into a reply (or a prompt) where it has no place.
pub(super) fn diagnose(script: &Script, turn: &TurnSeen, seen: &[TurnSeen], text: &str) -> Diagnosis {
    let mut path = FactPath::default();
    path.ok(Step::Sent, "the runtime took the message and answered");
    let given = script.skills().any(|(_, skill)| skill.contains(text));
    let own = given
        || seen.iter().any(|other| {
            other.number <= turn.number
                && other.turn.context == turn.turn.context
                && other.turn.told().contains(text)
        });
    let prompted = turn.prompted(text);
    let canceled = |other: &&TurnSeen| {
        other.turn.during == Some(During::Cancel)
            && other.number < turn.number
            && other.turn.context == turn.turn.context
            && other.answered(|answer| answer.contains(text))
    };
    if let Some(other) = seen.iter().find(canceled).filter(|_| prompted) {
        let sentence = format!(
            "the task of turn {} was canceled, but the runtime went on with it: what the model said to its end is in the \
             next prompt",
            other.number
        );
        let broke = Break { code: Code::WireCancelIgnored, step: Step::Sent, sentence };
        return FactPath::default().diagnosis(broke, Some(turn.number), evidence(turn));
    }
    let broke = if !own && (prompted || turn.calls.is_empty()) {
        foreign(&mut path, turn, seen, text)
    } else {
        if !turn.calls.is_empty() {
            path.ok(
                Step::Answer,
                format!("the model answered: {}", short(turn.last_answer().unwrap_or_default())),
            );
        }
        let (code, sentence) = match own {
            true => (
                Code::ReplyEcho,
                format!("the reply holds `{text}`, which was not asked for and which the model did not say"),
            ),
            false => (
                Code::ReplyLeak,
                format!("the reply holds `{text}` of another context, which was in no prompt"),
            ),
        };
        Break { code, step: Step::Reply, sentence }
    };
    path.diagnosis(broke, Some(turn.number), evidence(turn))
}

/// A text of another context reached the model.
fn foreign(path: &mut FactPath, turn: &TurnSeen, seen: &[TurnSeen], text: &str) -> Break {
    let told_apart = turn.store.tells_sessions_apart();
    // a session also holds its own reply: what the other context said is what must not be in it
    let said = seen
        .iter()
        .filter(|other| other.turn.context != turn.turn.context)
        .map(|other| other.turn.say.trim());
    let mut tellers = said.filter(|said| said.contains(text)).peekable();
    let asked = turn.turn.say.trim();
    let together = match tellers.peek() {
        Some(_) => tellers.any(|told| turn.store.holds_together(&[told, asked])),
        None => turn.store.holds_together(&[text, asked]),
    };
    if told_apart && together {
        return Break {
            code: Code::SessionShared,
            step: Step::Store,
            sentence: format!(
                "one session holds `{text}` of another context and this turn: contexts share a session"
            ),
        };
    }
    let apart = match told_apart {
        true if turn.store.holds_together(&[asked]) => {
            path.ok(Step::Store, "the store keeps the contexts apart");
            ""
        }
        true => {
            path.unknown(Step::Store, "no session in the store holds this turn");
            "; session and prompt cannot be told apart, because no session in the store holds this turn"
        }
        false => {
            path.unknown(
                Step::Store,
                "the session store cannot be read, or its sessions cannot be told apart",
            );
            "; session and prompt cannot be told apart, because the session store cannot be read"
        }
    };
    Break {
        code: Code::PromptForeignHistory,
        step: Step::Prompt,
        sentence: format!("`{text}` of another context reached the model in this one{apart}"),
    }
}
