//! The text of files that reached a prompt. Formats that encode their text are decoded here, for all
//! dialects; they are recognized by their first bytes, and anything else is read as plain text.
//!
//! Files may be hostile: whatever they claim, the number of bytes decoded of each, and of all files of a
//! prompt, is bounded.

mod pdf;
mod png;
#[cfg(test)]
mod tests;

use crate::{Prompt, PromptFile};

/// Maximum number of bytes decoded of one file, and of all files of a prompt.
const MAX_FILE_BYTES: usize = 4 << 20;
const MAX_PROMPT_BYTES: usize = 32 << 20;
/// The cost of opening a file or a stream, even if it contains nothing.
const OPENING_COST: usize = 4 << 10;

/// A format that encodes its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Pdf,
}

impl Format {
    fn detect(content: &[u8]) -> Option<Self> {
        match content {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// The content of a file that is not decoded yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Packed {
    format: Format,
    content: Vec<u8>,
}

/// Returns the content as plain text, and the content itself if it has to be decoded.
pub(crate) fn read_plain(content: Vec<u8>) -> (String, Option<Packed>) {
    match Format::detect(&content) {
        Some(format) => (String::from_utf8_lossy(&content).into_owned(), Some(Packed { format, content })),
        // avoids a copy, because most files are text
        None => {
            let text = String::from_utf8(content)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            (text, None)
        }
    }
}

/// Decodes all files of a prompt, in order, within the bounds.
pub(crate) fn unpack(prompt: &mut Prompt) {
    let mut left = MAX_PROMPT_BYTES;
    for file in prompt.messages.iter_mut().flat_map(|message| &mut message.files) {
        let Some(packed) = file.packed.take() else { continue };
        let limit = left.min(MAX_FILE_BYTES);
        let mut budget = Budget(limit);
        append_text(file, &packed, &mut budget);
        left = left.saturating_sub(limit.saturating_sub(budget.0));
    }
}

/// Appends the decoded text of a file to its plain text.
fn append_text(file: &mut PromptFile, packed: &Packed, budget: &mut Budget) {
    if !budget.open() {
        return;
    }
    let text = match packed.format {
        Format::Png => png::text(&packed.content, budget),
        Format::Pdf => pdf::text(&packed.content, budget),
    };
    if !text.is_empty() {
        file.text.push('\n');
        file.text.push_str(&text);
    }
}

/// The number of bytes that may still be decoded.
struct Budget(usize);

impl Budget {
    /// Pays for opening a file or a stream. Returns false if the budget is too small.
    fn open(&mut self) -> bool {
        self.spend(OPENING_COST)
    }

    /// Pays for a number of bytes. Returns false if the budget is too small.
    fn spend(&mut self, bytes: usize) -> bool {
        let is_enough = self.0 >= bytes;
        self.0 = self.0.saturating_sub(bytes);
        is_enough
    }
}

/// Decodes bytes as UTF-8, or else as Latin-1.
fn decode_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
