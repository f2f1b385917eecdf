//! Files that are written once, whole or not at all.

use std::io::{self, Write};

use camino::Utf8Path;
use fs_err::{self as fs, OpenOptions};

/// Writes `bytes` to `folder/name`: first to a new file beside it, then by renaming that. A reader sees the old file
/// or the new one, and a link under that name is replaced, never followed.
///
/// # Errors
/// When the folder cannot be written; what was made on the way is removed again.
pub fn write_atomically(folder: &Utf8Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    let temporary = folder.join(format!(".{name}.{}.part", std::process::id()));
    // Left over from a process of the same id that was killed in here.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(temporary.as_std_path())
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, &path));
    if written.is_err() {
        // The first error is the one to tell.
        fs::remove_file(&temporary).ok();
    }
    written
}
