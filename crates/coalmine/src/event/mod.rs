//! The event stream: the one interface between the engine and everything that reports.
//!
//! A run is an ordered stream of owned, serialisable events. `events.ndjson` holds one [`Envelope`] a line; every
//! report can be rebuilt from it. Text that came from a runtime is in here as it came (redacted, bounded), and is
//! escaped by whoever shows it.

mod canary;
mod code;
mod emitter;
mod rounds;
mod run;
mod session_key;

pub use canary::*;
pub use code::{Code, CodeKind};
pub use emitter::Emitter;
pub use rounds::Rounds;
pub use run::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use session_key::SessionKey;

/// One line of `events.ndjson`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// Position in the stream, from 0, without gaps.
    pub seq: u64,
    /// Milliseconds since the run began.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Everything that can happen in a run, in the order in which it happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// First, always, once.
    RunStarted(RunStarted),
    /// Something that takes time is going on: a pull, a boot.
    Progress(Progress),
    /// The runtime answered with its agent card.
    TargetReady(TargetReady),
    /// A canary's first turn is about to be sent.
    CanaryStarted {
        /// The canary's id.
        id: String,
    },
    /// A canary has its verdict. Canaries that could not run end too, with `error` or `skip` and the reason.
    CanaryEnded(CanaryReport),
    /// Something worth knowing that decides no verdict, such as drift between the card and the wire.
    Finding(Finding),
    /// Last, always, once.
    RunEnded(RunEnded),
}
