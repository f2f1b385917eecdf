//! Folders in the ledger whose names say who owns them: entries that are being made, and copies that are needed for a
//! moment. A run that is killed in between leaves one, and the next run knows from its name alone that it may go.

use camino::Utf8Path;
use tempfile::TempDir;

use super::{Liveness, Owner, TargetError, ledger};

/// Makes a folder for this user alone in the ledger. It is removed when it is dropped.
pub(crate) fn create(base: &Utf8Path) -> Result<TempDir, TargetError> {
    let base = ledger::create_ledger(base)?;
    // ids of runs begin with a letter or a digit
    let prefix = format!(".{}:", Owner::me().label().replace('/', "+"));
    tempfile::Builder::new().prefix(&prefix).tempdir_in(&base).map_err(TargetError::disk(base))
}

/// Returns whether the owner of such a folder still runs; `None` if it is another folder.
pub(super) fn liveness(name: &str) -> Option<Liveness> {
    let (label, _) = name.strip_prefix('.')?.rsplit_once(':')?;
    Some(Owner::from_label(&label.replace('+', "/"))?.liveness())
}

#[cfg(test)]
pub(super) fn leave_behind(folder: TempDir) {
    let path = folder.keep();
    let name = path.file_name().unwrap().to_str().unwrap();
    let me = std::process::id();
    std::fs::rename(&path, path.with_file_name(name.replacen(&me.to_string(), "4194305", 1))).unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_says_who_owns_it() {
        let guard = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(guard.path()).unwrap().join("coalmine");
        let folder = create(&base).unwrap();
        let name = folder.path().file_name().unwrap().to_str().unwrap();
        assert_eq!(liveness(name), Some(Liveness::Alive), "{name}");
        assert_eq!(
            liveness(&name.replacen(&std::process::id().to_string(), "4194305", 1)),
            Some(Liveness::Dead)
        );
        assert_eq!(liveness("nightly-7"), None);
        assert_eq!(liveness(".nightly:7"), None);
        drop(folder);
        assert_eq!(base.read_dir_utf8().unwrap().count(), 0);
    }
}
