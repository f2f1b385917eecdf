//! What a report says about a canary, as data: typed blocks made from the events, and lines made from blocks.
//!
//! Blocks and lines hold text that is neither escaped nor colored nor quoted. The report that shows it does that.

mod command;
mod span;
mod block;

mod turns;
mod diagnosis;
mod prompt;
mod canary;
mod causes;

mod rounds;
mod baseline;
mod tally;
mod lines;

pub(crate) use baseline::{baseline_groups, baseline_verdict};
pub(crate) use block::{
    Block, FailedCheck, NotJudged, PathStop, PromptSeen, Proof, Said, SeenMessage, Speaker, Title, TitleEnd,
    Turn,
};
pub(crate) use canary::{MAX_ID, MAX_TITLE, details, notes, title};
pub(crate) use causes::{causes, names};
pub(crate) use command::Command;
pub use command::command_line;
pub(crate) use rounds::rate;
pub(crate) use span::{Excerpt, Line, Role, Text};
pub(crate) use tally::tally;
