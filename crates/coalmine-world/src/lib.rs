//! The simulated surroundings of a runtime, on one listener: a model provider whose answers come only from
//! the prompt that the runtime sent, the platform's control plane, peer agents, and a journal of every call.
//!
//! Provider dialects only translate to and from one neutral [`Prompt`] and [`Answer`]; everything else exists
//! once.

mod listener;
mod body;
mod http;
mod server;
mod world;
mod provider;
mod prompt;
mod inline_calls;
mod readable;
pub mod model;
mod control;
mod peers;
mod journal;
pub mod sample;
pub mod duration;
mod lock;

pub use control::{Memory, Upload};
pub use journal::{Call, CallContent, CallKind, Journal, JournalError, JournalPosition};
pub use listener::{Timeouts, serve};
pub use peers::{Inquiry, Peer, PeerRule};
pub use prompt::{
    Answer, Arrival, ItemReference, Message, Prompt, PromptFile, RequestKind, ResponseFormat, Role, Thread,
    ToolCall, ToolChoice, ToolOffer,
};
pub use provider::{FaultGuard, ModelFault, UnknownModelFault};
pub use world::{World, WorldConfig};
