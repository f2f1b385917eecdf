//! The client from outside: what it puts on the wire, and what it makes of what comes back.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not there")]

mod bounds;
mod encoding;
mod follow;
mod hang_up;
mod polling;
mod reading;
mod redirects;
mod stream;
mod streamed;
mod support;
mod tasks;
mod told;
