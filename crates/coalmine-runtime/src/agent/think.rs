//! How the agent comes to an answer: the model, and the tools it calls.

use super::{Agent, deliver::Reply, error::TurnError, turn::Thought};
use crate::{
    model::{Completion, Offer, Prompt, ToolCall},
    session::View,
};

/// Rounds of tool calls in one turn.
const MAX_ROUNDS: usize = 8;

impl Agent {
    /// Asks the model, and does what it calls for, until it answers.
    pub(super) async fn answer_with_model(
        &self,
        context_id: &str,
        view: View<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<Thought, TurnError> {
        let peers = self.peers.known().await;
        let mut prompt = Prompt::new(&view, Offer { skills: self.skills.all(), peers: &peers });
        if reply.is_streamed() {
            self.run_on(&reply.audience(), &prompt);
        }
        for _ in 0..=MAX_ROUNDS {
            let completion = self.ask(&prompt, reply).await?;
            if completion.calls.is_empty() {
                return Ok(Thought { answer: completion.text, prompt: prompt.texts() });
            }
            prompt.push_calls(&completion);
            for call in &completion.calls {
                let result = self.call(call, context_id, &view).await;
                prompt.push_result(call, &result);
            }
        }
        Err(TurnError::TooManyRounds(MAX_ROUNDS))
    }

    async fn ask(&self, prompt: &Prompt, reply: &mut Reply<'_>) -> Result<Completion, TurnError> {
        if !reply.is_streamed() {
            return Ok(self.model.complete(prompt).await?);
        }
        reply.begin_round();
        Ok(self.model.stream(prompt, |text| reply.piece(text)).await?)
    }

    /// Does what a tool call asks for. What goes wrong is told to the model, which may find another way.
    async fn call(&self, call: &ToolCall, context_id: &str, view: &View<'_>) -> String {
        let result = match call.name.as_str() {
            "commit_memory" => self.commit(call).await,
            "recall_memory" => self.recall(call).await,
            "use_skill" => self.use_skill(call),
            "ask_peer" => self.ask_peer(call, context_id, view).await,
            other => Err(format!("error: there is no tool `{other}`")),
        };
        result.unwrap_or_else(|error| error)
    }

    async fn commit(&self, call: &ToolCall) -> Result<String, String> {
        let content = call.argument("content")?;
        self.memory.commit(&content).await.map_err(|error| format!("error: not saved: {error}"))?;
        Ok("Saved.".to_owned())
    }

    async fn recall(&self, call: &ToolCall) -> Result<String, String> {
        let query = call.argument("query")?;
        let memories = self.memory.recall(&query).await.map_err(|error| format!("error: {error}"))?;
        Ok(if memories.is_empty() { "There are no memories.".to_owned() } else { memories.join("\n") })
    }
}
