//! Files that are written in one go, whole or not at all.

use std::io::{self, Write};

use camino::Utf8Path;
use fs_err::{self as fs, OpenOptions};

/// Writes `bytes` to a new file in `folder` and then renames it to `name`. A reader sees the old file or the
/// new one, and a link under that name is replaced, never followed.
///
/// # Errors
/// Fails if the folder cannot be written. The new file is removed then.
pub fn write_atomically(folder: &Utf8Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    let temporary = folder.join(format!(".{name}.{}.part", std::process::id()));
    // A process with the same id may have been killed between the two steps.
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
        // The first error is the one to report.
        fs::remove_file(&temporary).ok();
    }
    written
}
