//! The event stream: the only interface between the engine and the reports.
//!
//! A run is an ordered stream of owned, serializable events. `events.ndjson` contains one [`Envelope`] per
//! line, and every report can be rebuilt from it. Text of a runtime is redacted and bounded, but not escaped:
//! reports must escape it.

mod baseline;
mod canary;
mod cause;
mod code;
mod emitter;
mod finding;
mod hidden;
mod rounds;
mod run;
mod session_key;
mod shard;

pub use baseline::{AgainstBaseline, BaselineUsed, verdict_with_baseline};
pub use canary::*;
pub use cause::{Cause, causes};
pub use code::{Code, CodeKind};
pub use emitter::Emitter;
pub use finding::{Finding, Severity};
pub use hidden::{EscapedJson, escape_json, is_hidden};
pub use rounds::Rounds;
pub use run::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use session_key::SessionKey;
pub use shard::Shard;

/// One line of `events.ndjson`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// The position in the stream, from 0, without gaps.
    pub seq: u64,
    /// The time since the start of the run, in milliseconds.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened in a run. The variants are in the order in which they occur.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run started. This is always the first event, and occurs once.
    RunStarted(RunStarted),
    /// Something that takes time is in progress, such as a pull or a boot.
    Progress(Progress),
    /// The runtime served its agent card.
    TargetReady(TargetReady),
    /// A canary's first turn is about to be sent.
    CanaryStarted {
        /// The id of the canary.
        id: String,
    },
    /// A canary has its verdict. A canary that could not run ends too, with `error` or `skip` and the reason.
    CanaryEnded(CanaryReport),
    /// Something was found that affects no verdict, such as a difference between the agent card and the wire.
    Finding(Finding),
    /// The run ended. This is always the last event, and occurs once.
    RunEnded(RunEnded),
}
