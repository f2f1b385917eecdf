//! What a run does: canaries and profiles read from their files, with facts drawn for the run.
//!
//! To add a built-in canary or profile, add its file to `canaries/` or `profiles/`, and its line to
//! [`builtin`].

mod source;
mod parse_error;
mod nearest;
mod problem;
mod profile;
mod condition;
mod facts;
mod small_talk;
mod canary;
mod script;
mod loaded;
mod rule_conflicts;
pub mod shards;
pub mod builtin;

pub use canary::{
    AnswerRule, AttachAs, Before, Canary, CanaryMode, ContextRule, During, Expect, FileSpec, KeyProbe, Make,
    MemoryRule, ModelFaults, Need, PeerExpect, PeerSpec, Probe, PromptExpect, ReplyExpect, Send, SendContext,
    SendTask, Size, SkillSpec, Texts, Turn,
};
pub use condition::Condition;
pub use facts::{FactKind, Facts};
pub use loaded::LoadedCanary;
pub use nearest::did_you_mean;
pub use profile::{
    Attachments, Auth, BasicAuth, Date, DeliveryPromise, DialectChoice, DiskSize, History, KnownLimit,
    Linked, MemoryPromise, PeersPromise, Profile, Promise, QueryAuth, Rate, Ready, RedisStore, Restart,
    Scope, SendTo, SentAuth, SessionPromise, SideCall, SideCallMatch, SideCallReply, SkillsPromise,
    StateProbe, UnusableDuration, parse_duration,
};
pub use rule_conflicts::conflicts;
pub use script::{Attachment, RunParameters, Script, ScriptTurn};
pub use source::{SourceError, parse};
