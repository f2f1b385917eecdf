//! Sending one turn, while the runtime may end or be killed.

use std::{pin::pin, time::Duration};

use coalmine_a2a::{WireError, WireOutcome};
use coalmine_world::JournalPosition;
use tokio::time::{Instant, timeout};

use super::RunContext;
use crate::{
    converse::{Delivery, Reply, UserTurn, wait_until},
    event::ModelMode,
    observe::{Attempt, CanaryRun, Concurrency, TurnExchange},
    plan::{AnswerRule, During, ModelFaults, ScriptTurn},
};

/// How long to wait after a lost connection for the news that the runtime ended.
const EXIT_WITHIN: Duration = Duration::from_millis(1_500);

/// How often a task is approved in one turn. One that asks on after that does not take a yes for an answer.
const MAX_APPROVALS: usize = 3;

/// Sends the turns of a group.
pub(super) struct TurnSender<'a> {
    pub(super) context: &'a RunContext<'a>,
    pub(super) run: CanaryRun<'a>,
    /// Where the world's journal stood before the turns.
    pub(super) mark: JournalPosition,
    /// Whether there is only one turn and nothing else goes on.
    pub(super) only: bool,
}

impl TurnSender<'_> {
    /// Sends a turn, and returns once it is settled or the runtime ended.
    pub(super) async fn send<'t>(&self, number: u32, turn: &'t ScriptTurn) -> TurnExchange<'t> {
        let began = Instant::now();
        let mut exchange = if turn.during == Some(During::Kill) {
            self.send_and_kill(number, turn).await
        } else {
            self.send_and_watch(number, turn).await
        };
        exchange.took = began.elapsed();
        exchange
    }

    /// Sends a turn and kills the runtime once the model was called. The client waits until then: if it hung
    /// up, the runtime could end the turn in order.
    async fn send_and_kill<'t>(&self, number: u32, turn: &'t ScriptTurn) -> TurnExchange<'t> {
        let model_called = || self.context.observer.is_model_called(self.mark, turn, self.only);
        let mut delivering = pin!(self.say(turn, &model_called));
        tokio::select! {
            delivery = &mut delivering => return TurnExchange::new(number, turn, delivery),
            () = wait_until(model_called) => {}
        }
        // a runtime that does not come back ends the run, which the next turn reports
        self.context.kill_and_start().await;
        let delivery = cut_off("the runtime was killed on purpose");
        TurnExchange { killed: true, ..TurnExchange::new(number, turn, delivery) }
    }

    /// Sends a turn, and notes how the runtime ended if it did meanwhile.
    async fn send_and_watch<'t>(&self, number: u32, turn: &'t ScriptTurn) -> TurnExchange<'t> {
        let model_called = || self.context.observer.is_model_called(self.mark, turn, self.only);
        let runtime = self.context.runtime;
        let delivery = tokio::select! {
            biased;
            delivery = self.say(turn, &model_called) => delivery,
            Some(exit) = runtime.ended() => {
                let delivery = cut_off(&format!("the runtime ended: {}", exit.how));
                return TurnExchange { exit: Some(exit), ..TurnExchange::new(number, turn, delivery) };
            }
        };
        let mut exchange = TurnExchange::new(number, turn, delivery);
        let error = exchange.delivery.reply.sent.error.as_ref();
        if runtime.spec.target.is_owned() && error.is_some_and(WireError::is_lost) {
            exchange.exit = timeout(EXIT_WITHIN, runtime.ended()).await.ok().flatten();
        }
        if exchange.exit.is_none() {
            self.check_whether_gone(number, error).await;
        }
        exchange
    }

    /// Says what the user says in a turn, and approves what the runtime asks before it goes on.
    async fn say(&self, turn: &ScriptTurn, model_called: &(dyn Fn() -> bool + Sync)) -> Delivery {
        let conversation = self.run.context(&turn.context);
        // beside others a refusal decides nothing, and a fault in the model's answers may look like one
        let patient = self.run.concurrency == Concurrency::Alone
            && turn.model_fault == ModelFaults::None
            && self.context.options.model_fault.is_none();
        // the verdict is that on conversations with the usual ids
        let plain_id = self.run.attempt != Attempt::Verdict && self.context.options.model_fault.is_none();
        let user_turn = UserTurn {
            patient,
            plain_id,
            context: &conversation,
            say: &turn.say,
            files: &turn.files,
            send: turn.send,
            during: turn.during,
        };
        let conversations = &self.context.conversations;
        let mut delivery = conversations.say(user_turn, &self.context.world, model_called).await;
        // a yes has the same words in every conversation, so what comes of it beside others cannot be attributed
        let approvals = if self.run.concurrency == Concurrency::Alone { MAX_APPROVALS } else { 0 };
        for _ in 0..approvals {
            if !self.waits_for_approval(turn, &delivery) {
                return delivery;
            }
            delivery = conversations.approve(user_turn, delivery, model_called).await;
        }
        Delivery { asks_on: self.waits_for_approval(turn, &delivery), ..delivery }
    }

    /// Returns whether a task waits for a yes. Some runtimes leave every task waiting for the user: one that was
    /// answered does not wait for a yes.
    fn waits_for_approval(&self, turn: &ScriptTurn, delivery: &Delivery) -> bool {
        let reply = delivery.reply.sent.view.text();
        delivery.waits_for_user()
            && turn.answer == AnswerRule::Given
            && turn.during.is_none()
            && !turn.is_answered_by(&reply)
            && match self.context.options.run.model {
                ModelMode::Simulated => {
                    self.context.observer.is_left_in_the_middle(self.mark, turn, self.only)
                }
                // its calls cannot be seen
                ModelMode::Live => reply.contains('?'),
                // without a model, nothing is done that could be approved
                ModelMode::CanaryMode => false,
            }
    }

    /// Ends the run if nothing listens any more, though nobody reported that the runtime ended: it may run
    /// elsewhere.
    async fn check_whether_gone(&self, number: u32, error: Option<&WireError>) {
        let Some(WireError::Connect(cause)) = error else { return };
        if cause.is_empty() || self.context.timeouts() > 0 {
            return;
        }
        if self.context.runtime.is_gone().await {
            let sentence = format!("the runtime went away in turn {number} of `{}`", self.run);
            self.context.end_crashed(sentence, error.map(ToString::to_string));
        }
    }
}

/// Returns what came of a turn that was cut off.
fn cut_off(why: &str) -> Delivery {
    let sent = WireOutcome { error: Some(WireError::Lost(why.to_owned())), ..WireOutcome::default() };
    Delivery { reply: Reply::from(sent), ..Delivery::default() }
}
