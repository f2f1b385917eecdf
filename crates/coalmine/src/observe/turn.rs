//! One turn with everything that was seen of it.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use coalmine_a2a::{State, WireError};
use coalmine_world::{Call, CallKind, Message, ModelFault, RequestKind, Role};

use super::Store;
use crate::plan::{AnswerRule, During, ScriptTurn};

/// Everything that is known about a turn.
#[derive(Debug, Clone)]
pub struct TurnSeen {
    /// Position in the canary, from 1.
    pub number: u32,
    /// What the turn was to say, and what was expected of it.
    pub turn: ScriptTurn,
    /// Why the turn was not sent, if it was not.
    pub skipped: Option<String>,
    /// The `contextId` that was sent.
    pub context_id: String,
    /// The `messageId` that was sent.
    pub message_id: String,
    /// The id of the task, if the runtime created one.
    pub task_id: Option<String>,
    /// Every `contextId` that came back.
    pub context_ids: Vec<String>,
    /// The task's last state.
    pub state: Option<State>,
    /// The text that the user sees.
    pub reply: String,
    /// Why there is no usable answer.
    pub error: Option<WireError>,
    /// What the task asked the user before it went on, and was allowed.
    pub approved: Vec<String>,
    /// Whether the task still asks, after as many approvals as it gets.
    pub asks_on: bool,
    /// Calls to the model during the turn, in order.
    pub calls: Vec<Arc<Call>>,
    /// Whether there were so many calls, or such long ones, that the first of them are missing.
    pub calls_lost: bool,
    /// The roles for which the model was offered a tool in this turn.
    pub offered: BTreeSet<String>,
    /// The roles for which it called one.
    pub called: BTreeSet<String>,
    /// Calls to peer agents during the turn, in order.
    pub asked: Vec<Arc<Call>>,
    /// The session store after the turn. Parallel turns share one inspection.
    pub store: Arc<Store>,
    /// Whether a session named after the workspace holds the user's message.
    pub under_workspace: bool,
    /// The memory after the turn.
    pub memory: MemorySeen,
    /// What came of the client's action in the middle of the turn.
    pub action: ActionSeen,
    /// Whether the runtime became quiet after the turn, if that was waited for.
    pub quiet: Option<bool>,
    /// The files that must not exist, and did not before the turn; or why the disk could not be inspected.
    pub files_there: Result<Vec<String>, String>,
    /// The wall time of the turn.
    pub took: Duration,
    /// When the reply's last text came: later calls cannot have made it.
    pub replied_at: Option<Instant>,
    /// The files of evidence, relative to the run's folder.
    pub wire: Vec<String>,
    /// The file with the session store, relative to the run's folder.
    pub store_file: Option<String>,
}

/// The memory, as far as it is visible from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemorySeen {
    /// Everything that was committed to the control plane or is in the memory root.
    pub kept: Vec<Arc<str>>,
    /// The tools for writing that were offered to the model in this turn.
    pub write_tools: Vec<String>,
    /// The tools for reading that were offered to the model in this turn.
    pub read_tools: Vec<String>,
    /// The arguments of the calls with which the model wrote in this turn.
    pub written: Vec<String>,
    /// How many calls for reading the model made in this turn.
    pub reads: usize,
    /// The results that tools returned to the model in this turn.
    pub results: Vec<String>,
}

/// What came of the client's action in the middle of a turn.
#[derive(Debug, Clone, Default)]
pub struct ActionSeen {
    /// Whether the client acted before the turn was over.
    pub done: bool,
    /// Why the action was refused, if it was.
    pub error: Option<WireError>,
    /// The task's state and text right after it.
    pub after: (Option<State>, String),
    /// How many bytes of text had been streamed by then.
    pub streamed: usize,
    /// Whether the turn ended after the action was sent and before it was answered.
    pub late: bool,
    /// The task's state and text once the runtime was quiet.
    pub later: Option<(Option<State>, String)>,
}

impl ActionSeen {
    /// Returns the task's state and text at the last inspection.
    pub fn last(&self) -> &(Option<State>, String) {
        self.later.as_ref().unwrap_or(&self.after)
    }
}

/// Returns whether a call asked the model for an answer. Counting tokens or uploading a file does not.
pub fn is_model_call(call: &Call) -> bool {
    let counts =
        call.content.prompt.as_ref().is_some_and(|prompt| prompt.request_kind == RequestKind::Tokens);
    let uploads = call.path.ends_with("/files");
    call.kind == CallKind::Model && call.method == "POST" && !counts && !uploads
}

