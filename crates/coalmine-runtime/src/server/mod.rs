//! The HTTP server, which takes messages in and sends answers out.

mod run;
mod routes;
mod rpc;
mod methods;
mod stream;

pub use run::{ServeError, serve};
