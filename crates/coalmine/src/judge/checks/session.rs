//! `expect.session`: one session of the runtime's store holds all of these texts.

use crate::{
    event::{Code, Diagnosis, Step},
    judge::{outcome::Outcome, path::Break},
    observe::{Store, TurnSeen},
};

pub(in crate::judge) fn evaluate(turn: &TurnSeen) -> Outcome {
    let texts: Vec<&str> = turn.turn.session.iter().map(String::as_str).collect();
    let quoted: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
    let expected = format!("one session holds {}", quoted.join(" and "));
    match &*turn.store {
        Store::Unreadable(reason) => {
            Outcome::skip(expected, format!("the session store cannot be read ({reason})"))
        }
        Store::Read { by_session: false, .. } => {
            Outcome::skip(expected, "the store does not distinguish its sessions")
        }
        Store::Read { complete: false, .. } if !turn.store.holds_together(&texts) => {
            Outcome::skip(expected, "the session store is too large to be read as a whole")
        }
        Store::Read { .. } => {
            let actual: Vec<String> = texts.iter().map(|text| holders(turn, text)).collect();
            Outcome::test(turn.store.holds_together(&texts), expected, actual.join("; "))
        }
    }
}

/// Returns the cause if two turns of one conversation are in different sessions, or in none.
pub(in crate::judge) fn cause(turn: &TurnSeen) -> Diagnosis {
    let texts: Vec<&str> = turn.turn.session.iter().map(String::as_str).collect();
    let missing =
        texts.iter().find(|text| turn.store.holding(text).is_some_and(|records| records.is_empty()));
    let broke = match missing {
        Some(text) => not_kept(text),
        None => {
            let holders: Vec<String> = texts.iter().map(|text| holders(turn, text)).collect();
            let sentence =
                format!("two turns of one conversation landed in different sessions: {}", holders.join("; "));
            Break::new(Code::SessionSplit, Step::Store, sentence)
        }
    };
    broke.after_sending(turn)
}

/// Returns the break if no session holds a text.
pub(in crate::judge) fn not_kept(text: &str) -> Break {
    let sentence = format!("no session in the runtime's store holds `{text}`");
    Break::new(Code::SessionNotKept, Step::Store, sentence)
}

/// Says which sessions hold a text.
pub(in crate::judge) fn holders(turn: &TurnSeen, text: &str) -> String {
    let records = turn.store.holding(text).unwrap_or_default();
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).take(3).collect();
    if keys.is_empty() {
        format!("`{text}` is in no session")
    } else {
        format!("`{text}` is in session {}", keys.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        deploy::StoreFile,
        event::Verdict,
        judge::{
            check::Check,
            testing::{checked, store, turn},
        },
    };

    #[test]
    fn texts_are_together_apart_or_nowhere() {
        let mut turn = turn(2, "two");
        turn.turn.session = vec!["one".into(), "two".into()];
        let mut seen = |sessions: &[(&str, &[&str])]| {
            turn.store = store(sessions);
            let (outcome, cause) = checked(&[turn.clone()], Check::Session);
            (outcome.verdict, cause.map(|cause| cause.code))
        };
        assert_eq!(seen(&[("a", &["one", "two"])]), (Verdict::Pass, None));
        assert_eq!(seen(&[("a", &["one"]), ("b", &["two"])]), (Verdict::Fail, Some(Code::SessionSplit)));
        assert_eq!(seen(&[("b", &["two"])]), (Verdict::Fail, Some(Code::SessionNotKept)));
        let part = |text: &str| {
            let file = StoreFile { path: "/a.txt".into(), bytes: text.into() };
            Store::from_files(vec![file], false).into()
        };
        turn.store = part("two");
        assert_eq!(checked(&[turn.clone()], Check::Session).0.verdict, Verdict::Skip, "not all was read");
        turn.store = part("one and two");
        assert_eq!(checked(&[turn.clone()], Check::Session).0.verdict, Verdict::Pass);
        turn.store = Store::Unreadable("404".into()).into();
        assert_eq!(checked(&[turn], Check::Session).0.verdict, Verdict::Skip);
    }
}
