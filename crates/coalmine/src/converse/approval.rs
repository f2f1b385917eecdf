//! Saying yes to a task that waits for the user before it goes on.

use coalmine_a2a::{Outgoing, Part, State};

use super::{Conversations, Delivery, UserTurn, conversations::message_id};
use crate::event::APPROVAL;

impl Delivery {
    /// Returns whether the task waits for the user's next words.
    pub fn waits_for_user(&self) -> bool {
        let sent = &self.reply.sent;
        let waits = sent.error.is_none() && sent.view.state == Some(State::InputRequired);
        waits && sent.view.task_id.is_some()
    }
}

impl Conversations {
    /// Says yes to the task that waits after a turn, in the same context. What comes of it is the answer of the
    /// turn; what the task had asked is kept beside it.
    pub async fn approve(
        &self,
        turn: UserTurn<'_>,
        asked: Delivery,
        model_called: &(dyn Fn() -> bool + Sync),
    ) -> Delivery {
        let message = self.compose_approval(turn, &asked);
        let mut reply = self.deliver_patiently(&message, turn, model_called).await;
        let question = asked.reply.sent.view.text();
        self.with_context(turn, |context| context.take_in_approval(APPROVAL, &mut reply.sent));
        let first = asked.reply.sent;
        reply.sent.exchanges.splice(0..0, first.exchanges);
        let view = &mut reply.sent.view;
        first.view.drift.into_iter().for_each(|drift| view.note(drift));
        let mut context_ids = first.view.context_ids;
        context_ids.retain(|id| !view.context_ids.contains(id));
        view.context_ids.splice(0..0, context_ids);
        let approved = asked.approved.into_iter().chain([question]).collect();
        Delivery { reply, approved, ..asked }
    }

    fn compose_approval(&self, turn: UserTurn<'_>, asked: &Delivery) -> Outgoing {
        Outgoing {
            message_id: message_id(),
            context_id: Some(asked.context_id.clone()).filter(|id| !id.is_empty()),
            task_id: asked.reply.sent.view.task_id.clone(),
            reference_task_ids: vec![],
            parts: vec![Part::Text(APPROVAL.to_owned())],
            history: self.with_context(turn, |context| self.history_of(context)),
        }
    }
}
