//! Tasks: what they hold, how they live, and who may follow them.

mod admit;
mod audience;
mod cell;
mod event;
mod follower;
mod message;
mod record;
mod store;

pub(crate) use admit::{Admission, Refused};
pub(crate) use audience::Audience;
pub(crate) use cell::Cell;
pub(crate) use event::Event;
pub(crate) use follower::Follower;
pub(crate) use message::{Content, FilePart, Incoming, Message, Part, Role, Source};
pub(crate) use record::{Artifact, State, Status, Task};
pub(crate) use store::TaskStore;
