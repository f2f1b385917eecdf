//! What the runtime keeps about a workspace, shared by all its conversations.

mod store;

pub(crate) use store::MemoryStore;
