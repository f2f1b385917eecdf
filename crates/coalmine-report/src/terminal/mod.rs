//! What a person sees on a terminal or in a CI log. Nothing in here prints: the caller says where to write.

mod show;

mod page;
mod columns;
mod closing;

pub use show::{Terminal, TerminalOptions};
