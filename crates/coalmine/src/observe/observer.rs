//! The observer of a run: sees what the runtime asks of the world, and keeps what it has seen so far.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use coalmine_a2a::WireOutcome;
use coalmine_world::{Call, CallKind, JournalPosition, World};

use super::{
    CanaryRun, Concurrency, Store, TurnExchange, TurnSeen,
    attribution::{AttributedCalls, asks},
    exchange::write_wire,
    is_model_call,
    quiet::wait_until_quiet,
};
use crate::{
    artifacts::Artifacts,
    deploy::Runtime,
    event::{Code, Emitter},
    plan::ScriptTurn,
};

/// The most calls that nothing serves that a diagnosis names.
const MAX_UNSERVED: usize = 5;

/// Sees what a runtime does: what it asks of the world, what it stores, what it writes.
pub(crate) struct Observer<'a> {
    pub(super) runtime: &'a Runtime<'a>,
    pub(super) world: Arc<World>,
    pub(super) events: &'a Emitter,
    pub(super) artifacts: &'a Artifacts,
    notes: Mutex<Notes>,
}

/// What was seen so far in a run.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Whether the runtime ever showed a sign of a memory.
    pub(super) memory_seen: bool,
    /// Whether the model was ever called.
    model_called: bool,
    /// Why `GET` on the store was refused: it is then not asked again.
    pub(super) store_refused: Option<String>,
    /// The session store as it was read last.
    pub(super) last_store: Option<Arc<Store>>,
    /// What users said in turns that are over.
    said: Vec<String>,
}

impl<'a> Observer<'a> {
    /// Returns an observer that has seen nothing yet.
    pub(crate) fn new(
        runtime: &'a Runtime<'a>,
        world: Arc<World>,
        events: &'a Emitter,
        artifacts: &'a Artifacts,
    ) -> Self {
        Self { runtime, world, events, artifacts, notes: Mutex::default() }
    }

    /// Returns whether the runtime ever called the model in this run.
    pub(crate) fn model_called(&self) -> bool {
        self.notes().model_called
    }

    /// Returns whether the runtime ever showed a sign of a memory in this run.
    pub(crate) fn memory_seen(&self) -> bool {
        self.notes().memory_seen
    }

    /// Waits until the runtime is done with what these turns ask of the model since a mark; returns whether
    /// that happened in time.
    pub(crate) async fn wait_until_quiet(
        &self,
        mark: JournalPosition,
        concurrency: Concurrency,
        turns: &[&ScriptTurn],
    ) -> bool {
        wait_until_quiet(&self.world, mark, |call| may_be_asked_by(call, concurrency, turns)).await
    }

    /// Returns whether a turn has made the model work since a mark. `only` says that nothing else goes on, so
    /// that any call is the turn's.
    pub(crate) fn is_model_called(&self, mark: JournalPosition, turn: &ScriptTurn, only: bool) -> bool {
        self.world.calls_since(mark).iter().any(|call| is_model_call(call) && (only || asks(call, turn)))
    }

    /// Returns whether the model's part in a turn is not over, as far as its calls since a mark show: the last one
    /// called a tool whose result nobody gave it, or it was not asked at all. `only` says that nothing else goes
    /// on.
    pub(crate) fn is_left_in_the_middle(&self, mark: JournalPosition, turn: &ScriptTurn, only: bool) -> bool {
        let calls = self.world.calls_since(mark);
        let own = |call: &&Arc<Call>| {
            is_model_call(call) && call.content.side_call.is_none() && (only || asks(call, turn))
        };
        match calls.iter().rfind(own) {
            Some(call) => {
                call.content.tool_calls().iter().any(|tool| self.role_of_call(call, &tool.name).is_some())
            }
            // a call that is not recognized as the turn's may have answered it, and a file alone raises questions
            None => only && !turn.say.is_empty() && turn.max_model_calls != Some(0),
        }
    }

    /// Assigns the calls since a mark to the turns that were sent since then. Reports what a real provider
    /// refuses.
    pub(crate) fn attribute(
        &self,
        mark: JournalPosition,
        run: CanaryRun<'_>,
        turns: &[&ScriptTurn],
    ) -> AttributedCalls {
        let calls = self.world.calls_since(mark);
        for problem in calls.iter().flat_map(|call| &call.content.rejected_by_vendor) {
            let sentence = format!("a real model provider refuses what the runtime sends: {problem}");
            self.events.finding_each(Code::ProviderLenient, sentence, Some(run.canary));
        }
        let complete = self.world.has_all_calls_since(mark);
        AttributedCalls::new(calls, complete, turns, run.concurrency, &self.notes().said)
    }

    /// Takes in what came back over the wire and which calls were made for it; writes down the evidence.
    pub(crate) fn take_in(
        &self,
        run: CanaryRun<'_>,
        exchange: TurnExchange<'_>,
        calls: &AttributedCalls,
    ) -> TurnSeen {
        let turn = exchange.turn;
        let seen = exchange.seen();
        for drift in &seen.drift {
            self.events.finding(drift.into(), drift.to_string(), Some(run.canary));
        }
        let wire = write_wire(self.artifacts, run, "", seen.turn.number, &seen.exchanges);
        let model_calls = calls.of(turn, is_model_call);
        let seen = TurnSeen {
            wire,
            // if the model was never asked, that is the news
            asks_on: seen.turn.asks_on && !model_calls.is_empty(),
            calls: model_calls,
            asked: calls.of(turn, |call| call.content.peer.is_some()),
            calls_lost: !calls.complete,
            ..seen.turn
        };
        let mut notes = self.notes();
        notes.model_called |= !seen.calls.is_empty();
        notes.said.push(turn.say.clone());
        seen
    }

    /// Keeps the evidence of a run of a canary that went on beside others, under another name: a run alone
    /// writes its own.
    pub(crate) fn set_aside(&self, run: CanaryRun<'_>) {
        for label in ["", "-later"] {
            let (old, new) = (format!("{run}{label}-turn-"), format!("{run}-beside-others{label}-turn-"));
            self.artifacts.set_aside("wire", &old, &new);
            self.artifacts.set_aside("session-store", &old, &new);
        }
    }

    /// Takes in what became of a task that was canceled, once the runtime is quiet.
    pub(crate) fn take_in_later(&self, run: CanaryRun<'_>, seen: &mut TurnSeen, task: &WireOutcome) {
        if task.error.is_none() {
            seen.action.later = Some((task.view.state, task.view.text()));
            seen.wire.extend(write_wire(self.artifacts, run, "-later", seen.number, &task.exchanges));
        }
    }

    /// Returns calls for paths that nothing serves, such as those of an unknown provider.
    pub(crate) fn unserved_calls(&self) -> Vec<String> {
        let mut unserved: Vec<String> = vec![];
        for call in self.world.calls_since(JournalPosition::default()) {
            let name = format!("{} {}", call.method, call.path);
            let is_unserved = call.kind == CallKind::Unknown && call.method == "POST";
            if is_unserved && !unserved.contains(&name) && unserved.len() < MAX_UNSERVED {
                unserved.push(name);
            }
        }
        unserved
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether these turns may have made a call of the model, as far as that can be distinguished.
fn may_be_asked_by(call: &Call, concurrency: Concurrency, turns: &[&ScriptTurn]) -> bool {
    is_model_call(call) && (concurrency == Concurrency::Alone || turns.iter().any(|turn| asks(call, turn)))
}
