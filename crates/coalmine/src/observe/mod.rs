//! What is observed of a runtime: its answers on the wire, the calls it makes, its session store, its memory,
//! its disk.

mod concurrency;
mod canary_run;
mod observer;
mod quiet;
mod attribution;
mod exchange;
mod inspect;
mod prompt_end;
mod store;
mod redis;
mod sqlite;
mod turn;

pub(crate) use attribution::{is_asked, keep_calls_that_ask_again};
pub(crate) use canary_run::{Attempt, CanaryRun};
pub(crate) use concurrency::Concurrency;
pub(crate) use exchange::TurnExchange;
pub(crate) use observer::Observer;
pub(crate) use prompt_end::last_words;
pub(crate) use sqlite::read as read_sqlite;
pub use store::{Record, Store};
#[cfg(test)]
pub(crate) use turn::model_call;
pub use turn::{ActionSeen, MemorySeen, TurnSeen, gets_out, is_model_call};
