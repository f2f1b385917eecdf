//! What will be done: canaries and profiles read from their files, facts drawn, arguments applied.
//!
//! Add a built-in canary or profile by adding its file to `canaries/` or `profiles/` and a line to [`builtin`].

pub mod builtin;
mod canary;
mod rule_conflicts;
mod condition;
mod explain;
mod facts;
mod live;
mod problem;
mod profile;
mod script;
mod source;
mod loaded;

pub use canary::{
    AnswerRule, AttachAs, Before, Canary, CanaryMode, ContextRule, During, Expect, FileSpec, KeyProbe, Make,
    MemoryRule, ModelFaults, Need, PeerExpect, PeerSpec, Probe, PromptExpect, ReplyExpect, Send, SendContext,
    SendTask, Size, SkillSpec, Texts, Turn,
};
pub use condition::Condition;
pub use facts::{FactKind, Facts};
pub use loaded::LoadedCanary;
pub use profile::{
    Attachments, Auth, DeliveryPromise, History, KnownLimit, Linked, MemoryPromise, PeersPromise, Profile,
    Promise, Rate, Ready, Restart, Scope, SessionPromise, SkillsPromise, StateProbe, parse_duration,
};
pub use rule_conflicts::conflicts;
pub use script::{Attachment, RunParameters, Script, ScriptTurn};
pub use source::{SourceError, nearest, parse};
