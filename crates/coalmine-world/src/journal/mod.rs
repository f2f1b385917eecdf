//! The journal: every call that the runtime made to the world, in order.

mod record;
mod call;
mod delivery;
mod recent;
mod writer;

pub(crate) use call::RequestLine;
pub use call::{Call, CallContent, CallKind};
pub use delivery::{Delivery, DeliveryState};
pub use recent::JournalPosition;
pub use record::Journal;
pub use writer::JournalError;