/// Returns whether the model's answer to a call came whole, however late.
pub fn gets_out(call: &Call) -> bool {
    call.status < 400 && call.content.model_fault.is_none_or(ModelFault::is_slow)
}

impl TurnSeen {
    /// Returns a turn that was not sent.
    pub fn skipped(number: u32, turn: ScriptTurn, reason: impl Into<String>) -> Self {
        Self {
            number,
            turn,
            skipped: Some(reason.into()),
            context_id: String::new(),
            message_id: String::new(),
            task_id: None,
            context_ids: vec![],
            state: None,
            reply: String::new(),
            error: None,
            approved: vec![],
            asks_on: false,
            calls: vec![],
            calls_lost: false,
            offered: BTreeSet::new(),
            called: BTreeSet::new(),
            asked: vec![],
            store: Arc::new(Store::Unreadable("the turn was not sent".into())),
            under_workspace: false,
            memory: MemorySeen::default(),
            action: ActionSeen::default(),
            quiet: None,
            files_there: Ok(vec![]),
            took: Duration::ZERO,
            replied_at: None,
            wire: vec![],
            store_file: None,
        }
    }

    /// Returns the texts that must not have reached the model, and did. After a task that the runtime rightly continued, that
    /// means nothing.
    pub fn prompted_amiss<'a>(&'a self, all: &'a [Self]) -> impl Iterator<Item = &'a String> {
        let went_on = |other: &Self| {
            other.rightly_went_on() && other.number < self.number && other.turn.context == self.turn.context
        };
        let judged = !all.iter().any(went_on);
        self.turn.prompt_lacks.iter().filter(move |text| judged && self.prompted(text))
    }

    /// Returns whether a text reached the model in this turn.
    pub fn prompted(&self, text: &str) -> bool {
        self.prompts().any(|prompt| prompt.contains(text))
    }

    /// Returns whether a fact reached the model from outside the conversation: in a system message or a tool's result, or in
    /// any message other than the one in which the user stated it. The result of a tool that reads the memory may also be the
    /// reply itself, without another call.
    pub fn remembered(&self, fact: &str, stated: &str) -> bool {
        let from_memory = |message: &Message| {
            message.text.contains(fact)
                && (matches!(message.role, Role::System | Role::Tool) || !message.text.contains(stated))
        };
        self.prompts().any(|prompt| prompt.messages.iter().any(from_memory))
            || !self.prompted(fact) && self.reply.contains(fact) && self.ends_in_memory_read()
    }

    /// Returns whether the last thing that the model asked for was to read the memory.
    fn ends_in_memory_read(&self) -> bool {
        let last = self.calls.iter().rfind(|call| call.content.side_call.is_none());
        last.is_some_and(|call| {
            call.content.tool_calls().iter().any(|tool| self.memory.read_tools.contains(&tool.name))
        })
    }

    /// Returns whether the model said something in this turn, in words or as the argument of a tool that takes an answer.
    pub fn answered(&self, is_it: impl Fn(&str) -> bool) -> bool {
        let memory =
            |name: &String| self.memory.write_tools.contains(name) || self.memory.read_tools.contains(name);
        self.calls.iter().any(|call| {
            let (calls, answer) = (call.content.tool_calls(), call.content.answer.as_ref());
            // code that calls a function says nothing to the user
            let in_code = answer.is_some_and(|answer| answer.calls.len() < calls.len());
            let in_arguments = calls
                .iter()
                .filter(|call| !memory(&call.name))
                .any(|call| is_it(&call.arguments.to_string()));
            in_arguments || answer.is_some_and(|answer| !in_code && is_it(&answer.text))
        })
    }

    /// Returns the facts of other contexts of an `each` turn that came back or reached the model.
    pub fn foreign_facts(&self) -> Vec<&String> {
        if self.turn.others.is_empty() {
            return vec![];
        }
        let prompts: String =
            self.prompts().flat_map(|prompt| &prompt.messages).map(Message::readable).collect();
        let foreign = |other: &&String| !self.turn.own.contains(other);
        self.turn
            .others
            .iter()
            .filter(|other| self.reply.contains(*other) || prompts.contains(*other))
            .filter(foreign)
            .collect()
    }

    /// Returns whether the turn ended in words to judge: it was to be answered, and was neither refused nor lost.
    pub fn speaks(&self) -> bool {
        let to_be_answered =
            matches!(self.turn.answer, AnswerRule::Given | AnswerRule::Honest | AnswerRule::Any);
        to_be_answered && self.error.is_none() && !self.asks_on && !self.state.is_some_and(State::is_refusal)
    }

