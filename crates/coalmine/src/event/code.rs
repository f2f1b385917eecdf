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
        BootDiskExceeded = "boot.disk-exceeded": "the container wrote more to its disk than it may",
        BootEvidenceLost = "boot.evidence-lost": "too many model calls to keep as evidence",
        BootGaveUp = "boot.gave-up": "the run stopped after repeated timeouts",
        BootImageMissing = "boot.image-missing": "the image is not on this machine and could not be pulled",
        BootInternalError = "boot.internal-error": "coalmine itself failed, so the run was ended",
        BootModelNotWired = "boot.model-not-wired": "the runtime never called the simulated model",
        BootNoEngine = "boot.no-engine": "no container engine could be reached",
        BootNotReady = "boot.not-ready": "the runtime was started but never served its agent card",
        BootNothingJudged = "boot.nothing-judged": "no conversation was judged",
        BootRestartFailed = "boot.restart-failed": "the runtime did not come back after it was stopped or killed",
        BootStartFailed = "boot.start-failed": "the command or container could not be started",
        BootUnanswerable = "boot.unanswerable": "the model rules of a canary do not answer its question",
    }
    Diagnosis Wire {
        WireApprovalIgnored = "wire.approval-ignored": "a task asks for the user's approval again and again",
        WireCancelIgnored = "wire.cancel-ignored": "a canceled task did not stay canceled",
        WireCardInvalid = "wire.card-invalid": "the agent card names no interface that a client could use",
        WireConnectionLost = "wire.connection-lost": "the connection broke before the answer was complete",
        WireContextMissing = "wire.context-missing": "the client sent no contextId, and none came back",
        WireContextReplaced = "wire.context-replaced": "the reply has another contextId than the message",
        WireDuplicateExecuted = "wire.duplicate-executed": "a message that was delivered twice was executed twice",
        WireFinishedTaskAccepted = "wire.finished-task-accepted": "a message to a finished task was accepted",
        WireHttpError = "wire.http-error": "a message was answered with an HTTP error",
        WireMalformed = "wire.malformed": "the response is not a valid A2A answer",
        WireMismatchAccepted = "wire.mismatch-accepted": "a taskId was accepted together with another task's contextId",
        WireNotFinished = "wire.not-finished": "the task never ended",
        WireNotRefused = "wire.not-refused": "a message that had to be refused was answered",
        WireResubscribeFailed = "wire.resubscribe-failed": "a client that resubscribed to a running task got no answer",
        WireRpcError = "wire.rpc-error": "a message was refused with a protocol error",
        WireStreamBroken = "wire.stream-broken": "a streamed answer ended before the turn did",
        WireStreamLeftOpen = "wire.stream-left-open": "a canceled task's stream was never closed",
        WireTaskFailed = "wire.task-failed": "the task ended as failed, rejected, canceled or auth-required",
        WireTimeout = "wire.timeout": "a turn was not answered in time",
        WireTooLarge = "wire.too-large": "the answer was larger than any conversation needs",
    }
    Diagnosis Session {
        SessionConflict = "session.conflict": "a message was refused because another one of the conversation was being handled",
        SessionFileEscaped = "session.file-escaped": "a file name led the runtime out of its folder",
        SessionLocked = "session.locked": "a conversation stopped accepting messages after an interrupted turn",
        SessionLostOnFailure = "session.lost-on-failure": "after a failure of the model, the runtime forgot the conversation",
        SessionLostOnKill = "session.lost-on-kill": "after a kill in the middle of a turn, the runtime forgot the earlier turns",
        SessionLostOnRecreate = "session.lost-on-recreate": "in a recreated container with the old volumes, the conversation was gone",
        SessionLostOnRestart = "session.lost-on-restart": "after a restart, the runtime did not know the conversation",
        SessionNotKept = "session.not-kept": "the runtime's session store does not hold what was said",
        SessionOverwritten = "session.overwritten": "of two simultaneous messages in one conversation, only one was kept",
        SessionPerConnection = "session.per-connection": "the conversation is known over one connection and not over another",
        SessionShared = "session.shared": "a conversation used the session of another one",
        SessionSplit = "session.split": "two turns of one conversation are in different sessions",
    }
    Diagnosis Prompt {
        PromptBypassed = "prompt.bypassed": "the reply holds a fact that no prompt of its turn held",
        PromptEmptyPrompt = "prompt.empty-prompt": "a file without a caption was answered as an empty message",
        PromptFileMissing = "prompt.file-missing": "the file did not reach the model",
        PromptForeignHistory = "prompt.foreign-history": "text of another conversation reached the model",
        PromptHistoryMissing = "prompt.history-missing": "the earlier turns did not reach the model",
        PromptMangled = "prompt.mangled": "words in another script reached the model garbled",
        PromptModelTimeout = "prompt.model-timeout": "the runtime timed out waiting for a slow model",
        PromptNoModelCall = "prompt.no-model-call": "the turn ended without a call to the model",
        PromptOutdated = "prompt.outdated": "a corrected fact reached the model as the newer one",
        PromptQuestionMissing = "prompt.question-missing": "the user's words did not reach the model",
        PromptRefused = "prompt.refused": "a model provider refuses what the runtime sends",
        PromptRepliesMissing = "prompt.replies-missing": "only the user's half of the conversation reached the model",
        PromptRunsOn = "prompt.runs-on": "the runtime keeps calling the model",
    }
    Diagnosis Tool {
        ToolMemoryLost = "tool.memory-lost": "the memory held the fact once and does not any more",
        ToolMemoryNotRead = "tool.memory-not-read": "a remembered fact did not reach the model in another conversation",
        ToolMemoryNotWritten = "tool.memory-not-written": "the memory tool was called, but the fact is nowhere",
        ToolMemoryRoot = "tool.memory-root": "the memory folder is missing or not writable",
        ToolNotCalled = "tool.not-called": "the model was offered the tool and never called it",
        ToolNotOffered = "tool.not-offered": "the model was not offered the tool that the turn needs",
        ToolPeerContextShared = "tool.peer-context-shared": "another agent was asked under the user's own contextId",
        ToolPeerHistoryLeaked = "tool.peer-history-leaked": "private words of the user were passed on to another agent",
        ToolPeerNotAsked = "tool.peer-not-asked": "the other agent was not asked, or not asked the right question",
        ToolResultMissing = "tool.result-missing": "the model called a tool and did not get the result",
    }
    Diagnosis Reply {
        ReplyAnswerLost = "reply.answer-lost": "the model answered correctly and something else came back",
        ReplyDiffers = "reply.differs": "the same question got different answers, streamed and not streamed",
        ReplyEcho = "reply.echo": "the reply contains text that nobody asked for and the model did not say",
        ReplyEmpty = "reply.empty": "the turn was answered without any text",
        ReplyFailureHidden = "reply.failure-hidden": "the model failed, and the turn ended as if it had answered",
        ReplyLeak = "reply.leak": "the reply contains a fact of another conversation that was in no prompt",
        ReplyModelFailed = "reply.model-failed": "the model failed on purpose, and the turn brought no answer",
        ReplyNotFromModel = "reply.not-from-model": "the reply holds a fact that the model did not say in its turn",
    }
    Finding Wire {
        CardDeadAddress = "card.dead-address": "the agent card names an address at which nobody listens",
        CardIncomplete = "card.incomplete": "the agent card lacks a required field",
        DriftAnswerPlace = "drift.answer-place": "the answer was not in a text part of a message, artifact or status",
        DriftAskedToWait = "drift.asked-to-wait": "the server refused a message for now, and it was sent again after a pause",
        DriftCardPath = "drift.card-path": "the card is served only at the path of versions before 0.3",
        DriftCardUrl = "drift.card-url": "messages are answered at another address than the card names",
        DriftContextForm = "drift.context-form": "of the contextIds that the client makes, the server accepts only UUIDs",
        DriftContextIdsDiffer = "drift.context-ids-differ": "one answer holds several contextIds",
        DriftContextRefused = "drift.context-refused": "the server refuses contextIds that the client makes",
        DriftCredentialsWithheld = "drift.credentials-withheld": "an address that only the card names got no credentials",
        DriftDialectRefused = "drift.dialect-refused": "the card offers one version of A2A and the server speaks the other",
        DriftEmptyContextId = "drift.empty-context-id": "a contextId is the empty string",
        DriftKind = "drift.kind": "`kind` is present in a 1.0 result, or missing from a 0.3 one",
        DriftNoContextId = "drift.no-context-id": "the answer holds no contextId",
        DriftNoJsonrpc = "drift.no-jsonrpc": "the answer does not say that it is JSON-RPC 2.0",
        DriftNotBlocking = "drift.not-blocking": "a blocking send was answered before the task had ended",
        DriftNotStreamed = "drift.not-streamed": "a request for a stream was answered with one JSON document",
        DriftPartShape = "drift.part-shape": "a part has the form of the other dialect",
        DriftResponseId = "drift.response-id": "the answer does not carry the id of its request",
        DriftStateNames = "drift.state-names": "a task state is not spelled as the dialect spells it",
        DriftStreamNotClosed = "drift.stream-not-closed": "a stream was not closed after the turn had ended",
        DriftStreamedSend = "drift.streamed-send": "a plain send was answered with an event stream",
        DriftTaskContinued = "drift.task-continued": "a task was left waiting for the user, and the next turn continued it",
        DriftWrapping = "drift.wrapping": "the result is wrapped as the other dialect wraps it",
    }
    Finding Prompt {
        ProviderLenient = "provider.lenient": "the runtime sent what a real model provider refuses",
    }
    Finding Boot {
        ArtifactIncomplete = "artifact.incomplete": "files of evidence could not be written",
        ArtifactJournal = "artifact.journal": "the journal file is incomplete",
        RunFailedBesideOthers = "run.failed-beside-others": "a canary failed in a parallel batch and passed alone",
        RunForeignCaller = "run.foreign-caller": "something outside of the run called its world",
        RunHostReachable = "run.host-reachable": "the container can reach services of its host",
        RunNetworkOpen = "run.network-open": "the container could reach the outside world",
        RunOverBudget = "run.over-budget": "the runtime sent more than coalmine holds",
        RunSwept = "run.swept": "leftovers of killed runs were removed",
    }
}

