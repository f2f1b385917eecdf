//! Tasks: how a message finds its task, what a task holds, how it ends, and who may follow it.

mod message;
mod record;
mod admit;
mod store;
mod live_task;
mod follower;

pub(crate) use admit::{Admission, AdmitError};
pub(crate) use follower::{Follower, StreamSignals};
pub(crate) use live_task::LiveTask;
pub(crate) use message::{Content, FilePart, Incoming, Message, Part, Role, Source};
pub(crate) use record::{Artifact, Event, State, Status, Task};
pub(crate) use store::TaskStore;
