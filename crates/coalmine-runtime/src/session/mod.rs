//! What the runtime keeps about a conversation: one file per session, the truth about it at any moment.

mod distort;
mod key;
mod locks;
mod record;
mod store;
mod view;

pub(crate) use key::{Origin, session_key};
pub(crate) use locks::Place;
pub(crate) use record::{Session, Turn, UserInput};
pub(crate) use store::{OpenSession, SessionStore, StoreError};
pub(crate) use view::{Shown, View};
