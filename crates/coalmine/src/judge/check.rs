//! The checks of a turn, in the order of the turn's path.
//!
//! Add a check: its key in [`crate::plan::Expect`], a variant here with its file in `checks/`, the page of its code, a test.

use regex::Regex;

use super::{
    case::Case,
    checks::{
        answered, content, context, from_model, leak, memory, peers, same_as, session, side_effects,
        unanswered,
    },
    empty_prompt,
    loss::Wanted,
    outcome::Outcome,
};
use crate::{
    event::{CheckReport, Diagnosis, Level, ModelMode},
    observe::TurnSeen,
    plan::{ContextRule, MemoryRule},
};

/// How much of what was seen a report quotes, in characters.
const MAX_ACTUAL: usize = 500;

/// One expectation of a turn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check<'a> {
    /// The turn was sent.
    Sent,
    /// The client did in time what it does in the middle of the turn.
    InTime,
    /// The turn was answered, or not, as the canary demands.
    Answered,
    /// The model was called no more often than the turn is worth.
    ModelCalls,
    /// The model failed as often as planned.
    ModelFault,
    /// No file was written where none belongs.
    NoFile,
    /// The client's `contextId` came back.
    ContextKept,
    /// A `contextId` came back although the client sent none.
    ContextMade,
    /// A text stayed out of what a peer agent was sent.
    PeerLacks(&'a str),
    /// A peer agent was called with a `contextId` of its own.
    PeerContext,
    /// A peer agent was asked for a text.
    PeerAsked(&'a str),
    /// A text reached the model.
    PromptContains(&'a str),
    /// A text is in the reply.
    ReplyContains(&'a str),
    /// A pattern is found in the reply.
    ReplyMatches(&'a Regex),
    /// A text is not in the reply.
    ReplyLacks(&'a str),
    /// A text did not reach the model.
    PromptLacks(&'a str),
    /// No fact of another context came through.
    Others,
    /// The reply is that of another turn.
    SameAs(&'a TurnSeen),
    /// One session holds all of the turn's texts.
    Session,
    /// The fact was written to the memory.
    MemoryWritten,
    /// The fact was read from the memory.
    MemoryRead,
    /// A file without a caption was not taken for an empty prompt.
    NoEmptyPrompt,
    /// A text of the reply came from the model.
    FromModel(&'a str),
}

impl<'a> Check<'a> {
    /// Returns the checks of the exchange itself: everything but what was said.
    pub(super) fn of_exchange(turn: &'a TurnSeen) -> Vec<Self> {
        if turn.skipped.is_some() {
            return vec![Self::Sent];
        }
        let answered = if answered::missed(turn).is_some() { Self::InTime } else { Self::Answered };
        let wanted = &turn.turn;
        let rest = [
            wanted.max_model_calls.map(|_| Self::ModelCalls),
            (!wanted.model_fault.named().is_empty()).then_some(Self::ModelFault),
            (!wanted.no_file.is_empty()).then_some(Self::NoFile),
        ];
        std::iter::once(answered).chain(rest.into_iter().flatten()).collect()
    }

    /// Returns the checks of what was said, for a turn that ended in words.
    pub(super) fn of_words(case: Case<'a>, turn: &'a TurnSeen) -> Vec<Self> {
        let wanted = &turn.turn;
        let mut checks: Vec<Self> = vec![];
        checks.extend(wanted.context_rule.map(|rule| match rule {
            ContextRule::Kept => Self::ContextKept,
            ContextRule::Made => Self::ContextMade,
        }));
        if wanted.key.is_some() {
            // what such a turn knows is no demand: the session key is inferred from it
            return checks;
        }
        if !wanted.peer_asked.is_empty() || !wanted.peer_lacks.is_empty() {
            checks.extend(wanted.peer_lacks.iter().map(|text| Self::PeerLacks(text)));
            checks.push(Self::PeerContext);
            checks.extend(wanted.peer_asked.iter().map(|text| Self::PeerAsked(text)));
        }
        checks.extend(wanted.prompt_contains.iter().map(|text| Self::PromptContains(text)));
        checks.extend(wanted.reply_contains.iter().map(|text| Self::ReplyContains(text)));
        checks.extend(wanted.reply_matches.iter().map(Self::ReplyMatches));
        checks.extend(wanted.reply_lacks.iter().map(|text| Self::ReplyLacks(text)));
        checks.extend(wanted.prompt_lacks.iter().map(|text| Self::PromptLacks(text)));
        if !wanted.others.is_empty() {
            checks.push(Self::Others);
        }
        let other = wanted.same_as.and_then(|number| case.turns.iter().find(|other| other.number == number));
        checks.extend(other.map(Self::SameAs));
        if !wanted.session.is_empty() {
            checks.push(Self::Session);
        }
        checks.extend(wanted.memory.map(|rule| match rule {
            MemoryRule::Written => Self::MemoryWritten,
            MemoryRule::Read => Self::MemoryRead,
        }));
        if !wanted.files.is_empty() && wanted.say.is_empty() {
            checks.push(Self::NoEmptyPrompt);
        }
        if case.known.model == ModelMode::Simulated {
            let recalled = |text: &&String| {
                turn.reply.contains(text.as_str()) && !from_model::facts(case, turn, text).is_empty()
            };
            checks.extend(wanted.reply_contains.iter().filter(recalled).map(|text| Self::FromModel(text)));
        }
        checks
    }

    /// Returns the name of the check in reports, below its turn.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::InTime => "in-time",
            Self::Answered => "answered",
            Self::ModelCalls => "model-calls",
            Self::ModelFault => "model-fault",
            Self::NoFile => "no-file",
            Self::ContextKept => "context.kept",
            Self::ContextMade => "context.made",
            Self::PeerLacks(_) => "peer.lacks",
            Self::PeerContext => "peer.context",
            Self::PeerAsked(_) => "peer.asked",
            Self::PromptContains(_) => "prompt.contains",
            Self::ReplyContains(_) => "reply.contains",
            Self::ReplyMatches(_) => "reply.matches",
            Self::ReplyLacks(_) => "reply.lacks",
            Self::PromptLacks(_) => "prompt.lacks",
            Self::Others => "others",
            Self::SameAs(_) => "reply.same-as",
            Self::Session => "session",
            Self::MemoryWritten => "memory.written",
            Self::MemoryRead => "memory.read",
            Self::NoEmptyPrompt => "reply.no-empty-prompt",
            Self::FromModel(_) => "reply.from-model",
        }
    }

    /// Returns whether a canary has shown nothing if this check could not be made.
    pub(super) fn is_essential(self) -> bool {
        matches!(
            self,
            Self::InTime
                | Self::Answered
                | Self::ModelCalls
                | Self::NoFile
                | Self::Session
                | Self::MemoryWritten
        )
    }

    /// Compares what was expected with what was seen.
    pub(super) fn evaluate(self, case: Case<'_>, turn: &TurnSeen) -> Outcome {
        match self {
            Self::Sent => Outcome::skip("the turn is sent", turn.skipped.as_deref().unwrap_or_default()),
            Self::InTime => answered::in_time(turn),
            Self::Answered => answered::evaluate(turn),
            Self::ModelCalls => side_effects::model_calls(case, turn),
            Self::ModelFault => side_effects::model_fault(turn),
            Self::NoFile => side_effects::no_file(turn),
            Self::ContextKept => context::kept(turn),
            Self::ContextMade => context::made(case, turn),
            Self::PeerLacks(text) => peers::lacks(turn, text),
            Self::PeerContext => peers::context(turn),
            Self::PeerAsked(text) => peers::asked(turn, text),
            Self::PromptContains(text) => content::prompt_contains(turn, text),
            Self::ReplyContains(text) => content::reply_contains(turn, text),
            Self::ReplyMatches(pattern) => content::reply_matches(turn, pattern),
            Self::ReplyLacks(text) => leak::reply_lacks(turn, text),
            Self::PromptLacks(text) => leak::prompt_lacks(case, turn, text),
            Self::Others => leak::others(turn),
            Self::SameAs(other) => same_as::evaluate(turn, other),
            Self::Session => session::evaluate(turn),
            Self::MemoryWritten => memory::written(case, turn),
            Self::MemoryRead => memory::read(case, turn),
            Self::NoEmptyPrompt => empty_prompt::evaluate(turn),
            Self::FromModel(text) => from_model::evaluate(case, turn, text),
        }
    }

    /// Names where a failure of this check broke, with the evidence; `None` for a check that is never failed, only skipped.
    pub(super) fn cause(self, case: Case<'_>, turn: &TurnSeen) -> Option<Diagnosis> {
        Some(match self {
            Self::Sent | Self::InTime | Self::ModelFault => return None,
            Self::Answered => unanswered::cause(case, turn),
            Self::ModelCalls => side_effects::too_many_calls(turn),
            Self::NoFile => side_effects::file_escaped(turn),
            Self::ContextKept => context::replaced(turn),
            Self::ContextMade => context::missing(turn),
            Self::PeerLacks(text) => peers::history_leaked(turn, text),
            Self::PeerContext => peers::context_shared(turn),
            Self::PeerAsked(text) => peers::not_asked(turn, text),
            Self::PromptContains(text) | Self::ReplyContains(text) => {
                content::cause(case, turn, &Wanted::Text(text))
            }
            Self::ReplyMatches(pattern) => content::cause(case, turn, &Wanted::Pattern(pattern)),
            Self::ReplyLacks(text) | Self::PromptLacks(text) => leak::cause(case, turn, text),
            Self::Others => leak::foreign_cause(case, turn),
            Self::SameAs(other) => same_as::cause(turn, other),
            Self::Session => session::cause(turn),
            Self::MemoryWritten => memory::not_written(turn),
            Self::MemoryRead => memory::not_read(case, turn),
            Self::NoEmptyPrompt => empty_prompt::cause(turn),
            Self::FromModel(text) => from_model::cause(case, turn, text),
        })
    }

    /// Returns the check as reports show it.
    pub(super) fn report(self, turn: &TurnSeen, level: Level, outcome: &Outcome) -> CheckReport {
        CheckReport {
            id: format!("turn-{}.{}", turn.number, self.id()),
            level,
            verdict: outcome.verdict,
            expected: outcome.expected.clone(),
            actual: outcome.actual.chars().take(MAX_ACTUAL).collect(),
        }
    }
}
