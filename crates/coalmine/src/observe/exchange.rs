//! One turn as it was sent, before the runtime is inspected.

use std::{sync::Arc, time::Duration};

use coalmine_a2a::{Drift, Exchange};

use super::{ActionSeen, CanaryRun, Store, TurnSeen};
use crate::{
    artifacts::Artifacts,
    converse::{ActionOutcome, Delivery, Reply},
    deploy::Exit,
    plan::{During, ScriptTurn},
};

/// The most exchanges of a turn that are written down.
const MAX_EXCHANGES: usize = 20;

/// One turn as it was sent.
pub(crate) struct TurnExchange<'a> {
    /// The position in the canary, from 1.
    pub(crate) number: u32,
    pub(crate) turn: &'a ScriptTurn,
    pub(crate) delivery: Delivery,
    /// How the runtime ended during the turn, if it did.
    pub(crate) exit: Option<Exit>,
    pub(crate) took: Duration,
    /// Whether the runtime was killed during the turn, on purpose.
    pub(crate) killed: bool,
}

/// What a turn's exchange shows.
pub(super) struct ExchangeSeen {
    /// The turn, with nothing but what came back over the wire.
    pub(super) turn: TurnSeen,
    /// What was sent and received, as it was on the wire.
    pub(super) exchanges: Vec<Exchange>,
    /// Where the runtime departs from the specification.
    pub(super) drift: Vec<Drift>,
}

impl<'a> TurnExchange<'a> {
    /// Returns a turn in which the runtime neither ended nor was killed.
    pub(crate) fn new(number: u32, turn: &'a ScriptTurn, delivery: Delivery) -> Self {
        Self { number, turn, delivery, exit: None, took: Duration::ZERO, killed: false }
    }

    /// Returns what the exchange shows.
    pub(super) fn seen(self) -> ExchangeSeen {
        let Self { number, turn, delivery, exit: _, took, killed } = self;
        let Delivery { context_id, message_id, reply, approved, asks_on } = delivery;
        let Reply { mut sent, action: outcome } = reply;
        let mut action = ActionSeen { done: killed, ..ActionSeen::default() };
        if let Some(ActionOutcome { sent: answer, streamed, late }) = outcome {
            action = ActionSeen {
                done: true,
                error: answer.error.clone(),
                after: (answer.view.state, answer.view.text()),
                streamed,
                late,
                later: None,
            };
            sent.exchanges.extend(answer.exchanges);
            if turn.during == Some(During::Resubscribe) {
                // the rest of the answer came over the second connection
                let drift = std::mem::replace(&mut sent.view, answer.view).drift;
                sent.view.drift.extend(drift);
                sent.error = answer.error;
            }
        }
        let turn = TurnSeen {
            skipped: None,
            context_id,
            message_id,
            task_id: sent.view.task_id.clone(),
            context_ids: sent.view.context_ids.clone(),
            state: sent.view.state,
            reply: sent.view.text(),
            error: sent.error,
            approved,
            asks_on,
            action,
            store: Arc::new(Store::Unreadable("it was not inspected".into())),
            took,
            replied_at: sent.view.said_at,
            ..TurnSeen::skipped(number, turn.clone(), "")
        };
        ExchangeSeen { turn, exchanges: sent.exchanges, drift: sent.view.drift }
    }
}

/// Writes down what was sent and received, as it was on the wire. Returns the paths of the files.
pub(super) fn write_wire(
    artifacts: &Artifacts,
    run: CanaryRun<'_>,
    label: &str,
    number: u32,
    exchanges: &[Exchange],
) -> Vec<String> {
    let mut paths = vec![];
    for (at, exchange) in exchanges.iter().enumerate().take(MAX_EXCHANGES) {
        let step = if at == 0 { String::new() } else { format!("-{}", at + 1) };
        let name = format!("wire/{run}{label}-turn-{number}{step}");
        let is_json = exchange.content_type.as_deref().is_some_and(|kind| kind.contains("json"));
        let ending = if is_json { "json" } else { "txt" };
        paths.extend(artifacts.write(&format!("{name}.request.json"), &exchange.request));
        if exchange.status.is_some() {
            paths.extend(artifacts.write(&format!("{name}.response.{ending}"), &exchange.response));
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use coalmine_a2a::{State, WireOutcome};

    use super::*;

    fn exchange(turn: &ScriptTurn, outcome: Option<ActionOutcome>) -> TurnExchange<'_> {
        let reply = Reply { sent: WireOutcome::default(), action: outcome };
        let delivery = Delivery { reply, ..Delivery::default() };
        TurnExchange::new(1, turn, delivery)
    }

    fn outcome() -> ActionOutcome {
        let mut sent = WireOutcome::default();
        sent.view.state = Some(State::Completed);
        ActionOutcome { sent, ..ActionOutcome::default() }
    }

    #[test]
    fn answer_after_resubscribing_is_the_answer_of_the_turn() {
        let turn = ScriptTurn { during: Some(During::Resubscribe), ..ScriptTurn::default() };
        let seen = exchange(&turn, Some(outcome())).seen().turn;
        assert!(seen.action.done && seen.skipped.is_none());
        assert_eq!(seen.state, Some(State::Completed));
    }

    #[test]
    fn answer_to_a_cancellation_is_not_the_answer_of_the_turn() {
        let turn = ScriptTurn { during: Some(During::Cancel), ..ScriptTurn::default() };
        let seen = exchange(&turn, Some(outcome())).seen().turn;
        assert_eq!((seen.state, seen.action.after.0), (None, Some(State::Completed)));
    }

    #[test]
    fn kill_counts_as_an_action() {
        let turn = ScriptTurn { during: Some(During::Kill), ..ScriptTurn::default() };
        assert!(!exchange(&turn, None).seen().turn.action.done);
        assert!(TurnExchange { killed: true, ..exchange(&turn, None) }.seen().turn.action.done);
    }
}
