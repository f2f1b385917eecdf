//! The A2A wire: JSON-RPC over HTTP and SSE, in the dialects 0.3 and 1.0.
//!
//! Encoding is strict, to the byte where the platform's own envelope is concerned; decoding is tolerant, because real
//! servers speak hybrids. The raw JSON is kept beside a thin typed view, and every departure from the dialect in use is
//! reported as a [`Drift`], never guessed silently. Everything received is hostile: bounded in size, time, depth and
//! number of values before it is parsed. This crate knows no canary.

mod ask;
mod card;
mod client;
mod dialect;
mod drift;
mod error;
mod exchange;
mod limits;
mod message;
mod read;
mod state;
mod v0_3;
mod v1_0;
mod view;

pub use card::{CARD_PATHS, Card, CardProblem, Interface};
pub use client::{Client, Endpoint, Flow, Sent};
pub use dialect::{Dialect, UnknownDialect};
pub use drift::Drift;
pub use error::WireError;
pub use exchange::Exchange;
pub use limits::{Limits, ScanError, scan};
pub use message::{HistoryEntry, Outgoing, Part};
pub use state::State;
pub use view::{View, view_result};
