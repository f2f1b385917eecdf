//! The simulated surroundings of a runtime, on one listener: a model provider that answers only from what the runtime
//! really put into the prompt, the platform's control plane, peer agents, and the journal of every call.
//!
//! Provider dialects only translate to and from one neutral [`Prompt`] and [`Answer`]; everything else lives once.

mod answered;
mod body;
pub mod model;
mod control;
pub mod duration;
mod journal;
mod listener;
mod peers;
mod prompt;
mod provider;
mod readable;
pub mod sample;
mod server;
mod inline_calls;
mod world;

pub use control::{Memory, Upload};
pub use journal::{Call, Journal, JournalError, Kind, Mark, Said};
pub use listener::{Patience, serve};
pub use peers::{Inquiry, Peer, PeerRule};
pub use prompt::{
    Answer, Arrival, Form, Message, Prompt, PromptFile, Role, Thread, ToolCall, ToolChoice, ToolOffer, Wanted,
};
pub use provider::{FaultGuard, ModelFault, UnknownModelFault};
pub use world::{World, WorldConfig};
