//! What is known about a turn: the wire record, the journal's slice, the session store, the memory.

mod store;
mod turn;

pub use store::{Record, Store};
#[cfg(test)]
pub(crate) use turn::model_call;
pub use turn::{ActionSeen, MemorySeen, TurnSeen, gets_out, is_model_call};
