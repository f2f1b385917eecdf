//! What can be read in a file whose bytes reached a prompt: formats that pack their text away are unpacked here, once for
//! all dialects. A format is known by its first bytes; anything else is read as it stands.
//!
//! A file is hostile: whatever it claims, a bounded number of bytes comes out of it, and of all files of a prompt.

mod pdf;
mod png;
#[cfg(test)]
mod tests;

use crate::{Prompt, PromptFile};

/// Most bytes that are unpacked of one file, and of all files of a prompt.
const FILE_BYTES: usize = 4 << 20;
const PROMPT_BYTES: usize = 32 << 20;
/// What looking into a file or a stream costs, even where nothing comes out.
const LEAST: usize = 4 << 10;

/// A format that packs its text away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Pdf,
}

impl Format {
    fn of(content: &[u8]) -> Option<Self> {
        match content {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// The content of a file that is to be unpacked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Packed {
    format: Format,
    content: Vec<u8>,
}

/// Takes in a file's content: its plain text, and what is still to be unpacked.
pub(crate) fn take_in(content: Vec<u8>) -> (String, Option<Packed>) {
    match Format::of(&content) {
        Some(format) => (String::from_utf8_lossy(&content).into_owned(), Some(Packed { format, content })),
        // most files are text: those are not copied
        None => {
            let lossy =
                |error: std::string::FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
            (String::from_utf8(content).unwrap_or_else(lossy), None)
        }
    }
}

/// Unpacks all files of a prompt, in order, as far as the bound goes.
pub(crate) fn unpack(prompt: &mut Prompt) {
    let mut left = PROMPT_BYTES;
    for file in prompt.messages.iter_mut().flat_map(|message| &mut message.files) {
        let Some(packed) = file.packed.take() else { continue };
        let mut room = Room(left.min(FILE_BYTES));
        let given = room.0;
        add(file, &packed, &mut room);
        left -= given - room.0;
    }
}

fn add(file: &mut PromptFile, packed: &Packed, room: &mut Room) {
    if !room.enter() {
        return;
    }
    let text = match packed.format {
        Format::Png => png::text(&packed.content, room),
        Format::Pdf => pdf::text(&packed.content, room),
    };
    if !text.is_empty() {
        file.text.push('\n');
        file.text.push_str(&text);
    }
}

/// How many bytes may still come out.
struct Room(usize);

impl Room {
    /// Pays for looking into something; false where there is no room left.
    fn enter(&mut self) -> bool {
        self.spend(LEAST)
    }

    /// Takes this many bytes away; false where there are fewer.
    fn spend(&mut self, bytes: usize) -> bool {
        let fits = self.0 >= bytes;
        self.0 = self.0.saturating_sub(bytes);
        fits
    }
}

/// Bytes as text: UTF-8 where they are, else Latin-1.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
