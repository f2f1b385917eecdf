//! The reference runtime: a correct A2A agent server, with a switch for each known fault.
//!
//! It is what a conversation looks like when nothing is lost: both dialects of the protocol, sessions and
//! memories on disk, a model behind the OpenAI chat completions API, files in and streams out. A
//! [`fault::Fault`] breaks it in exactly one known way and leaves everything else as it is.
//!
//! In the order in which a message passes through:
//!
//! | module | what it does |
//! |---|---|
//! | `server` | HTTP: the card, the RPC endpoint, server-sent events, the view into the session store |
//! | `card` | what the runtime says about itself |
//! | `wire` | the dialects 0.3 and 1.0: from JSON to plain types and back |
//! | `task` | tasks, their life, who may follow them, and the rules on contexts |
//! | `agent` | one turn: session, files, thinking (with the model or in canary mode), delivery |
//! | `attachment` | files that come with a message, inline or by reference |
//! | `session` | what is kept about a conversation, on disk |
//! | `memory` | what is kept about a workspace, on disk |
//! | `skill` | instructions that the model can call for, from disk |
//! | `model` | the prompt, the tools and the model's API |
//! | `peer` | other agents on the platform, and asking them |
//! | `platform` | registration and heartbeats |
//! | [`fault`] | the catalogue of faults and the switch that is asked for them |
//!
//! It speaks plain HTTP only, on both sides: it runs beside the simulators it is tested with, and carries no
//! certificates. It depends on no other crate of the workspace, so that the client it is tested with cannot
//! share a mistake with it.

mod agent;
mod attachment;
mod card;
mod cause;
mod config;
mod encode;
pub mod fault;
mod memory;
mod model;
mod peer;
mod platform;
mod server;
mod session;
mod skill;
mod task;
mod wire;
mod words;

pub use config::{Config, ConfigError, ModelConfig};
pub use server::{ServeError, serve};
