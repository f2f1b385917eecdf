//! Turns: sent, one or several at once, then observed from every side.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use coalmine_world::{FaultGuard, JournalPosition};
use futures_util::future::join_all;
use tokio::time::timeout;

use super::{RunContext, send::TurnSender};
use crate::{
    converse::wait_until,
    event::Phase,
    observe::{CanaryRun, Concurrency, TurnSeen},
    plan::{During, ModelFaults, ScriptTurn},
};

/// The longest wait for the call of a slow turn before the next one is sent.
const BEGUN_WITHIN: Duration = Duration::from_secs(2);

/// Turns of one canary that are sent at the same time; usually there is only one.
pub(super) struct TurnGroup<'a> {
    pub(super) context: &'a RunContext<'a>,
    pub(super) run: CanaryRun<'a>,
    /// The positions of the turns in the canary, from 1.
    pub(super) numbers: Vec<u32>,
    pub(super) turns: Vec<&'a ScriptTurn>,
}

impl TurnGroup<'_> {
    /// Sends the turns and returns everything that was observed. Ends the conversations of the run if the
    /// runtime ends.
    pub(super) async fn take(&self) -> Vec<TurnSeen> {
        let Self { context, run, numbers, turns } = self;
        let (observer, world) = (&context.observer, &context.world);
        if turns.iter().any(|turn| turn.send.again) {
            // what the runtime still asks on its own about the message before is not asked for its repetition
            observer.wait_until_quiet(world.journal_position(), run.concurrency, turns).await;
        }
        let files_before = observer.files_before(turns).await;
        let mark = world.journal_position();
        self.report_progress();
        let fault_guards = self.inject_faults();
        let only = turns.len() == 1 && run.concurrency == Concurrency::Alone;
        let sender = TurnSender { context, run: *run, mark, only };
        let settled: Vec<AtomicBool> = turns.iter().map(|_| AtomicBool::new(false)).collect();
        let (sender, settled) = (&sender, &settled);
        let sending = turns.iter().zip(numbers).enumerate().map(|(at, (turn, number))| async move {
            self.wait_for_slow_turn_before(at, mark, settled).await;
            let exchange = sender.send(*number, turn).await;
            settled[at].store(true, Ordering::Relaxed);
            exchange
        });
        let exchanges = join_all(sending).await;
        let mut quiet = None;
        if turns.iter().any(|turn| turn.ends_in_quiet()) && context.ended().is_none() {
            quiet = Some(observer.wait_until_quiet(mark, run.concurrency, turns).await);
        }
        drop(fault_guards);
        let calls = observer.attribute(mark, *run, turns);
        let mut seen = vec![];
        for exchange in exchanges {
            if let Some(exit) = &exchange.exit {
                let number = exchange.number;
                let when = format!("the runtime ended in turn {number} of `{run}`");
                context.end(exit.diagnosis(&when), true);
            }
            let mut turn = observer.take_in(*run, exchange, &calls);
            turn.quiet = quiet.filter(|_| turn.turn.ends_in_quiet());
            seen.push(turn);
        }
        if context.ended().is_none() {
            observer.inspect(*run, &mut seen, &files_before).await;
            for turn in &mut seen {
                self.fetch_canceled_task(turn).await;
            }
        }
        if run.concurrency == Concurrency::Alone {
            context.count_timeouts(run.canary, &seen);
        }
        seen
    }

    /// Reports what is waited for. Of canaries that run at the same time, only their number is reported.
    fn report_progress(&self) {
        if let (Concurrency::Alone, [first, others @ ..]) = (self.run.concurrency, &self.numbers[..]) {
            let turns =
                others.last().map_or(format!("turn {first}"), |last| format!("turns {first} to {last}"));
            let message = format!("waiting for the answer of {}, {turns}", self.run);
            self.context.events.progress(Phase::Turn, message);
        }
    }

    /// Waits until the turn before has called the model, if it is of the same context and its answer is slow:
    /// only then it is certain which of the two began first. The turn before may also end without a call.
    async fn wait_for_slow_turn_before(&self, at: usize, mark: JournalPosition, settled: &[AtomicBool]) {
        let Some(before) = at.checked_sub(1).map(|before| self.turns[before]) else { return };
        let is_slow = before.model_fault.named().iter().any(|fault| fault.is_slow());
        if !is_slow || before.context != self.turns[at].context {
            return;
        }
        let called = || self.context.observer.is_model_called(mark, before, false);
        let begun = wait_until(|| called() || settled[at - 1].load(Ordering::Relaxed));
        // if its words do not reach the model, its call is not recognized
        let _ = timeout(BEGUN_WITHIN, begun).await;
    }

    /// Makes the model's answers to these turns fail as planned, until the guards are dropped. If a turn is
    /// alone, all answers fail: a runtime that drops the user's words suffers as well.
    fn inject_faults(&self) -> Vec<FaultGuard> {
        let is_only = self.turns.len() == 1 && self.run.concurrency == Concurrency::Alone;
        let planned = planned_faults(&self.turns).into_iter().map(|(faults, turns)| {
            let words = if is_only { vec![] } else { turns.iter().map(|turn| turn.say.clone()).collect() };
            let (first, then) = match faults {
                ModelFaults::None => (vec![], None),
                ModelFaults::All(fault) => (vec![], Some(*fault)),
                ModelFaults::Each(faults) => (faults.clone(), None),
            };
            self.context.world.inject(words, first, then)
        });
        let mut guards: Vec<FaultGuard> = planned.collect();
        // a prompt may hold the words of several turns that are sent at once, and belongs to the last of them
        let unharmed = self.turns.iter().filter(|turn| turn.model_fault == ModelFaults::None);
        let words: Vec<String> =
            unharmed.map(|turn| turn.say.clone()).filter(|say| !say.is_empty()).collect();
        if !guards.is_empty() && !words.is_empty() {
            guards.push(self.context.world.inject(words, vec![], None));
        }
        guards
    }

    /// Asks what became of a task that was canceled, once the runtime is quiet.
    async fn fetch_canceled_task(&self, seen: &mut TurnSeen) {
        if seen.turn.during != Some(During::Cancel) || !seen.action.done || seen.action.error.is_some() {
            return;
        }
        let conversation = self.run.context(&seen.turn.context);
        if let Some(task) = self.context.conversations.fetch_task(&conversation).await {
            self.context.observer.take_in_later(self.run, seen, &task);
        }
    }
}

