//! Sessions: what the runtime stores about a conversation, in one file per session that is complete at any
//! moment.

mod record;
mod key;
mod store;
mod queue;
mod open;
mod backend;
mod disk;
mod crosstalk;
mod view;
mod distort;

pub(crate) use key::{Origin, session_key};
pub(crate) use open::OpenSession;
pub(crate) use queue::Ticket;
pub(crate) use record::{Session, Turn, UserInput};
pub(crate) use store::{SessionStore, StoreError};
pub(crate) use view::{View, VisibleTurn};
