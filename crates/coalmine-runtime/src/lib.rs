//! The reference runtime: a correct A2A agent server with a switch for each known fault.
//!
//! It shows what a conversation looks like if nothing is lost. It speaks both dialects of the protocol, keeps
//! sessions and memories on disk, asks a model behind the OpenAI chat completions API, reads files and
//! streams answers. A [`fault::Fault`] breaks it in exactly one known way and leaves everything else intact.
//!
//! The modules, in the order in which a message passes through them:
//!
//! | module | what it does |
//! |---|---|
//! | `server` | serves HTTP: the card, the RPC endpoint, server-sent events, the content of the session store |
//! | `card` | describes the runtime to clients and to the platform |
//! | `wire` | translates the dialects 0.3 and 1.0 between JSON and plain types |
//! | `task` | keeps tasks, their states and followers, and the rules on contexts |
//! | `agent` | runs a turn: session, files, answer (from the model or in canary mode), delivery |
//! | `attachment` | reads files that come with a message, inline or by reference |
//! | `session` | stores conversations on disk |
//! | `memory` | stores the memories of a workspace on disk |
//! | `skill` | reads instructions from disk that the model can call for |
//! | `model` | builds the prompt and the tools, and calls the model's API |
//! | `peer` | finds other agents on the platform and asks them |
//! | `platform` | registers with the platform and sends heartbeats |
//! | [`fault`] | lists the faults and holds the switch |
//!
//! The runtime speaks only plain HTTP, as a server and as a client: it runs beside the simulators it is
//! tested with and carries no certificates. It depends on no other crate of the workspace, so that it cannot
//! share a mistake with the client that tests it.

mod server;
mod card;
mod wire;
mod task;
mod agent;
mod attachment;
mod session;
mod memory;
mod skill;
mod model;
mod peer;
mod platform;
mod config;
pub mod fault;
mod file_stem;
mod http;
mod text;

pub use config::{Config, ConfigError, ModelConfig, Slow};
pub use server::{ServeError, serve};
