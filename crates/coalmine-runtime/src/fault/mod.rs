//! The ways to break the runtime on purpose, one at a time.
//!
//! To add a fault, write an entry in [`CATALOGUE`] and ask `faults.is(Fault::…)` at the one place that it
//! breaks. Faults that break the same thing share a file:
//!
//! | file | faults |
//! |---|---|
//! | `task::admit`, `server::methods` | contexts, tasks and repeated messages on the wire |
//! | `session::key` | turns that run in the wrong session |
//! | `session::backend`, `session::open` | sessions that are stored in the wrong place or at the wrong time |
//! | `session::crosstalk` | conversations that mix |
//! | `session::distort`, `agent::input` | history, text and files that the model sees wrongly |
//! | `memory` | memories that are lost |
//! | `agent::deliver` | answers that are lost or changed |
//! | `agent::hangup` | hang-ups that affect others |

mod catalogue;
mod info;
mod switch;

pub use catalogue::{CATALOGUE, Fault};
pub use info::{FaultInfo, UnknownFault, all};
pub(crate) use switch::Faults;
