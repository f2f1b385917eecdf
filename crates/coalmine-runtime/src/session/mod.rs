//! What the runtime keeps about a conversation: one file per session, the truth about it at any moment.

mod disk;
mod distort;
mod key;
mod locks;
mod medium;
mod neighbours;
mod open;
mod record;
mod store;
mod view;

pub(crate) use key::{Origin, session_key};
pub(crate) use locks::Place;
pub(crate) use open::OpenSession;
pub(crate) use record::{Session, Turn, UserInput};
pub(crate) use store::{SessionStore, StoreError};
pub(crate) use view::{Shown, View};
