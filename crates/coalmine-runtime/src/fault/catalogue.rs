//! The catalogue. Each entry makes a variant of [`Fault`] and its [`FaultInfo`].

use super::FaultInfo;

/// Where a fault has no public thread of its own.
const NO_THREAD: &str = "no single thread: the plainest failure of its layer";

macro_rules! catalogue {
    ($($variant:ident {
        id: $id:literal, layer: $layer:literal, about: $about:literal, report: $report:expr,
        canaries: $($canaries:expr);+, code: $code:literal $(,)?
    })*) => {
        /// A known way to lose, mix up or garble a conversation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $(#[doc = $about] $variant,)*
        }

        /// All faults with what is known about them, in the order of [`Fault`]'s variants.
        pub const CATALOGUE: &[FaultInfo] = &[$(FaultInfo {
            fault: Fault::$variant, id: $id, layer: $layer, about: $about, report: $report,
            canaries: &[$($canaries),+], code: $code,
        },)*];
    };
}

const EVERY: &[&str] = &["*"];
/// Canaries that ask for what an earlier turn said.
const HISTORY: &[&str] = &[
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
/// Canaries that look at the session itself.
const SESSION: &[&str] = &["same-context-twice", "key-derivation"];
/// Canaries that hear what nobody asked for.
const DECOY: &[&str] = &[
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
/// The others that wait for an answer.
const ANSWER: &[&str] = &[
    "empty-file",
    "file-by-uri",
    "hostile-file-name",
    "cancel",
    "resubscribe",
    "duplicate-delivery",
    "slow-model",
    "large-file",
];

catalogue! {
    BootNeverReady {
        id: "boot.never-ready", layer: "boot",
        about: "It listens and answers 503 to everything, for ever",
        report: NO_THREAD, canaries: EVERY, code: "boot.not-ready",
    }
    BootCrashOnMessage {
        id: "boot.crash-on-message", layer: "boot",
        about: "The first message ends the process",
        report: NO_THREAD, canaries: EVERY, code: "boot.crashed",
    }
    WireContextReplaced {
        id: "wire.context-replaced", layer: "wire",
        about: "The client's contextId is ignored; each message opens a new context",
        report: "google/adk-python#2856", canaries: HISTORY; SESSION; &["context-rules"], code: "wire.context-replaced",
    }
    WireContextNotGenerated {
        id: "wire.context-not-generated", layer: "wire",
        about: "A message without a contextId gets an answer without one",
        report: "a2aproject/a2a-dotnet#347", canaries: &["context-rules"], code: "wire.context-missing",
    }
    WireMismatchAccepted {
        id: "wire.mismatch-accepted", layer: "wire",
        about: "A taskId together with another context's contextId is accepted",
        report: "a2aproject/a2a-java#723", canaries: &["context-rules"], code: "wire.mismatch-accepted",
    }
    WireFinishedTaskAccepted {
        id: "wire.finished-task-accepted", layer: "wire",
        about: "A message to a finished task is accepted and runs in it again",
        report: NO_THREAD, canaries: &["context-rules"], code: "wire.finished-task-accepted",
    }
    WireDuplicateExecuted {
        id: "wire.duplicate-executed", layer: "wire",
        about: "A message that comes a second time is executed a second time",
        report: NO_THREAD, canaries: &["duplicate-delivery"], code: "wire.duplicate-executed",
    }
    WireCancelIgnored {
        id: "wire.cancel-ignored", layer: "wire",
        about: "Cancelling is answered with `canceled`, but the turn goes on and completes",
        report: "mastra-ai/mastra#20447", canaries: &["cancel"], code: "wire.cancel-ignored",
    }
    WireResubscribeSilent {
        id: "wire.resubscribe-silent", layer: "wire",
        about: "A resubscription to a running task ends without any event",
        report: "a2aproject/a2a-dotnet#344", canaries: &["resubscribe"], code: "wire.resubscribe-failed",
    }
    WireHangupEndsOthers {
        id: "wire.hangup-ends-others", layer: "wire",
        about: "One client that hangs up ends all other open streams without their last events",
        report: NO_THREAD, canaries: &["stream-hangup"], code: "wire.stream-broken",
    }
    SessionKeyedByMessage {
        id: "session.keyed-by-message", layer: "session",
        about: "Every message has a session of its own",
        report: "jordigilh/kubernaut#1345", canaries: HISTORY; SESSION,
        code: "session.split",
    }
    SessionKeyedByTask {
        id: "session.keyed-by-task", layer: "session",
        about: "Sessions are kept by task, so each turn begins an empty one",
        report: "Intelligent-Internet/opencode-a2a#6", canaries: HISTORY; SESSION, code: "session.split",
    }
    SessionGlobal {
        id: "session.global", layer: "session",
        about: "All contexts share one session",
        report: "tya5/reyn PR#1943", canaries: &["name-recall", "interleaved", "isolation", "non-ascii", "key-derivation"], code: "session.shared",
    }
    SessionLastContextWins {
        id: "session.last-context-wins", layer: "session",
        about: "A turn goes on in the session of the context that was opened last",
        report: NO_THREAD, canaries: &["interleaved", "isolation", "non-ascii", "stream-hangup"], code: "session.shared",
    }
    SessionMixedUnderLoad {
        id: "session.mixed-under-load", layer: "session",
        about: "While a turn of another context is under way, its history gets into this one's session",
        report: "strands-agents/harness-sdk PR#2628", canaries: &["isolation"], code: "session.shared",
    }
    SessionLastWriteWins {
        id: "session.last-write-wins", layer: "session",
        about: "Turns of one context run at once, and the last to end overwrites what the others wrote",
        report: NO_THREAD, canaries: &["parallel-turns"], code: "session.overwritten",
    }
    SessionLostOnRestart {
        id: "session.lost-on-restart", layer: "session",
        about: "Sessions live in the process only; after a restart each begins empty without a word",
        report: "prebid/salesagent#2257", canaries: &["restart-recall", "kill-recall", "recreate-recall"],
        code: "session.lost-on-restart",
    }
    SessionOutsideVolume {
        id: "session.outside-volume", layer: "session",
        about: "Sessions are kept outside of the state folder, where no volume holds them",
        report: "Molecule-AI/molecule-core#488", canaries: &["recreate-recall"], code: "session.lost-on-recreate",
    }
    SessionTornByKill {
        id: "session.torn-by-kill", layer: "session",
        about: "A session is emptied on disk when a turn begins and written back when it ends",
        report: NO_THREAD, canaries: &["kill-recall"], code: "session.lost-on-kill",
    }
    SessionLostOnFailure {
        id: "session.lost-on-failure", layer: "session",
        about: "When the model fails the session is thrown away",
        report: NO_THREAD, canaries: &["provider-failure"], code: "session.lost-on-failure",
    }
    SessionLockedAfterHangup {
        id: "session.locked-after-hangup", layer: "session",
        about: "When the client of a stream hangs up, the next turn of its context waits for ever",
        report: NO_THREAD, canaries: &["stream-hangup"], code: "session.locked",
    }
    SessionFollowupApart {
        id: "session.followup-apart", layer: "session",
        about: "A message that goes on from a task, by naming or mentioning it, runs in an empty session",
        report: "a2aproject/a2a-python#1206", canaries: &["task-followup"], code: "session.split",
    }
    SessionStreamApart {
        id: "session.stream-apart", layer: "session",
        about: "Streamed turns have a session of their own, apart from the sent ones of their context",
        report: NO_THREAD, canaries: &["stream-parity"], code: "session.split",
    }
    SessionDialectApart {
        id: "session.dialect-apart", layer: "session",
        about: "The two dialects have sessions of their own",
        report: NO_THREAD, canaries: &["dialect-parity"], code: "session.split",
    }
    SessionFileNameTrusted {
        id: "session.file-name-trusted", layer: "session",
        about: "Files are also written under the names they came with, which may lead out of their folder",
        report: NO_THREAD, canaries: &["hostile-file-name"], code: "session.file-escaped",
    }
    PromptHistoryDropped {
        id: "prompt.history-dropped", layer: "prompt",
        about: "The session is kept but earlier turns never reach the prompt",
        report: "xorbitsai/xagent#1171", canaries: HISTORY, code: "prompt.history-missing",
    }
    PromptWindowOfTen {
        id: "prompt.window-of-ten", layer: "prompt",
        about: "Only the newest ten messages of the session reach the prompt",
        report: NO_THREAD, canaries: &["long-history"], code: "prompt.history-missing",
    }
    PromptHistoryReversed {
        id: "prompt.history-reversed", layer: "prompt",
        about: "Earlier turns reach the prompt newest first",
        report: NO_THREAD, canaries: &["corrected-fact"], code: "prompt.outdated",
    }
    PromptNonAsciiMangled {
        id: "prompt.non-ascii-mangled", layer: "prompt",
        about: "The user's words are read as Latin-1, so that all but ASCII is mangled",
        report: NO_THREAD, canaries: &["non-ascii"], code: "prompt.mangled",
    }
    PromptImpatient {
        id: "prompt.impatient", layer: "prompt",
        about: "A model that says nothing for 150 ms is given up and the turn fails",
        report: NO_THREAD, canaries: &["slow-model"], code: "prompt.model-timeout",
    }
    PromptRunsOnAfterHangup {
        id: "prompt.runs-on-after-hangup", layer: "prompt",
        about: "When the client of a stream hangs up, the model is asked again and again",
        report: "google/adk-python#5983", canaries: &["stream-hangup"], code: "prompt.runs-on",
    }
    PromptFilesForgotten {
        id: "prompt.files-forgotten", layer: "prompt",
        about: "The files of earlier turns are left out of the history",
        report: "inkeep/agents#3087", canaries: &["file-next-turn", "two-files", "file-by-uri"], code: "prompt.history-missing",
    }
    PromptFileDropped {
        id: "prompt.file-dropped", layer: "prompt",
        about: "A file that comes with a text is left out of the prompt",
        report: "espennilsen/pi PR#63", canaries: &["file-caption", "file-next-turn", "two-files", "binary-file", "file-by-uri", "hostile-file-name", "large-file"], code: "prompt.file-missing",
    }
    PromptFirstFileOnly {
        id: "prompt.first-file-only", layer: "prompt",
        about: "Of several files of a message only the first reaches the prompt",
        report: NO_THREAD, canaries: &["two-files"], code: "prompt.file-missing",
    }
    PromptBinaryDropped {
        id: "prompt.binary-dropped", layer: "prompt",
        about: "Files that are not text are left out of the prompt",
        report: NO_THREAD, canaries: &["binary-file"], code: "prompt.file-missing",
    }
    PromptLargeFileCut {
        id: "prompt.large-file-cut", layer: "prompt",
        about: "Files are cut after one megabyte",
        report: NO_THREAD, canaries: &["large-file"], code: "prompt.file-missing",
    }
    PromptFileOnlyRefused {
        id: "prompt.file-only-refused", layer: "prompt",
        about: "A file without a text is taken for an empty prompt",
        report: "openclaw/openclaw#135716", canaries: &["file-only"], code: "prompt.empty-prompt",
    }
    PromptEmptyFileRefused {
        id: "prompt.empty-file-refused", layer: "prompt",
        about: "A message with an empty file is taken for an empty prompt, whatever text comes along",
        report: NO_THREAD, canaries: &["empty-file"], code: "prompt.empty-prompt",
    }
    PromptLinkNotFetched {
        id: "prompt.link-not-fetched", layer: "prompt",
        about: "A file given by link is named in the prompt and its content is not fetched",
        report: NO_THREAD, canaries: &["file-by-uri", "file-only", "file-caption"], code: "prompt.file-missing",
    }
    ToolMemoryNotWritten {
        id: "tool.memory-not-written", layer: "tool",
        about: "The memory tool says it has written and has not",
        report: "mastra-ai/mastra#8411", canaries: &["memory-recall", "three-sessions", "restart-memory"], code: "tool.memory-not-written",
    }
    ToolSkillsNotLoaded {
        id: "tool.skills-not-loaded", layer: "tool",
        about: "The skills folder is not read: the model is offered no skill",
        report: NO_THREAD, canaries: &["skill-call"], code: "tool.not-offered",
    }
    ToolSkillResultDropped {
        id: "tool.skill-result-dropped", layer: "tool",
        about: "A skill's instructions never come back to the model",
        report: NO_THREAD, canaries: &["skill-call"], code: "tool.result-missing",
    }
    ToolMemoryLastOnly {
        id: "tool.memory-last-only", layer: "tool",
        about: "Each commit to the memory replaces all earlier ones",
        report: NO_THREAD, canaries: &["three-sessions"], code: "tool.memory-lost",
    }
    ToolMemoryInProcess {
        id: "tool.memory-in-process", layer: "tool",
        about: "Memories live in the process only and are gone after a restart",
        report: NO_THREAD, canaries: &["restart-memory"], code: "tool.memory-lost",
    }
    ToolPeerHistoryLeaked {
        id: "tool.peer-history-leaked", layer: "tool",
        about: "A peer is sent the whole conversation along with the question",
        report: NO_THREAD, canaries: &["peer-call"], code: "tool.peer-history-leaked",
    }
    ToolPeerContextShared {
        id: "tool.peer-context-shared", layer: "tool",
        about: "A peer is asked under the user's own contextId",
        report: NO_THREAD, canaries: &["peer-call"], code: "tool.peer-context-shared",
    }
    ToolPeerAnswerDropped {
        id: "tool.peer-answer-dropped", layer: "tool",
        about: "A peer is asked and its answer never comes back to the model",
        report: NO_THREAD, canaries: &["peer-call"], code: "tool.result-missing",
    }
    ReplyDropped {
        id: "reply.dropped", layer: "reply",
        about: "The task completes without the model's answer",
        report: "archestra-ai/archestra#7594", canaries: DECOY; ANSWER, code: "reply.empty",
    }
    ReplyConstant {
        id: "reply.constant", layer: "reply",
        about: "Every answer delivered is the same sentence",
        report: NO_THREAD, canaries: DECOY; ANSWER, code: "reply.answer-lost",
    }
    ReplyEchoEverything {
        id: "reply.echo-everything", layer: "reply",
        about: "Every text ever seen in any session is delivered with the answer",
        report: "win4r/openclaw-a2a-gateway#86", canaries: DECOY; &["key-derivation"], code: "reply.echo",
    }
    ReplyStreamTruncated {
        id: "reply.stream-truncated", layer: "reply",
        about: "A streamed answer lacks its last piece; the stored answer is whole",
        report: NO_THREAD, canaries: &["stream-parity", "resubscribe", "stream-hangup"], code: "reply.differs",
    }
    ReplyFailureHidden {
        id: "reply.failure-hidden", layer: "reply",
        about: "When the model fails the task completes as if all were well",
        report: NO_THREAD, canaries: &["provider-failure"], code: "reply.failure-hidden",
    }
}
