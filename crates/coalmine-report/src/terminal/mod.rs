//! What a person sees on a terminal or in a CI log. Nothing in here prints: the caller says where to write.

mod screen;

mod page;
mod columns;
mod closing;

pub use screen::{Terminal, TerminalOptions};
