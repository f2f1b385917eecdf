//! Every code that a report can show: its id, layer, sentence and page, side by side.

use std::fmt;

use coalmine_a2a::Drift;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Layer;

/// What a code names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// Why a canary or a run failed or could not be judged.
    Diagnosis,
    /// Something worth knowing that no canary asked about.
    Finding,
}

/// Defines [`Code`] from one table. A code cannot be added without its layer, its sentence and its page, because the page
/// `docs/explain/<id>.md` is compiled in.
macro_rules! codes {
    ($($kind:ident $layer:ident { $($variant:ident = $id:literal: $sentence:literal,)* })*) => {
        /// The stable code of a diagnosis or a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Code {
            $($(
                #[doc = concat!("`", $id, "`: ", $sentence, ".")]
                #[serde(rename = $id)]
                $variant,
            )*)*
        }

        impl Code {
            /// All codes: diagnoses in the order of the layers, then findings.
            pub const ALL: &[Self] = &[$($(Self::$variant,)*)*];

            /// Returns the stable id, such as `prompt.history-missing`.
            pub fn id(self) -> &'static str {
                match self {
                    $($(Self::$variant => $id,)*)*
                }
            }

            /// Returns whether the code names a diagnosis or a finding.
            pub fn kind(self) -> CodeKind {
                match self {
                    $($(Self::$variant)|* => CodeKind::$kind,)*
                }
            }

            /// Returns the layer that the code is about.
            pub fn layer(self) -> Layer {
                match self {
                    $($(Self::$variant)|* => Layer::$layer,)*
                }
            }

            /// Returns what the code means, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self {
                    $($(Self::$variant => $sentence,)*)*
                }
            }

            /// Returns the page that `coalmine explain` prints, in Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $($(Self::$variant => include_str!(concat!("../../../../docs/explain/", $id, ".md")),)*)*
                }
            }
        }
    };
}

