//! Files that come with a message.

mod decode;
mod gather;
mod record;
mod uploads;

pub(crate) use decode::decode_base64;
pub(crate) use gather::{FileError, Files};
pub(crate) use record::{Attachment, Body};
pub(crate) use uploads::Uploads;

/// Largest file that is taken, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 16 << 20;
