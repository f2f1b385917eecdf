//! Limits of a runtime that a canary met: of time, of rate, of capacity. They say nothing about memory.

use std::fmt;

use coalmine_a2a::{State, WireError};

use crate::{
    converse::names_rate,
    event::{Code, Diagnosis},
    observe::TurnSeen,
    plan::ModelFaults,
};

/// A limit that made a turn fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitMet {
    /// The turn was not answered in time.
    Time,
    /// The runtime takes fewer messages in a span of time.
    Rate,
    /// The runtime takes fewer conversations at once.
    Capacity,
}

/// Words with which servers refuse for capacity.
const CAPACITY: [&str; 6] = [
    "too many concurrent",
    "concurrency limit",
    "at capacity",
    "too many runs",
    "too many sessions",
    "server is busy",
];

impl LimitMet {
    /// Returns the limit that a turn met. A turn with a fault in the model's answers may report that fault.
    pub(super) fn of(turn: &TurnSeen) -> Option<Self> {
        match &turn.error {
            Some(WireError::Timeout { .. } | WireError::NotFinished { .. }) => return Some(Self::Time),
            _ if turn.skipped.is_some() || turn.turn.model_fault != ModelFaults::None => return None,
            _ => {}
        }
        let by_words = refusal(turn).and_then(|text| Self::in_words(&text));
        by_words.or(match turn.error {
            Some(WireError::Http { status: 429, .. }) => Some(Self::Rate),
            Some(WireError::Http { status: 503, .. }) => Some(Self::Capacity),
            _ => None,
        })
    }

    /// Returns the limit that a refusal names.
    pub(super) fn in_words(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        if CAPACITY.iter().any(|words| text.contains(words)) {
            Some(Self::Capacity)
        } else if names_rate(&text) {
            Some(Self::Rate)
        } else {
            None
        }
    }
}

impl fmt::Display for LimitMet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "a time limit",
            Self::Rate => "a rate limit",
            Self::Capacity => "a limit of capacity",
        })
    }
}

/// Returns the diagnosis of a canary that failed because the runtime refuses so many messages, if it did.
pub(super) fn diagnose(seen: &[TurnSeen]) -> Option<Diagnosis> {
    let refused: Vec<(&TurnSeen, LimitMet)> = seen
        .iter()
        .filter_map(|turn| Some((turn, LimitMet::of(turn)?)))
        .filter(|(_, limit)| *limit != LimitMet::Time)
        .collect();
    let (first, limit) = refused.first().copied()?;
    let code = match &first.error {
        Some(WireError::Http { .. }) => Code::WireHttpError,
        Some(_) => Code::WireRpcError,
        None => Code::WireTaskFailed,
    };
    let beside =
        seen.iter().filter(|turn| turn.turn.parallel.is_some() && turn.turn.parallel == first.turn.parallel);
    let (at_once, said) = (beside.count(), refusal(first).unwrap_or_default());
    let (sentence, hint) = if at_once > 1 {
        let taken = at_once.saturating_sub(refused.len()).max(2);
        (
            format!(
                "the runtime refused {} of {at_once} messages that were sent at once: {said}",
                refused.len()
            ),
            format!("if that limit is meant, hold fewer conversations at once: `--contexts {taken}`"),
        )
    } else {
        let hint = match limit {
            LimitMet::Capacity => "if that limit is meant, run one canary at a time: `--jobs 1`",
            _ => "if that limit is meant, state it in the profile: `rate = \"30/min\"`",
        };
        (format!("the runtime refused turn {} because it met {limit}: {said}", first.number), hint.into())
    };
    let mut diagnosis = Diagnosis::new(code, sentence);
    (diagnosis.turn, diagnosis.hint) = (Some(first.number), Some(hint));
    Some(diagnosis)
}

/// Returns what a runtime says that refused a turn.
fn refusal(turn: &TurnSeen) -> Option<String> {
    match &turn.error {
        Some(error) => Some(error.to_string()),
        None => turn.state.filter(|state| State::is_refusal(*state)).map(|_| turn.reply.clone()),
    }
}

#[cfg(test)]
mod tests {
    use coalmine_a2a::Refusal;

    use super::*;
    use crate::plan::ScriptTurn;

    fn turn(number: u32, error: Option<WireError>) -> TurnSeen {
        let turn = ScriptTurn { parallel: Some("all".into()), ..ScriptTurn::default() };
        TurnSeen { skipped: None, error, ..TurnSeen::skipped(number, turn, "") }
    }

    fn refused(message: &str) -> WireError {
        WireError::Refused { refusal: Refusal::Internal, code: "-32603".into(), message: message.into() }
    }

    #[test]
    fn limits_are_recognized() {
        let http = |status| WireError::Http { status, body: String::new() };
        for (error, limit) in [
            (http(429), Some(LimitMet::Rate)),
            (http(503), Some(LimitMet::Capacity)),
            (http(500), None),
            (
                WireError::Http { status: 429, body: "Too many concurrent runs".into() },
                Some(LimitMet::Capacity),
            ),
            (refused("Peer is rate limited"), Some(LimitMet::Rate)),
            (refused("Rate limit exceeded"), Some(LimitMet::Rate)),
            (refused("boom"), None),
        ] {
            assert_eq!(LimitMet::of(&turn(1, Some(error.clone()))), limit, "{error}");
        }
        let failed =
            TurnSeen { state: Some(State::Failed), reply: "Too many requests".into(), ..turn(1, None) };
        assert_eq!(LimitMet::of(&failed), Some(LimitMet::Rate));
    }

    #[test]
    fn capacity_leads_to_fewer_contexts() {
        let mut seen: Vec<TurnSeen> = (1..=10).map(|number| turn(number, None)).collect();
        seen.extend((11..=16).map(|number| turn(number, Some(refused("Too many concurrent runs")))));
        let diagnosis = diagnose(&seen).unwrap();
        assert_eq!((diagnosis.code, diagnosis.turn), (Code::WireRpcError, Some(11)));
        assert!(diagnosis.sentence.contains("refused 6 of 16"), "{}", diagnosis.sentence);
        assert!(diagnosis.hint.unwrap().contains("--contexts 10"));
        assert_eq!(diagnose(&seen[..10]), None);
    }
}
