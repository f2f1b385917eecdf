//! HTTP: where messages come in and answers go out.

mod admin;
mod card;
mod client;
mod methods;
mod routes;
mod rpc;
mod run;
mod stream;

pub use run::{ServeError, serve};
