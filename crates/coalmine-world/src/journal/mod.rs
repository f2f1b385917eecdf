//! The journal: every call that the runtime made to the world, in order.

mod call;
mod kept;
mod record;
mod writer;

pub(crate) use call::Request;
pub use call::{Call, Kind, Said};
pub use kept::Mark;
pub use record::Journal;
pub use writer::JournalError;