    /// Returns whether the model was called no more often than expected, and the runtime is done with the turn.
    pub fn stays_within_calls(&self) -> bool {
        let within = |most: u32| self.calls.len() <= most as usize && self.quiet != Some(false);
        self.turn.max_model_calls.is_none_or(within)
    }

    /// Returns whether a turn that was to be canceled rightly went on: it was over too early, or the runtime said in time that
    /// it does not cancel.
    fn rightly_went_on(&self) -> bool {
        let declined = self.action.error.is_some() && !self.action.late;
        self.turn.during == Some(During::Cancel) && (!self.action.done || declined)
    }

    /// Returns whether two replies differ in white space at most.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.reply.split_whitespace().eq(other.reply.split_whitespace())
    }

    /// Returns whether the model was called for something beside the answer: every call was a side call, such as a guardrail
    /// or a title.
    pub fn has_only_side_calls(&self) -> bool {
        !self.calls.is_empty() && self.calls.iter().all(|call| call.content.side_call.is_some())
    }

    /// Returns the prompts of this turn.
    pub fn prompts(&self) -> impl Iterator<Item = &coalmine_world::Prompt> {
        self.calls.iter().filter_map(|call| call.content.prompt.as_ref())
    }

    /// Returns the model's last answer in words that was not broken by a fault.
    pub fn last_answer(&self) -> Option<&str> {
        let mut answers =
            self.calls.iter().rev().filter(|call| gets_out(call) && call.content.tool_calls().is_empty());
        answers.find_map(|call| {
            Some(call.content.answer.as_ref()?.text.as_str()).filter(|text| !text.is_empty())
        })
    }
}

/// Returns a call to the model with this content.
#[cfg(test)]
pub(crate) fn model_call(content: coalmine_world::CallContent) -> Arc<Call> {
    let (method, path) = ("POST".into(), "/v1/chat/completions".into());
    let answered_at = Instant::now();
    Arc::new(Call {
        seq: 0,
        at_ms: 0,
        answered_at,
        kind: CallKind::Model,
        method,
        path,
        status: 200,
        bytes: 0,
        content,
    })
}

#[cfg(test)]
mod tests {
    use coalmine_a2a::Refusal;
    use coalmine_world::{CallContent, Prompt, ToolCall};
    use serde_json::Value;

    use super::*;

    #[test]
    fn result_of_a_memory_tool_may_be_the_reply() {
        let recalled = |tool: &str, reply: &str| {
            let calls = vec![ToolCall { id: "1".into(), name: tool.into(), arguments: Value::Null }];
            let answer = Some(coalmine_world::Answer { text: String::new(), calls });
            let call = model_call(CallContent { answer, ..CallContent::default() });
            let mut turn = TurnSeen { skipped: None, ..TurnSeen::skipped(1, ScriptTurn::default(), "") };
            (turn.calls, turn.reply) = (vec![call], reply.into());
            turn.memory.read_tools = vec!["recall".into()];
            turn.remembered("teal", "My color is teal.")
        };
        assert!(recalled("recall", "Your color is teal."));
        assert!(!recalled("recall", "I don't know."));
        assert!(!recalled("weather", "Your color is teal."));
    }

    #[test]
    fn a_task_that_rightly_went_on_may_be_in_the_next_prompt() {
        let turn = |number, turn| TurnSeen { skipped: None, ..TurnSeen::skipped(number, turn, "") };
        let canceled = ScriptTurn { during: Some(During::Cancel), ..ScriptTurn::default() };
        let lacks = ScriptTurn { prompt_lacks: vec!["the end".into()], ..ScriptTurn::default() };
        let prompt =
            Prompt { messages: vec![Message::text(Role::Assistant, "the end")], ..Prompt::default() };
        let said = CallContent { prompt: Some(prompt), ..CallContent::default() };
        let next = TurnSeen { calls: vec![model_call(said)], ..turn(2, lacks) };
        let amiss = |error: Option<WireError>, late, done| {
            let action = ActionSeen { done, error, late, ..ActionSeen::default() };
            let first = TurnSeen { action, ..turn(1, canceled.clone()) };
            next.prompted_amiss(&[first, next.clone()]).count()
        };
        let refusal = || {
            let (code, message) = ("error".into(), "not cancelable".into());
            Some(WireError::Refused { refusal: Refusal::NotCancelable, code, message })
        };
        assert_eq!(amiss(None, false, true), 1, "it was taken, and not done");
        assert_eq!(amiss(refusal(), true, true), 1, "it was refused when all was over");
        assert_eq!(amiss(refusal(), false, true), 0);
        assert_eq!(amiss(None, false, false), 0, "the turn was over before");
    }
}
