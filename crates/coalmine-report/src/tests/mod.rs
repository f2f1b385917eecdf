//! Tests of the whole crate: streams of events in, reports out.

mod baseline;
mod command;
mod escape;
mod fanout;
mod format;
pub(crate) mod hostile;
mod html;
mod junit;
mod rebuild;
mod rounds;
pub(crate) mod sample;
mod summary;
mod terminal;
mod text;