impl Code {
    /// Returns the code with this id, if there is one.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id() == id)
    }

    /// Returns whether a finding with this code makes the evidence of a pass weaker. The others are about the runtime or the
    /// machine.
    pub fn weakens_evidence(self) -> bool {
        matches!(
            self,
            Self::ProviderLenient
                | Self::RunNetworkOpen
                | Self::ArtifactIncomplete
                | Self::ArtifactJournal
                | Self::RunOverBudget
                | Self::RunForeignCaller
        )
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
            Drift::ContextForm => Self::DriftContextForm,
            Drift::TaskContinued => Self::DriftTaskContinued,
            Drift::AskedToWait(_) => Self::DriftAskedToWait,
            Drift::AnswerPlace(_) => Self::DriftAnswerPlace,
            Drift::DialectRefused { .. } => Self::DriftDialectRefused,
            Drift::CardUrl { .. } => Self::DriftCardUrl,
            Drift::CredentialsWithheld(_) => Self::DriftCredentialsWithheld,
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
            // the rules of the lint have a table of their own
            assert!(
                name.starts_with("GW") || Code::from_id(name.trim_end_matches(".md")).is_some(),
                "{name}"
            );
        }
    }

    #[test]
    fn drift_has_codes_of_its_own() {
        let text = String::new;
        let (card, used) = (text(), text());
        for (drift, code) in [
            (Drift::ResponseId, Code::DriftResponseId),
            (Drift::NoJsonRpc, Code::DriftNoJsonrpc),
            (Drift::StateNames(text()), Code::DriftStateNames),
            (Drift::Wrapping, Code::DriftWrapping),
            (Drift::Kind, Code::DriftKind),
            (Drift::PartShape, Code::DriftPartShape),
            (Drift::StreamedSend, Code::DriftStreamedSend),
            (Drift::NotStreamed, Code::DriftNotStreamed),
            (Drift::StreamNotClosed, Code::DriftStreamNotClosed),
            (Drift::NotBlocking(text()), Code::DriftNotBlocking),
            (Drift::ContextIdsDiffer(vec![]), Code::DriftContextIdsDiffer),
            (Drift::EmptyContextId, Code::DriftEmptyContextId),
            (Drift::NoContextId, Code::DriftNoContextId),
            (Drift::ContextRefused, Code::DriftContextRefused),
            (Drift::ContextForm, Code::DriftContextForm),
            (Drift::TaskContinued, Code::DriftTaskContinued),
            (Drift::AskedToWait(429), Code::DriftAskedToWait),
            (Drift::AnswerPlace(""), Code::DriftAnswerPlace),
            (Drift::DialectRefused { card: "0.3", spoken: "1.0" }, Code::DriftDialectRefused),
            (Drift::CardUrl { card, used }, Code::DriftCardUrl),
            (Drift::CredentialsWithheld(text()), Code::DriftCredentialsWithheld),
        ] {
            assert_eq!((Code::from(&drift), code.kind()), (code, CodeKind::Finding), "{drift:?}");
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
