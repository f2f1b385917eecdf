//! Writing into a repository that somebody else may have laid out: nothing is overwritten, and no symbolic link is
//! followed.

use std::io::{ErrorKind, Write};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::{failure::Failure, project::Root};

/// A file that is to be there.
pub(super) struct NewFile<'a> {
    /// Its path below the root.
    pub(super) path: Utf8PathBuf,
    pub(super) text: &'a str,
}

/// What was done about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    New,
    /// It was there already, with the same text.
    Same,
}

impl NewFile<'_> {
    /// Checks whether the file can be written.
    pub(super) fn check(&self, root: &Root) -> Result<Written, Failure> {
        check_folders(root, &self.path)?;
        if !root.has(&self.path) {
            return Ok(Written::New);
        }
        if root.read(&self.path).is_ok_and(|text| text == self.text) {
            return Ok(Written::Same);
        }
        Err(Failure::new(format!("`{}` exists and differs", root.shown(&self.path)))
            .hint("see what would be written with `--dry-run`, and change the file or move it away"))
    }

    /// Writes the file, unless it is there already.
    pub(super) fn write(&self, root: &Root) -> Result<Written, Failure> {
        if self.check(root)? == Written::Same {
            return Ok(Written::Same);
        }
        let path = root.real_path(&self.path);
        let shown = root.shown(&self.path);
        create_parent(&path)
            .and_then(|()| fs::OpenOptions::new().write(true).create_new(true).open(&path))
            .and_then(|mut file| file.write_all(self.text.as_bytes()))
            .map_err(|error| Failure::new(format!("could not write `{shown}`")).because(error))?;
        Ok(Written::New)
    }
}

/// Checks whether a workflow of `.github/workflows` can be moved to another folder.
pub(super) fn check_move(root: &Root, name: &str, folder: &Utf8Path) -> Result<(), Failure> {
    let to = folder.join(name);
    check_folders(root, &to)?;
    if root.has(&to) {
        return Err(
            Failure::new(format!("`{}` exists already", root.shown(&to))).hint("move one of them away")
        );
    }
    Ok(())
}

/// Moves a workflow of `.github/workflows` to another folder.
pub(super) fn move_workflow(root: &Root, name: &str, folder: &Utf8Path) -> Result<(), Failure> {
    let from = Utf8Path::new(".github/workflows").join(name);
    let to = root.real_path(&folder.join(name));
    create_parent(&to)
        .and_then(|()| fs::rename(root.real_path(&from), &to))
        .map_err(|error| Failure::new(format!("could not move `{}`", root.shown(&from))).because(error))
}

/// Fails if a folder on the way to a file is a link, or is not a folder.
fn check_folders(root: &Root, path: &Utf8Path) -> Result<(), Failure> {
    for folder in path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty()) {
        match root.real_path(folder).symlink_metadata() {
            Ok(found) if found.is_dir() => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            _ => {
                return Err(Failure::new(format!("`{}` is a link, or no folder", root.shown(folder)))
                    .hint("replace it with a folder"));
            }
        }
    }
    Ok(())
}

fn create_parent(path: &Utf8Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}
