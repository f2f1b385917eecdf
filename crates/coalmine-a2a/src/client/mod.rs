//! The client: does what callers ask of an agent, within bounds, and keeps what was sent and received.
//!
//! `send` and `follow` are the calls of other crates, and `outcome` is what they return; each is made of
//! calls of `call`, which asks once and retries. `fetch` reads cards and other documents. `http` does one
//! exchange for all of them, `pace` spaces them, and `body` reads an answer.

mod send;
mod follow;
mod outcome;
mod call;
mod fetch;
mod http;
mod pace;
mod body;

pub use fetch::FetchedCard;
pub use http::Client;
pub use outcome::WireOutcome;