codes! {
    Diagnosis Boot {
        BootCrashed = "boot.crashed": "the runtime ended while it was being judged",
        BootEvidenceLost = "boot.evidence-lost": "too many model calls to keep as evidence",
        BootGaveUp = "boot.gave-up": "judging stopped after repeated time-outs",
        BootImageMissing = "boot.image-missing": "the image is not present and could not be pulled",
        BootModelNotWired = "boot.model-not-wired": "the runtime never called the simulated model",
        BootNoEngine = "boot.no-engine": "no container engine could be reached",
        BootNotReady = "boot.not-ready": "the runtime started but never served its agent card",
        BootNothingJudged = "boot.nothing-judged": "no conversation was judged",
        BootRestartFailed = "boot.restart-failed": "the runtime did not come back after it was stopped or killed",
        BootStartFailed = "boot.start-failed": "the command or container could not be started",
    }
    Diagnosis Wire {
        WireCancelIgnored = "wire.cancel-ignored": "a canceled task did not stay canceled",
        WireCardInvalid = "wire.card-invalid": "the agent card cannot be used",
        WireConnectionLost = "wire.connection-lost": "the connection broke before the answer was complete",
        WireContextMissing = "wire.context-missing": "no contextId came back, although the client sent none",
        WireContextReplaced = "wire.context-replaced": "the reply came back under a different contextId",
        WireDuplicateExecuted = "wire.duplicate-executed": "a redelivered message was executed again",
        WireFinishedTaskAccepted = "wire.finished-task-accepted": "a message to a finished task was accepted",
        WireHttpError = "wire.http-error": "a message was answered with an HTTP error",
        WireMalformed = "wire.malformed": "the response is not a valid A2A answer",
        WireMismatchAccepted = "wire.mismatch-accepted": "a taskId was accepted with another conversation's contextId",
        WireNotFinished = "wire.not-finished": "the task never reached a final state",
        WireNotRefused = "wire.not-refused": "a message that must be refused was answered",
        WireResubscribeFailed = "wire.resubscribe-failed": "a client that resubscribed to a running task did not get its answer",
        WireRpcError = "wire.rpc-error": "a message was refused with a protocol error",
        WireStreamBroken = "wire.stream-broken": "a streamed answer ended before the turn did",
        WireTaskFailed = "wire.task-failed": "the task ended as failed, rejected or canceled",
        WireTimeout = "wire.timeout": "a turn was not answered in time",
        WireTooLarge = "wire.too-large": "the answer exceeds the size limit of a conversation",
    }
    Diagnosis Session {
        SessionFileEscaped = "session.file-escaped": "a file name led the runtime out of its upload folder",
        SessionLocked = "session.locked": "a conversation accepts no messages after one of its turns was interrupted",
        SessionLostOnFailure = "session.lost-on-failure": "the conversation was lost when the model failed in one turn",
        SessionLostOnKill = "session.lost-on-kill": "the conversation was lost when the runtime was killed",
        SessionLostOnRecreate = "session.lost-on-recreate": "the conversation was lost when the container was recreated with its volumes",
        SessionLostOnRestart = "session.lost-on-restart": "the conversation was lost when the runtime restarted",
        SessionNotKept = "session.not-kept": "the runtime's session store does not hold what was said",
        SessionOverwritten = "session.overwritten": "of two simultaneous messages in one conversation only one was kept",
        SessionShared = "session.shared": "two conversations share one session",
        SessionSplit = "session.split": "turns of one conversation landed in different sessions",
    }
    Diagnosis Prompt {
        PromptEmptyPrompt = "prompt.empty-prompt": "a file without a caption was treated as an empty message",
        PromptFileMissing = "prompt.file-missing": "the file did not reach the model",
        PromptForeignHistory = "prompt.foreign-history": "text of another conversation reached the model",
        PromptHistoryMissing = "prompt.history-missing": "earlier turns did not reach the model",
        PromptMangled = "prompt.mangled": "non-ASCII text was garbled on its way to the model",
        PromptModelTimeout = "prompt.model-timeout": "the runtime timed out waiting for a slow model",
        PromptNoModelCall = "prompt.no-model-call": "the turn was answered without calling the model",
        PromptOutdated = "prompt.outdated": "a corrected fact reached the model as the newer one",
        PromptQuestionMissing = "prompt.question-missing": "the user's message did not reach the model",
        PromptRefused = "prompt.refused": "the model's provider refused the runtime's request",
        PromptRepliesMissing = "prompt.replies-missing": "the agent's own replies did not reach the model",
        PromptRunsOn = "prompt.runs-on": "the runtime kept calling the model after the turn was over",
    }
    Diagnosis Tool {
        ToolMemoryLost = "tool.memory-lost": "the memory held the fact earlier but no longer does",
        ToolMemoryNotRead = "tool.memory-not-read": "a fact in memory was not recalled in a later session",
        ToolMemoryNotWritten = "tool.memory-not-written": "the memory tool was called but nothing was stored",
        ToolMemoryRoot = "tool.memory-root": "the memory folder is missing or not writable",
        ToolNotCalled = "tool.not-called": "the model never called the tool that the turn needs",
        ToolNotOffered = "tool.not-offered": "the tool that the turn needs was not offered to the model",
        ToolPeerContextShared = "tool.peer-context-shared": "a peer agent was called with the user's own contextId",
        ToolPeerHistoryLeaked = "tool.peer-history-leaked": "a peer agent was sent the user's private conversation",
        ToolPeerNotAsked = "tool.peer-not-asked": "the peer agent was not asked what the turn needs",
        ToolResultMissing = "tool.result-missing": "the tool's result did not reach the model",
    }
    Diagnosis Reply {
        ReplyAnswerLost = "reply.answer-lost": "the model's answer did not reach the client",
        ReplyDiffers = "reply.differs": "the same question got different answers over two ways of asking",
        ReplyEcho = "reply.echo": "the reply repeats text that was neither asked for nor said by the model",
        ReplyEmpty = "reply.empty": "the reply is empty",
        ReplyFailureHidden = "reply.failure-hidden": "the model failed, and the turn ended as if it had not",
        ReplyLeak = "reply.leak": "the reply holds another conversation's fact that no prompt held",
        ReplyModelFailed = "reply.model-failed": "an injected model failure left the turn without an answer",
    }
    Finding Wire {
        CardIncomplete = "card.incomplete": "the agent card lacks fields that the specification requires",
        DriftAnswerPlace = "drift.answer-place": "the answer was found in an unusual part of the response",
        DriftAskedToWait = "drift.asked-to-wait": "the server asked for a pause, and the message was sent again",
        DriftCardPath = "drift.card-path": "the agent card is served at an outdated path",
        DriftCardUrl = "drift.card-url": "the address on the card does not answer",
        DriftContextIdsDiffer = "drift.context-ids-differ": "one answer holds different contextIds",
        DriftContextRefused = "drift.context-refused": "the server refuses contextIds made by the client",
        DriftDialectRefused = "drift.dialect-refused": "the dialect that the card offers is refused",
        DriftEmptyContextId = "drift.empty-context-id": "a contextId is the empty string",
        DriftKind = "drift.kind": "the `kind` field does not fit the dialect",
        DriftNoContextId = "drift.no-context-id": "the answer holds no contextId",
        DriftNoJsonrpc = "drift.no-jsonrpc": "the answer lacks `\"jsonrpc\": \"2.0\"`",
        DriftNotBlocking = "drift.not-blocking": "a blocking send was answered before the task was done",
        DriftNotStreamed = "drift.not-streamed": "a streaming request was answered as a whole",
        DriftPartShape = "drift.part-shape": "a part has the other dialect's shape",
        DriftResponseId = "drift.response-id": "the JSON-RPC id of the answer is not the request's",
        DriftStateNames = "drift.state-names": "task states are spelled as in the other dialect",
        DriftStreamNotClosed = "drift.stream-not-closed": "the stream stayed open after the turn was over",
        DriftStreamedSend = "drift.streamed-send": "a blocking send was answered as an event stream",
        DriftTaskContinued = "drift.task-continued": "a task waiting for the user was continued by its taskId",
        DriftWrapping = "drift.wrapping": "the result is wrapped as in the other dialect",
    }
    Finding Prompt {
        ProviderLenient = "provider.lenient": "the runtime sends requests that the vendor would refuse",
    }
    Finding Boot {
        ArtifactJournal = "artifact.journal": "the journal of model calls is incomplete",
        RunFailedBesideOthers = "run.failed-beside-others": "a canary failed beside others and passed alone",
        RunNetworkOpen = "run.network-open": "the container's network has a way out",
        RunSwept = "run.swept": "leftovers of an earlier run were removed",
    }
}

