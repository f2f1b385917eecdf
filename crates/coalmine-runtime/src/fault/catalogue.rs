//! The catalogue. Each entry makes a variant of [`Fault`] and its [`FaultInfo`].

use super::FaultInfo;

/// Where a fault has no public thread of its own.
const NO_THREAD: &str = "no single thread: the plainest failure of its layer";

macro_rules! catalogue {
    ($($variant:ident {
        id: $id:literal, layer: $layer:literal, about: $about:literal, report: $report:expr,
        canaries: $canaries:expr, code: $code:literal $(,)?
    })*) => {
        /// A known way to lose, mix up or garble a conversation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $(#[doc = $about] $variant,)*
        }

        /// All faults with what is known about them, in the order of [`Fault`]'s variants.
        pub const CATALOGUE: &[FaultInfo] = &[$(FaultInfo {
            fault: Fault::$variant, id: $id, layer: $layer, about: $about, report: $report,
            canaries: $canaries, code: $code,
        },)*];
    };
}

const EVERY: &[&str] = &["*"];
const CLASSICAL: &[&str] = &["name-recall", "file-only", "file-caption", "memory-recall"];
const CONTEXT: &[&str] = &["name-recall", "same-context-twice"];

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
        report: "google/adk-python#2856", canaries: CONTEXT, code: "wire.context-replaced",
    }
    SessionKeyedByTask {
        id: "session.keyed-by-task", layer: "session",
        about: "Sessions are kept by task, so each turn begins an empty one",
        report: "Intelligent-Internet/opencode-a2a#6", canaries: CONTEXT, code: "session.split",
    }
    SessionGlobal {
        id: "session.global", layer: "session",
        about: "All contexts share one session",
        report: "tya5/reyn PR#1943", canaries: &["name-recall"], code: "session.shared",
    }
    PromptHistoryDropped {
        id: "prompt.history-dropped", layer: "prompt",
        about: "The session is kept but earlier turns never reach the prompt",
        report: "xorbitsai/xagent#1171", canaries: &["name-recall"], code: "prompt.history-missing",
    }
    PromptFileDropped {
        id: "prompt.file-dropped", layer: "prompt",
        about: "A file that comes with a text is left out of the prompt",
        report: "espennilsen/pi PR#63", canaries: &["file-caption"], code: "prompt.file-missing",
    }
    PromptFileOnlyRefused {
        id: "prompt.file-only-refused", layer: "prompt",
        about: "A file without a text is taken for an empty prompt",
        report: "openclaw/openclaw#135716", canaries: &["file-only"], code: "prompt.empty-prompt",
    }
    ToolMemoryNotWritten {
        id: "tool.memory-not-written", layer: "tool",
        about: "The memory tool says it has written and has not",
        report: "mastra-ai/mastra#8411", canaries: &["memory-recall"], code: "tool.memory-not-written",
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
    ReplyDropped {
        id: "reply.dropped", layer: "reply",
        about: "The task completes without the model's answer",
        report: "archestra-ai/archestra#7594", canaries: CLASSICAL, code: "reply.empty",
    }
    ReplyConstant {
        id: "reply.constant", layer: "reply",
        about: "Every answer delivered is the same sentence",
        report: NO_THREAD, canaries: CLASSICAL, code: "reply.answer-lost",
    }
    ReplyEchoEverything {
        id: "reply.echo-everything", layer: "reply",
        about: "Every text ever seen in any session is delivered with the answer",
        report: "win4r/openclaw-a2a-gateway#86", canaries: CLASSICAL, code: "reply.echo",
    }
}
