//! The ways in which the runtime can be broken on purpose, one at a time.
//!
//! To add one: an entry in [`CATALOGUE`]'s file, and one question `faults.is(Fault::…)` at the place the
//! fault concerns. Nothing else needs to know of it. Where several concern one thing they have a place of their own:
//!
//! | place | faults |
//! |---|---|
//! | `task::admit`, `server::methods` | contexts, tasks and repeated messages on the wire |
//! | `session::key` | which session a turn belongs to |
//! | `session::medium`, `session::open` | where, and at which moments, a session is kept |
//! | `session::neighbours` | conversations that get into each other |
//! | `session::distort`, `agent::input` | what the model is shown of history, words and files |
//! | `memory::store` | what is remembered |
//! | `agent::deliver` | what becomes of the answer |
//! | `agent::hangup` | what a client does to others by hanging up |

mod catalogue;
mod info;
mod switch;

pub use catalogue::{CATALOGUE, Fault};
pub use info::{FaultInfo, UnknownFault, all};
pub(crate) use switch::Faults;