impl Code {
    /// Returns the code with this id, if there is one.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id() == id)
    }
}

impl From<&Drift> for Code {
    fn from(drift: &Drift) -> Self {
        match drift {
            Drift::ResponseId => Self::DriftResponseId,
            Drift::NoJsonRpc => Self::DriftNoJsonrpc,
            Drift::StateNames(_) => Self::DriftStateNames,
            Drift::Wrapping => Self::DriftWrapping,
            Drift::Kind => Self::DriftKind,
            Drift::PartShape => Self::DriftPartShape,
            Drift::StreamedSend => Self::DriftStreamedSend,
            Drift::NotStreamed => Self::DriftNotStreamed,
            Drift::StreamNotClosed => Self::DriftStreamNotClosed,
            Drift::NotBlocking(_) => Self::DriftNotBlocking,
            Drift::ContextIdsDiffer(_) => Self::DriftContextIdsDiffer,
            Drift::EmptyContextId => Self::DriftEmptyContextId,
            Drift::NoContextId => Self::DriftNoContextId,
            Drift::ContextRefused => Self::DriftContextRefused,
            Drift::TaskContinued => Self::DriftTaskContinued,
            Drift::AskedToWait(_) => Self::DriftAskedToWait,
            Drift::AnswerPlace(_) => Self::DriftAnswerPlace,
            Drift::DialectRefused { .. } => Self::DriftDialectRefused,
            Drift::CardUrl { .. } => Self::DriftCardUrl,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_begin_with_code_and_sentence() {
        for code in Code::ALL {
            let title = format!("# {code}: {}", code.sentence());
            assert_eq!(code.page().lines().next(), Some(title.as_str()), "{code}");
            assert!(code.page().lines().count() <= 40, "{code}");
        }
    }

    #[test]
    fn diagnoses_are_named_by_their_layer() {
        for code in Code::ALL.iter().filter(|code| code.kind() == CodeKind::Diagnosis) {
            assert_eq!(code.id().split('.').next(), Some(code.layer().name()), "{code}");
        }
    }

    #[test]
    fn ids_are_unique_and_serialized_as_such() {
        for (at, code) in Code::ALL.iter().enumerate() {
            assert_eq!(Code::ALL.iter().position(|other| other.id() == code.id()), Some(at), "{code}");
            assert_eq!(serde_json::to_value(code).unwrap(), code.id());
            assert_eq!(Code::from_id(code.id()), Some(*code));
        }
    }

    #[test]
    fn every_page_belongs_to_a_code() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/explain");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(Code::from_id(name.trim_end_matches(".md")).is_some(), "{name}");
        }
    }

    /// A page may send its reader to another page, which must exist.
    #[test]
    fn pages_name_only_codes_that_exist() {
        let id = regex::Regex::new(
            r"`(boot|wire|session|prompt|tool|reply|drift|card|provider|run|artifact)\.([a-z][a-z-]*)`",
        )
        .unwrap();
        for code in Code::ALL {
            for name in id.find_iter(code.page()) {
                let name = name.as_str().trim_matches('`');
                assert!(Code::from_id(name).is_some() || is_key(name), "{code} names `{name}`");
            }
        }
    }

    /// Keys of profiles and canaries that look like codes, such as `session.scope`.
    fn is_key(name: &str) -> bool {
        let Some((table, _)) = name.split_once('.') else { return false };
        matches!(table, "session")
            && ["session.scope", "session.history", "session.restart", "session.volumes"].contains(&name)
    }
}
