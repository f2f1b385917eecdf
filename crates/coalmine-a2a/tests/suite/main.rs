//! The client from outside: what it puts on the wire, and how it reads what comes back.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod binding;
mod bounds;
mod credentials;
mod encoding;
mod event_stream;
mod follow;
mod hang_up;
mod polling;
mod reading;
mod redirects;
mod streamed_send;
mod streaming;
mod support;
mod tasks;
