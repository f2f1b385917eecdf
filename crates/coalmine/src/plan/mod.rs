//! What will be done: canaries and profiles read from their files, facts drawn, arguments applied.
//!
//! Add a built-in canary or profile by adding its file to `canaries/` or `profiles/` and a line to [`builtin`].

pub mod builtin;
mod canary;
mod company;
mod condition;
mod explain;
mod facts;
mod live;
mod place;
mod profile;
mod script;
mod source;
mod written;

pub use canary::{
    AnswerRule, AttachAs, Before, Canary, CanaryMode, ContextRule, Expect, FileSpec, KeyProbe, Make,
    Meanwhile, MemoryRule, Need, PeerExpect, PeerSpec, Probe, PromptExpect, ReplyExpect, Send, SendContext,
    SendTask, Size, SkillSpec, Texts, Troubles, Turn,
};
pub use company::conflicts;
pub use condition::Condition;
pub use facts::{FactKind, Facts};
pub use profile::{
    Attachments, Auth, DeliveryPromise, History, KnownLimit, Linked, MemoryPromise, PeersPromise, Profile,
    Promise, Rate, Ready, Restart, Scope, SessionPromise, SkillsPromise, StateProbe, parse_duration,
};
pub use script::{Attachment, Drawing, Script, ScriptTurn};
pub use source::{SourceError, nearest, parse};
pub use written::Written;
