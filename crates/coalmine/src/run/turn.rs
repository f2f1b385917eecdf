//! Turns: sent, one or several at once, then looked at from every side.

use std::{pin::pin, sync::Arc, time::Duration};

use coalmine_a2a::{Exchange, WireError, WireOutcome};
use coalmine_world::{Call, FaultGuard, JournalPosition};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{
    attribution::{Calls, asks},
    parallel::Concurrency,
    rounds::CanaryRun,
    state::Running,
};
use crate::{
    converse::{Delivered, Done, MidTurnAction, PlannedAction, Talk, until},
    deploy::{Exit, Target, ended},
    event::{Code, Diagnosis},
    observe::{ActionSeen, Store, TurnSeen, is_model_call},
    plan::{During, ModelFaults, ScriptTurn},
};

/// How long a lost connection waits for the news that the runtime ended.
const LAST_WORDS: Duration = Duration::from_millis(1_500);

/// A turn that was sent, before it is looked at.
struct Posted {
    delivered: Delivered,
    exit: Option<Exit>,
    took: Duration,
    /// Whether the runtime was killed in it, on purpose.
    killed: bool,
}

impl Running<'_> {
    /// Sends turns (at least one) at once and takes in everything that can be seen of them. Ends the run's conversations
    /// where the runtime ends.
    pub(super) async fn turns(
        &self,
        canary: CanaryRun<'_>,
        numbers: &[u32],
        turns: &[&ScriptTurn],
    ) -> Vec<TurnSeen> {
        if turns.iter().any(|turn| turn.send.again) {
            // what the runtime still asks on its own for the message before is not asked for this one
            self.quiet(self.world.journal_position(), |call| is_theirs(call, canary.concurrency, turns))
                .await;
        }
        let patterns: Vec<String> = turns.iter().flat_map(|turn| turn.no_file.clone()).collect();
        let files = self.files(&patterns).await;
        let mark = self.world.journal_position();
        let fault_guards = self.inject(canary.concurrency, turns);
        let alone = turns.len() == 1 && canary.concurrency == Concurrency::Alone;
        let posted = join_all(
            turns.iter().zip(numbers).map(|(turn, number)| self.post(canary, *number, turn, (mark, alone))),
        );
        let posted = posted.await;
        let quiet = match turns.iter().any(|turn| turn.ends_in_quiet()) && self.over().is_none() {
            true => Some(self.quiet(mark, |call| is_theirs(call, canary.concurrency, turns)).await),
            false => None,
        };
        drop(fault_guards);
        let calls = self.world.calls_since(mark);
        for told in calls.iter().flat_map(|call| &call.content.rejected_by_vendor) {
            let sentence = format!("a real model provider refuses what the runtime sends: {told}");
            self.events.finding_each(Code::ProviderLenient, sentence, Some(canary.canary));
        }
        let calls = Calls::new(calls, turns, canary.concurrency, &self.so_far().said);
        let whole = self.world.has_all_calls_since(mark);
        let mut all = vec![];
        for ((turn, posted), number) in turns.iter().zip(posted).zip(numbers) {
            let mut seen = self.take_in(canary, *number, turn, posted);
            seen.quiet = quiet.filter(|_| turn.ends_in_quiet());
            seen.calls = calls.of(turn, is_model_call);
            seen.asked = calls.of(turn, |call| call.content.peer.is_some());
            seen.calls_lost = !whole;
            let mut so_far = self.so_far();
            so_far.model_called |= !seen.calls.is_empty();
            so_far.said.push(turn.say.clone());
            all.push(seen);
        }
        if self.over().is_none() {
            let store = self.store_after(canary, &all).await;
            let workspace = self.options.workspace();
            for seen in &mut all {
                seen.store = Arc::clone(&store);
                seen.under_workspace = store.holds_under(&seen.turn.say, &workspace);
                self.look(seen).await;
                seen.files_there = self.new_files(&seen.turn, &files).await;
                self.look_again(canary, seen).await;
            }
        }
        if canary.concurrency == Concurrency::Alone {
            self.count_timeouts(&all);
        }
        all
    }

    /// The model's answers to these turns suffer, as they say, for as long as what it gives lives. Where nothing else goes
    /// on, that is whatever the model is asked: a runtime that drops the user's words suffers as well.
    fn inject(&self, concurrency: Concurrency, turns: &[&ScriptTurn]) -> Vec<FaultGuard> {
        let words: Vec<String> = match concurrency {
            Concurrency::Alone => vec![],
            Concurrency::Shared => turns.iter().map(|turn| turn.say.clone()).collect(),
        };
        let mut model_faults: Vec<&ModelFaults> = vec![];
        for turn in turns {
            // what all answers suffer from is said once
            if !matches!(&turn.model_fault, ModelFaults::All(_) if model_faults.contains(&&turn.model_fault))
            {
                model_faults.push(&turn.model_fault);
            }
        }
        let inject = |model_faults| {
            let (first, then) = match model_faults {
                &ModelFaults::None => return None,
                ModelFaults::All(model_fault) => (vec![], Some(*model_fault)),
                ModelFaults::Each(list) => (list.clone(), None),
            };
            Some(self.world.inject(words.clone(), first, then))
        };
        model_faults.into_iter().filter_map(inject).collect()
    }

    async fn post(
        &self,
        canary: CanaryRun<'_>,
        number: u32,
        turn: &ScriptTurn,
        (mark, alone): (JournalPosition, bool),
    ) -> Posted {
        let began = Instant::now();
        let context = canary.context(&turn.context);
        let talk = Talk { context: &context, say: &turn.say, files: &turn.files, send: turn.send };
        let asks = |call: &Arc<Call>| is_model_call(call) && (alone || asks(call, turn));
        let called = || self.world.calls_since(mark).iter().any(asks);
        let mut exited = self.exited.clone();
        let action = match turn.during {
            Some(During::Kill) => {
                // the client waits until it is killed: one that hung up would let it end the turn in order
                let mut says = pin!(self.conversation.say(talk, &self.world, None));
                let delivered = tokio::select! {
                    delivered = &mut says => Some(delivered),
                    () = until(called) => None,
                };
                let killed = delivered.is_none();
                let delivered = match delivered {
                    Some(delivered) => delivered,
                    None => {
                        // what cannot be started again ends the run; that is told there
                        let _ = self.kill().await;
                        cut_off("the runtime was killed on purpose")
                    }
                };
                return Posted { delivered, exit: None, took: began.elapsed(), killed };
            }
            Some(During::HangUp) => Some(MidTurnAction::HangUp),
            Some(During::Cancel) => Some(MidTurnAction::Cancel),
            Some(During::Resubscribe) => Some(MidTurnAction::Resubscribe),
            None => None,
        };
        let meant = action.map(|action| PlannedAction { action, called: &called });
        let delivered = tokio::select! {
            biased;
            delivered = self.conversation.say(talk, &self.world, meant) => Ok(delivered),
            Some(exit) = ended(&mut exited) => Err(exit),
        };
        let (delivered, mut exit) = match delivered {
            Ok(delivered) => (delivered, None),
            Err(exit) => (cut_off(&format!("the runtime ended: {}", exit.how)), Some(exit)),
        };
        let tells = !matches!(*self.target.read().await, Target::Url(_));
        if exit.is_none() && tells && delivered.sent.error.as_ref().is_some_and(WireError::is_lost) {
            exit = tokio::time::timeout(LAST_WORDS, ended(&mut exited)).await.ok().flatten();
        }
        if exit.is_none()
            && matches!(&delivered.sent.error, Some(WireError::Connect(cause)) if !cause.is_empty())
            && self.so_far().timeouts == 0
        {
            self.is_it_gone(canary, number, &delivered.sent).await;
        }
        Posted { delivered, exit, took: began.elapsed(), killed: false }
    }

    fn take_in(&self, canary: CanaryRun<'_>, number: u32, turn: &ScriptTurn, posted: Posted) -> TurnSeen {
        let Posted { delivered, exit, took, killed } = posted;
        let Delivered { context_id, message_id, mut sent, done } = delivered;
        if let Some(exit) = exit {
            let sentence = format!("the runtime ended in turn {number} of `{canary}`: {}", exit.how);
            self.end(Diagnosis::new(Code::BootCrashed, &sentence), true);
        }
        let mut seen_action = ActionSeen { done: killed, ..ActionSeen::default() };
        if let Some(Done { sent: action, streamed, late }) = done {
            seen_action.done = true;
            seen_action.after = (action.view.state, action.view.text());
            (seen_action.streamed, seen_action.late) = (streamed, late);
            seen_action.error.clone_from(&action.error);
            sent.exchanges.extend(action.exchanges);
            if turn.during == Some(During::Resubscribe) {
                let drift = std::mem::replace(&mut sent.view, action.view).drift;
                sent.view.drift.extend(drift);
                sent.error = action.error;
            }
        }
        for drift in &sent.view.drift {
            self.events.finding(drift.into(), drift.to_string(), Some(canary.canary));
        }
        let wire = self.keep_wire(&canary.to_string(), number, &sent.exchanges);
        TurnSeen {
            number,
            turn: turn.clone(),
            skipped: None,
            context_id,
            message_id,
            task_id: sent.view.task_id.clone(),
            context_ids: sent.view.context_ids.clone(),
            state: sent.view.state,
            reply: sent.view.text(),
            error: sent.error,
            memory: Default::default(),
            calls: vec![],
            calls_lost: false,
            offered: Default::default(),
            called: Default::default(),
            asked: vec![],
            store: Arc::new(Store::Unreadable("it was not looked at".into())),
            under_workspace: false,
            action: seen_action,
            quiet: None,
            files_there: Ok(vec![]),
            took,
            wire,
        }
    }

    /// What became of a task that was canceled, once the runtime is quiet.
    async fn look_again(&self, canary: CanaryRun<'_>, seen: &mut TurnSeen) {
        if seen.turn.during != Some(During::Cancel) || !seen.action.done || seen.action.error.is_some() {
            return;
        }
        let context = canary.context(&seen.turn.context);
        if let Some(sent) = self.conversation.look(&context).await
            && sent.error.is_none()
        {
            seen.action.later = Some((sent.view.state, sent.view.text()));
            seen.wire.extend(self.keep_wire(&format!("{canary}-later"), seen.number, &sent.exchanges));
        }
    }

    /// A turn for which time is what it is about tells nothing of the runtime's health.
    fn count_timeouts(&self, seen: &[TurnSeen]) {
        let ran_out = |turn: &&TurnSeen| {
            matches!(turn.error, Some(WireError::Timeout { .. } | WireError::NotFinished { .. }))
        };
        let mut so_far = self.so_far();
        so_far.timeouts = match seen.iter().filter(ran_out).count() {
            0 => 0,
            _ => so_far.timeouts + 1,
        };
    }

    /// Nobody listens any more, though nobody told that the runtime ended (it runs elsewhere): is it gone?
    async fn is_it_gone(&self, canary: CanaryRun<'_>, number: u32, sent: &WireOutcome) {
        let fetched = self.client.card(&self.ready.card_url, Duration::from_secs(2)).await;
        if matches!(fetched.card, Err(WireError::Connect(_))) {
            let mut over = Diagnosis::new(
                Code::BootCrashed,
                format!("the runtime went away in turn {number} of `{canary}`"),
            );
            over.cause = sent.error.as_ref().map(ToString::to_string);
            self.end(over, true);
        }
    }

    /// Writes down what was sent and received, as it was on the wire.
    fn keep_wire(&self, canary_run: &str, number: u32, exchanges: &[Exchange]) -> Vec<String> {
        let mut paths = vec![];
        for (at, exchange) in exchanges.iter().enumerate().take(20) {
            let step = if at == 0 { String::new() } else { format!("-{}", at + 1) };
            let name = format!("wire/{canary_run}-turn-{number}{step}");
            let is_json = exchange.content_type.as_deref().is_some_and(|kind| kind.contains("json"));
            let ending = if is_json { "json" } else { "txt" };
            paths.extend(self.artifacts.write(&format!("{name}.request.json"), &exchange.request));
            if exchange.status.is_some() {
                paths.extend(self.artifacts.write(&format!("{name}.response.{ending}"), &exchange.response));
            }
        }
        paths
    }
}

/// Whether a call is one that these turns make of the model, as far as that can be told.
fn is_theirs(call: &Call, concurrency: Concurrency, turns: &[&ScriptTurn]) -> bool {
    is_model_call(call) && (concurrency == Concurrency::Alone || turns.iter().any(|turn| asks(call, turn)))
}

/// A turn that was cut short.
fn cut_off(why: &str) -> Delivered {
    let sent = WireOutcome { error: Some(WireError::Lost(why.to_owned())), ..WireOutcome::default() };
    Delivered { context_id: String::new(), message_id: String::new(), sent, done: None }
}
