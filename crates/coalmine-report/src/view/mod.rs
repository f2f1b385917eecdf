//! What the page and the other formats say about a run as a whole, in text that may be shown: nothing in it is hidden. Each
//! format escapes it in its own way.

mod shown;
mod advice;

mod overview;
mod weakness;
mod cause;

pub(crate) use advice::{Block, Sentence, Span, sentence};
pub(crate) use cause::{CauseView, Stop, cause_anchor, causes, path, turn_link};
pub use overview::what;
pub(crate) use overview::{Overview, duration, hides_failures, overview};
pub(crate) use shown::{Shown, address, anchor};
pub(crate) use weakness::{Found, Link, Weakness, findings, weaknesses};
