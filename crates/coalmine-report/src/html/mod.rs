//! `report.html`: the run as a page that opens without a network. It shows the events, and of the files that they name as much
//! as fits.
//!
//! In the order of the flow: [`Html`] collects the events; `folder` and `journal` read the evidence, each within a bound; what
//! the page says is made from both, from top to bottom; `page` renders it.
//!
//! Everything that the page shows is a [`Shown`](crate::view::Shown), in which nothing is hidden, and the template escapes it for HTML. The
//! page allows its own style and script by their hash and nothing else.

mod report;

mod folder;
mod journal;

mod marked;
mod budget;

mod canary;
mod turn;
mod tab;
mod entry;
mod evidence;
mod prompt;
mod before;
mod compare;
mod tools;

mod page;

pub(crate) use page::{STYLE, page, policy_without_script};
pub(crate) use report::HTML_FILE;
pub use report::Html;