/// Returns the faults of turns, each with the turns that suffer from it. Turns share a fault of all answers; a list of faults is
/// each turn's own.
fn planned_faults<'a>(turns: &[&'a ScriptTurn]) -> Vec<(&'a ModelFaults, Vec<&'a ScriptTurn>)> {
    let mut planned: Vec<(&ModelFaults, Vec<&ScriptTurn>)> = vec![];
    for turn in turns.iter().filter(|turn| turn.model_fault != ModelFaults::None) {
        let faults = &turn.model_fault;
        let shared = planned.iter_mut().find(|(other, _)| *other == faults);
        match (faults, shared) {
            (ModelFaults::All(_), Some((_, turns))) => turns.push(turn),
            _ => planned.push((faults, vec![turn])),
        }
    }
    planned
}

#[cfg(test)]
mod tests {
    use coalmine_world::ModelFault;

    use super::*;

    #[test]
    fn turns_share_a_fault_of_all_answers_and_no_list() {
        let turn = |model_fault| ScriptTurn { model_fault, ..ScriptTurn::default() };
        let all = turn(ModelFaults::All(ModelFault::Cut));
        let each = turn(ModelFaults::Each(vec![ModelFault::Cut]));
        let counts = |turns: &[&ScriptTurn]| -> Vec<usize> {
            planned_faults(turns).into_iter().map(|(_, turns)| turns.len()).collect()
        };
        assert_eq!(counts(&[&all, &turn(ModelFaults::None), &all]), [2]);
        assert_eq!(counts(&[&each, &each, &all]), [1, 1, 1]);
    }
}
