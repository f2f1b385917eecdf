//! The A2A wire: what a client sends to an agent, and what comes back, in the dialects 0.3 and 1.0.
//!
//! Three things are separate here. A *dialect* ([`Dialect`]) is a version of the protocol: it writes the
//! payload of a request. A *binding* ([`Binding`]) carries it over HTTP: JSON-RPC today; `binding/mod.rs`
//! says how to add another. The [`Client`] does the exchanges within bounds, retries, polls and follows
//! streams.
//!
//! Encoding is strict, to the byte for the platform's own envelope; decoding is tolerant, because real
//! servers speak hybrids. The raw JSON is kept beside a thin typed view, and every departure from the dialect
//! in use is reported as a [`Drift`], never guessed silently. Everything received is treated as hostile: it
//! is bounded in size, time, depth and number of values before it is parsed. This crate knows no canary.

// what this crate reads is hostile, and must not make it panic
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod message;
mod ask;
mod dialect;
#[cfg_attr(not(test), expect(clippy::indexing_slicing, reason = "sets keys of objects that were just made"))]
mod v0_3;
#[cfg_attr(not(test), expect(clippy::indexing_slicing, reason = "sets keys of objects that were just made"))]
mod v1_0;
mod payload;
mod card;
mod binding;
mod client;
mod watch;
mod events;
mod limits;
mod time;
mod json;
mod excerpt;
mod view;
mod state;
mod drift;
mod exchange;
mod error;
mod refusal;
#[doc(hidden)]
pub mod fuzzing;

pub use ask::Ask;
pub use binding::{Binding, Endpoint, HttpRequest, JSON_RPC, WireCall};
pub use card::{CARD_PATHS, Card, CardProblem, Interface};
pub use client::{Client, FetchedCard, WireOutcome};
pub use dialect::{Dialect, UnknownDialect};
pub use drift::Drift;
pub use error::WireError;
pub use exchange::Exchange;
pub use json::read_json;
pub use limits::{Limits, ScanError, scan};
pub use message::{HistoryEntry, Outgoing, Part};
pub use payload::payload;
pub use refusal::Refusal;
pub use reqwest::Method;
pub use state::State;
pub use view::{ArtifactText, View};
pub use watch::Flow;
