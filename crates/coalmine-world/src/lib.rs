//! The simulated surroundings of a runtime, on one listener: a model provider whose answers come only from
//! the prompt that the runtime sent, the platform's control plane, peer agents, and a journal of every call.
//!
//! Provider dialects only translate to and from one neutral [`Prompt`] and [`Answer`]; everything else exists
//! once.
//!
//! ```no_run
//! use coalmine_world::{
//!     Callers, Limits, Timeouts, World, WorldConfig,
//!     model::{Roles, Rule, SimulatedModel},
//!     serve,
//! };
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let rule = Rule {
//!     when: "what is my name".into(),
//!     recall: Some("my name is (?<name>[A-Z][a-z]+)".into()),
//!     reply: "Your name is {name}.".into(),
//!     ..Rule::default()
//! };
//! let world = World::new(WorldConfig {
//!     token: "a-token".into(),
//!     model: SimulatedModel::new([rule], &Roles::new())?,
//!     journal: Box::new(std::io::stdout()),
//!     model_fault: None,
//!     lenient: false,
//!     recall_pause: Default::default(),
//!     journal_open: false,
//!     timeouts: Timeouts::default(),
//!     limits: Limits::default(),
//!     callers: Callers::Anyone,
//! });
//! // a client of any provider can now use this address, such as `OPENAI_BASE_URL=http://127.0.0.1:8080/v1`
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! serve(listener, world, Default::default()).await?;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod listener;
mod callers;
mod budget;
mod body;
mod http;
mod server;
mod world;
#[cfg_attr(not(test), expect(clippy::indexing_slicing, reason = "sets keys of objects that were just made"))]
mod provider;
mod prompt;
mod inline_calls;
mod readable;
#[cfg_attr(not(test), expect(clippy::string_slice, reason = "positions come from searches in the same text"))]
pub mod model;
#[cfg_attr(not(test), expect(clippy::indexing_slicing, reason = "sets keys of objects that were just made"))]
mod control;
#[cfg_attr(not(test), expect(clippy::indexing_slicing, reason = "sets keys of objects that were just made"))]
mod peers;
mod journal;
pub mod sample;
pub mod duration;
mod text;
mod lock;
#[doc(hidden)]
pub mod fuzzing;

pub use budget::{Held, Limits};
pub use callers::{Callers, ForeignCallers};
pub use control::{Memory, Upload};
pub use journal::{
    Call, CallContent, CallKind, Delivery, DeliveryState, Journal, JournalError, JournalPosition,
};
pub use listener::{Timeouts, serve};
pub use peers::{Inquiry, Peer, PeerRule};
pub use prompt::{
    Answer, Arrival, ItemReference, Message, Prompt, PromptFile, RequestKind, ResponseFormat, Role, Thread,
    ToolCall, ToolChoice, ToolOffer,
};
pub use provider::{FaultGuard, ModelFault, UnknownModelFault};
pub use world::{World, WorldConfig};
