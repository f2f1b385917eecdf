//! How the agent gets an answer from the model: it asks, does what the model calls for, and asks again.

use super::{
    Agent,
    deliver::Reply,
    outcome::{TurnAnswer, TurnError},
};
use crate::{
    model::{Completion, OfferedTools, Prompt},
    session::View,
};

/// The largest number of rounds of tool calls in one turn.
const MAX_ROUNDS: usize = 8;

impl Agent {
    /// Asks the model until it answers without calling a tool.
    pub(super) async fn answer_with_model(
        &self,
        context_id: &str,
        view: View<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<TurnAnswer, TurnError> {
        let peers = self.peers.list().await;
        let mut prompt = Prompt::new(&view, OfferedTools { skills: self.skills.all(), peers: &peers });
        if reply.is_streamed() {
            self.call_model_after_hangup(&reply.signals(), &prompt);
        }
        for _ in 0..=MAX_ROUNDS {
            let completion = self.ask_model(&prompt, reply).await?;
            if completion.calls.is_empty() {
                return Ok(TurnAnswer { text: completion.text, prompt: prompt.texts() });
            }
            prompt.push_calls(&completion);
            for call in &completion.calls {
                let result = self.call_tool(call, context_id, &view).await;
                prompt.push_result(call, &result);
            }
        }
        Err(TurnError::TooManyRounds(MAX_ROUNDS))
    }

    async fn ask_model(&self, prompt: &Prompt, reply: &mut Reply<'_>) -> Result<Completion, TurnError> {
        if !reply.is_streamed() {
            return Ok(self.model.complete(prompt).await?);
        }
        reply.begin_round();
        Ok(self.model.stream(prompt, |text| reply.piece(text)).await?)
    }
}
