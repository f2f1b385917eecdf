//! Writing a new file, which never takes the place of another one.

use std::io::{ErrorKind, Write};

use camino::Utf8Path;
use fs_err as fs;

use crate::{failure::Failure, printer::Printer};

/// A file that does not exist yet; `-` is stdout.
pub(super) struct NewFile<'a> {
    pub(super) path: &'a Utf8Path,
    pub(super) text: &'a str,
    /// What to do if a file has the name.
    pub(super) if_taken: &'a str,
}

impl NewFile<'_> {
    /// Writes the file, and says what to do next.
    pub(super) fn write(self, printer: &mut Printer, next: impl FnOnce() -> String) -> Result<(), Failure> {
        let Self { path, text, if_taken } = self;
        if path == "-" {
            printer.answer(text.trim_end());
            return Ok(());
        }
        let written = fs::OpenOptions::new().write(true).create_new(true).open(path);
        let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::new(format!("`{path}` already exists")).hint(if_taken),
            _ => Failure::new(format!("could not write `{path}`")).because(error),
        })?;
        printer.answer(format_args!("wrote {path}"));
        printer.note(next());
        Ok(())
    }
}
