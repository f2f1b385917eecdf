//! Files that come with a message.

mod files;
mod record;
mod uploads;

pub(crate) use files::{FileError, Files};
pub(crate) use record::{Attachment, Body, MAX_FILE_BYTES, decode_base64};
pub(crate) use uploads::Uploads;
