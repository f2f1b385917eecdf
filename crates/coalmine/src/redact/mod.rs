//! Keeps secrets out of everything that is written or shown, in the forms in which text usually holds them.
//!
//! `forms` lists how a secret may be written, and `escape` undoes what JSON and URLs do to single characters.
//! A `Scan` searches a text in both ways at once, in one pass, whatever the pieces in which it comes.

mod forms;
mod escape;
mod split;
mod scan;
mod redactor;
mod writer;
#[cfg(test)]
mod tests;

pub(crate) use redactor::Redactor;
pub(crate) use writer::Redacting;

/// What stands for a secret.
const REDACTED: &[u8] = b"[redacted]";
