//! The catalogue: each entry makes a variant of [`Fault`] and its [`FaultInfo`].

use super::FaultInfo;

macro_rules! catalogue {
    ($($layer:literal {
        $($variant:ident {
            id: $id:literal,
            code: $code:literal,
            about: $about:literal,
            report: $report:expr,
            canaries: $($canaries:tt)|+,
        })+
    })+) => {
        /// A known way to lose, mix up or garble a conversation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[doc = concat!($about, ".")] $variant,)+)+
        }

        /// All faults and what is known about them, in the order of the variants of [`Fault`].
        pub const CATALOGUE: &[FaultInfo] = &[$($(FaultInfo {
            fault: Fault::$variant,
            id: $id,
            layer: $layer,
            about: $about,
            report: $report,
            canaries: &[$(&$canaries),+],
            code: $code,
        },)+)+];
    };
}

/// Stands in for the public report of a fault that has none.
const NO_REPORT: &str = "no public report: a simple failure of its layer";

/// All canaries, because nothing can be judged.
const EVERY_CANARY: &[&str] = &["*"];

/// Canaries that ask for something that an earlier turn of the same context said.
const ASKS_FOR_HISTORY: &[&str] = &[
    "name-recall",
    "long-history",
    "corrected-fact",
    "interleaved",
    "parallel-turns",
    "isolation",
    "non-ascii",
    "file-next-turn",
    "two-files",
    "file-by-uri",
    "task-followup",
    "stream-parity",
    "cancel",
    "dialect-parity",
    "stream-hangup",
    "duplicate-delivery",
    "provider-failure",
    "slow-model",
    "restart-recall",
    "kill-recall",
];

/// Canaries that look at the sessions themselves instead of asking the model.
const INSPECTS_SESSIONS: &[&str] = &["same-context-twice", "key-derivation"];

/// Canaries that fail if a reply repeats a decoy, which is a fact that no question asks for.
const DETECTS_ECHO: &[&str] = &[
    "name-recall",
    "file-only",
    "file-caption",
    "memory-recall",
    "three-sessions",
    "long-history",
    "corrected-fact",
    "interleaved",
    "parallel-turns",
    "isolation",
    "non-ascii",
    "file-next-turn",
    "two-files",
    "binary-file",
    "task-followup",
    "stream-parity",
    "dialect-parity",
    "stream-hangup",
    "skill-call",
    "peer-call",
    "provider-failure",
    "restart-recall",
    "restart-memory",
    "kill-recall",
];

/// The other canaries that fail if the reply lacks the model's answer.
const NEEDS_ANSWER: &[&str] = &[
    "empty-file",
    "file-by-uri",
    "hostile-file-name",
    "dialect-files",
    "cancel",
    "resubscribe",
    "duplicate-delivery",
    "slow-model",
    "large-file",
];

catalogue! {
    "boot" {
        BootNeverReady {
            id: "boot.never-ready",
            code: "boot.not-ready",
            about: "The runtime listens and answers every request with 503",
            report: NO_REPORT,
            canaries: EVERY_CANARY,
        }
        BootCrashOnMessage {
            id: "boot.crash-on-message",
            code: "boot.crashed",
            about: "The first message ends the process",
            report: NO_REPORT,
            canaries: EVERY_CANARY,
        }
    }
    "wire" {
        WireContextReplaced {
            id: "wire.context-replaced",
            code: "wire.context-replaced",
            about: "The client's contextId is ignored, and each message opens a new context",
            report: "google/adk-python#2856",
            canaries: ASKS_FOR_HISTORY | INSPECTS_SESSIONS | ["context-rules", "dialect-files"],
        }
        WireContextNotGenerated {
            id: "wire.context-not-generated",
            code: "wire.context-missing",
            about: "A message without a contextId is answered without one",
            report: "a2aproject/a2a-dotnet#347",
            canaries: ["context-rules"],
        }
        WireMismatchAccepted {
            id: "wire.mismatch-accepted",
            code: "wire.mismatch-accepted",
            about: "A taskId is accepted together with the contextId of another context",
            report: "a2aproject/a2a-java#723",
            canaries: ["context-rules"],
        }
        WireNewFilesRefused {
            id: "wire.new-files-refused",
            code: "wire.rpc-error",
            about: "File parts are accepted in A2A 0.3 and refused in 1.0",
            report: "no public report: langgraph-api 0.16 answers -32005 to them",
            canaries: ["dialect-files"],
        }
        WireFinishedTaskAccepted {
            id: "wire.finished-task-accepted",
            code: "wire.finished-task-accepted",
            about: "A message to a finished task is accepted and runs in that task again",
            report: NO_REPORT,
            canaries: ["context-rules"],
        }
        WireDuplicateExecuted {
            id: "wire.duplicate-executed",
            code: "wire.duplicate-executed",
            about: "A message that is delivered twice is executed twice",
            report: NO_REPORT,
            canaries: ["duplicate-delivery"],
        }
        WireCancelIgnored {
            id: "wire.cancel-ignored",
            code: "wire.cancel-ignored",
            about: "A cancel request is answered with `canceled`, but the turn goes on and completes",
            report: "mastra-ai/mastra#20447",
            canaries: ["cancel"],
        }
        WireResubscribeSilent {
            id: "wire.resubscribe-silent",
            code: "wire.resubscribe-failed",
            about: "A resubscription to a running task ends without any event",
            report: "a2aproject/a2a-dotnet#344",
            canaries: ["resubscribe"],
        }
        WireHangupEndsOthers {
            id: "wire.hangup-ends-others",
            code: "wire.stream-broken",
            about: "One client that hangs up ends all other open streams before their last events",
            report: NO_REPORT,
            canaries: ["stream-hangup"],
        }
    }
    "session" {
        SessionKeyedByMessage {
            id: "session.keyed-by-message",
            code: "session.split",
            about: "Each message has its own session",
            report: "jordigilh/kubernaut#1345",
            canaries: ASKS_FOR_HISTORY | INSPECTS_SESSIONS,
        }
        SessionKeyedByTask {
            id: "session.keyed-by-task",
            code: "session.split",
            about: "Sessions are keyed by task, so each turn begins with an empty session",
            report: "Intelligent-Internet/opencode-a2a#6",
            canaries: ASKS_FOR_HISTORY | INSPECTS_SESSIONS,
        }
        SessionGlobal {
            id: "session.global",
            code: "session.shared",
            about: "All contexts share one session",
            report: "tya5/reyn PR#1943",
            canaries: ["name-recall", "interleaved", "isolation", "non-ascii", "key-derivation"],
        }
        SessionLastContextWins {
            id: "session.last-context-wins",
            code: "session.shared",
            about: "A turn continues the session of the context that was opened last",
            report: NO_REPORT,
            canaries: ["interleaved", "isolation", "non-ascii", "stream-hangup"],
        }
        SessionMixedUnderLoad {
            id: "session.mixed-under-load",
            code: "session.shared",
            about: "The history of another context enters the session if both have a turn under way",
            report: "strands-agents/harness-sdk PR#2628",
            canaries: ["isolation"],
        }
        SessionLastWriteWins {
            id: "session.last-write-wins",
            code: "session.overwritten",
            about: "Turns of one context run in parallel, and the last one to end overwrites the others",
            report: NO_REPORT,
            canaries: ["parallel-turns"],
        }
        SessionLostOnRestart {
            id: "session.lost-on-restart",
            code: "session.lost-on-restart",
            about: "Sessions live only in the process, and each begins empty after a restart",
            report: "prebid/salesagent#2257",
            canaries: ["restart-recall", "kill-recall", "recreate-recall"],
        }
        SessionOutsideVolume {
            id: "session.outside-volume",
            code: "session.lost-on-recreate",
            about: "Sessions are stored outside the state folder, where no volume preserves them",
            report: "Molecule-AI/molecule-core#488",
            canaries: ["recreate-recall"],
        }
        SessionTornByKill {
            id: "session.torn-by-kill",
            code: "session.lost-on-kill",
            about: "A session is emptied on disk when a turn begins and written back when it ends",
            report: NO_REPORT,
            canaries: ["kill-recall"],
        }
        SessionLostOnFailure {
            id: "session.lost-on-failure",
            code: "session.lost-on-failure",
            about: "The session is deleted when the model fails",
            report: NO_REPORT,
            canaries: ["provider-failure"],
        }
        SessionLockedAfterHangup {
            id: "session.locked-after-hangup",
            code: "session.locked",
            about: "After the client of a stream hangs up, the next turn of its context waits forever",
            report: NO_REPORT,
            canaries: ["stream-hangup"],
        }
        SessionFollowupApart {
            id: "session.followup-apart",
            code: "session.split",
            about: "A message that names or references a task runs in an empty session",
            report: "a2aproject/a2a-python#1206",
            canaries: ["task-followup"],
        }
        SessionStreamApart {
            id: "session.stream-apart",
            code: "session.split",
            about: "Streamed turns and sent turns of one context have separate sessions",
            report: NO_REPORT,
            canaries: ["stream-parity"],
        }
        SessionDialectApart {
            id: "session.dialect-apart",
            code: "session.split",
            about: "The two dialects have separate sessions",
            report: NO_REPORT,
            canaries: ["dialect-parity"],
        }
        SessionFileNameTrusted {
            id: "session.file-name-trusted",
            code: "session.file-escaped",
            about: "Files are also written under the names they came with, even outside the upload folder",
            report: NO_REPORT,
            canaries: ["hostile-file-name"],
        }
    }
    "prompt" {
        PromptHistoryDropped {
            id: "prompt.history-dropped",
            code: "prompt.history-missing",
            about: "The session is stored, but earlier turns never reach the prompt",
            report: "xorbitsai/xagent#1171",
            canaries: ASKS_FOR_HISTORY,
        }
        PromptWindowOfTen {
            id: "prompt.window-of-ten",
            code: "prompt.history-missing",
            about: "Only the newest ten messages of the session reach the prompt",
            report: NO_REPORT,
            canaries: ["long-history"],
        }
        PromptHistoryReversed {
            id: "prompt.history-reversed",
            code: "prompt.outdated",
            about: "Earlier turns reach the prompt with the newest first",
            report: NO_REPORT,
            canaries: ["corrected-fact"],
        }
        PromptNonAsciiMangled {
            id: "prompt.non-ascii-mangled",
            code: "prompt.mangled",
            about: "The user's text is decoded as Latin-1, which garbles everything except ASCII",
            report: NO_REPORT,
            canaries: ["non-ascii"],
        }
        PromptImpatient {
            id: "prompt.impatient",
            code: "prompt.model-timeout",
            about: "The turn fails if the model is silent for 150 ms",
            report: NO_REPORT,
            canaries: ["slow-model"],
        }
        PromptRunsOnAfterHangup {
            id: "prompt.runs-on-after-hangup",
            code: "prompt.runs-on",
            about: "After the client of a stream hangs up, the model is called again and again",
            report: "google/adk-python#5983",
            canaries: ["stream-hangup"],
        }
        PromptFilesForgotten {
            id: "prompt.files-forgotten",
            code: "prompt.history-missing",
            about: "The files of earlier turns are left out of the history",
            report: "inkeep/agents#3087",
            canaries: ["file-next-turn", "two-files", "file-by-uri"],
        }
        PromptFileDropped {
            id: "prompt.file-dropped",
            code: "prompt.file-missing",
            about: "A file that comes with text is left out of the prompt",
            report: "espennilsen/pi PR#63",
            canaries: [
                "file-caption", "file-next-turn", "two-files", "binary-file", "file-by-uri",
                "hostile-file-name", "dialect-files", "large-file",
            ],
        }
        PromptFirstFileOnly {
            id: "prompt.first-file-only",
            code: "prompt.file-missing",
            about: "Only the first of several files in a message reaches the prompt",
            report: NO_REPORT,
            canaries: ["two-files"],
        }
        PromptBinaryDropped {
            id: "prompt.binary-dropped",
            code: "prompt.file-missing",
            about: "Files that are not text are left out of the prompt",
            report: NO_REPORT,
            canaries: ["binary-file"],
        }
        PromptLargeFileCut {
            id: "prompt.large-file-cut",
            code: "prompt.file-missing",
            about: "Files are truncated after one megabyte",
            report: NO_REPORT,
            canaries: ["large-file"],
        }
        PromptFileOnlyRefused {
            id: "prompt.file-only-refused",
            code: "prompt.empty-prompt",
            about: "A file without text is treated as an empty prompt",
            report: "openclaw/openclaw#135716",
            canaries: ["file-only"],
        }
        PromptEmptyFileRefused {
            id: "prompt.empty-file-refused",
            code: "prompt.empty-prompt",
            about: "A message with an empty file is treated as an empty prompt, even if it has text",
            report: NO_REPORT,
            canaries: ["empty-file"],
        }
        PromptLinkNotFetched {
            id: "prompt.link-not-fetched",
            code: "prompt.file-missing",
            about: "The prompt names a linked file, but its content is never fetched",
            report: NO_REPORT,
            canaries: ["file-by-uri", "file-only", "file-caption"],
        }
    }
    "tool" {
        ToolMemoryNotWritten {
            id: "tool.memory-not-written",
            code: "tool.memory-not-written",
            about: "The memory tool reports success but stores nothing",
            report: "mastra-ai/mastra#8411",
            canaries: ["memory-recall", "three-sessions", "restart-memory"],
        }
        ToolSkillsNotLoaded {
            id: "tool.skills-not-loaded",
            code: "tool.not-offered",
            about: "The skills folder is not read, so the model is offered no skill",
            report: NO_REPORT,
            canaries: ["skill-call"],
        }
        ToolSkillResultDropped {
            id: "tool.skill-result-dropped",
            code: "tool.result-missing",
            about: "The instructions of a skill are never returned to the model",
            report: NO_REPORT,
            canaries: ["skill-call"],
        }
        ToolMemoryLastOnly {
            id: "tool.memory-last-only",
            code: "tool.memory-lost",
            about: "Each new memory replaces all earlier ones",
            report: NO_REPORT,
            canaries: ["three-sessions"],
        }
        ToolMemoryInProcess {
            id: "tool.memory-in-process",
            code: "tool.memory-lost",
            about: "Memories live only in the process and are gone after a restart",
            report: NO_REPORT,
            canaries: ["restart-memory"],
        }
        ToolPeerHistoryLeaked {
            id: "tool.peer-history-leaked",
            code: "tool.peer-history-leaked",
            about: "A peer receives the whole conversation along with the question",
            report: NO_REPORT,
            canaries: ["peer-call"],
        }
        ToolPeerContextShared {
            id: "tool.peer-context-shared",
            code: "tool.peer-context-shared",
            about: "A peer is asked under the user's own contextId",
            report: NO_REPORT,
            canaries: ["peer-call"],
        }
        ToolPeerAnswerDropped {
            id: "tool.peer-answer-dropped",
            code: "tool.result-missing",
            about: "A peer is asked, but its answer is never returned to the model",
            report: NO_REPORT,
            canaries: ["peer-call"],
        }
    }
    "reply" {
        ReplyDropped {
            id: "reply.dropped",
            code: "reply.empty",
            about: "The task completes without the model's answer",
            report: "archestra-ai/archestra#7594",
            canaries: DETECTS_ECHO | NEEDS_ANSWER,
        }
        ReplyConstant {
            id: "reply.constant",
            code: "reply.answer-lost",
            about: "The same sentence is delivered as the answer to every message",
            report: NO_REPORT,
            canaries: DETECTS_ECHO | NEEDS_ANSWER,
        }
        ReplyEchoEverything {
            id: "reply.echo-everything",
            code: "reply.echo",
            about: "The answer also contains every text of every session",
            report: "win4r/openclaw-a2a-gateway#86",
            canaries: DETECTS_ECHO | ["key-derivation"],
        }
        ReplyStreamTruncated {
            id: "reply.stream-truncated",
            code: "reply.differs",
            about: "A streamed answer lacks its last piece, although the stored answer is complete",
            report: NO_REPORT,
            canaries: ["stream-parity", "resubscribe", "stream-hangup"],
        }
        ReplyFailureHidden {
            id: "reply.failure-hidden",
            code: "reply.failure-hidden",
            about: "The task completes as if all were well when the model fails",
            report: NO_REPORT,
            canaries: ["provider-failure"],
        }
    }
}
