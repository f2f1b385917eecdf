//! The ledger: a folder for each run with what it owns on this machine, so that a later run can sweep after a
//! killed one.
//!
//! `<base>/<run id>/owner.json` names the process that owns the run and the process group that it started;
//! `<base>/<run id>/state/` is the runtime's state folder. An entry appears when it is complete, and `owner.json` is
//! removed last, so that a run that is killed in between can be swept too.

use std::{
    io::ErrorKind,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    time::{Duration, SystemTime},
};

use camino::{Utf8Path, Utf8PathBuf};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::{Pid, Uid},
};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{Liveness, Owner, TargetError, owner::started, processes::Family, scratch};
use crate::untrusted::{Folder, Kind};

/// The name of the file that names the owner.
const OWNER: &str = "owner.json";
/// The most bytes of such a file.
const MAX_OWNER_BYTES: u64 = 64 << 10;
/// How old a folder without an owner must be until it counts as left behind.
const ORPHANED_AFTER: Duration = Duration::from_secs(600);

/// The entry of a run.
#[derive(Debug)]
pub(super) struct Entry {
    folder: Utf8PathBuf,
    record: OwnerRecord,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct OwnerRecord {
    run: String,
    owner: Owner,
    /// The value of the variable that marks the processes of the run.
    mark: String,
    group: Option<Group>,
    #[serde(default)]
    kept: bool,
}

/// A process group.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Group {
    leader: i32,
    /// When the leader was started: the system uses ids again.
    started: u64,
}

impl Entry {
    /// Makes the entry of a run and its state folder, below the folder of the ledger.
    pub(super) fn create(base: &Utf8Path, run: &str) -> Result<Self, TargetError> {
        let making = scratch::create(base)?;
        let folder = Utf8Path::from_path(making.path()).map_or_else(Utf8PathBuf::new, Utf8Path::to_owned);
        let mark = uuid::Uuid::new_v4().simple().to_string();
        let record = OwnerRecord { run: run.to_owned(), owner: Owner::me(), mark, group: None, kept: false };
        let entry = Self { folder, record };
        entry.write()?;
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700);
        for folder in [entry.state(), entry.state().join("memory")] {
            builder.create(&folder).map_err(TargetError::disk(folder.as_str()))?;
        }
        entry.appear(making, run)
    }

    /// Gives a complete entry its name; no other run can have it then.
    fn appear(self, making: TempDir, run: &str) -> Result<Self, TargetError> {
        let folder = self.folder.with_file_name(run);
        // an empty folder of that name is what was left of a run
        std::fs::rename(&self.folder, &folder).map_err(|error| TargetError::Disk {
            what: folder.to_string(),
            cause: match error.kind() {
                ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty => {
                    "another run has this id; give `--run-id` another one, or remove what it left with `coalmine clean`"
                        .to_owned()
                }
                _ => error.to_string(),
            },
        })?;
        // nothing is left under the old name
        let _ = making.keep();
        Ok(Self { folder, ..self })
    }

    pub(super) fn state(&self) -> Utf8PathBuf {
        self.folder.join("state")
    }

    /// Returns what marks the processes of the run.
    pub(super) fn mark(&self) -> &str {
        &self.record.mark
    }

    /// Notes the process group of the runtime, by its leader.
    pub(super) fn set_group(&mut self, leader: Option<i32>) -> Result<(), TargetError> {
        let started_at = |leader: i32| u32::try_from(leader).ok().and_then(started);
        self.record.group = leader.and_then(|leader| Some(Group { leader, started: started_at(leader)? }));
        self.write()
    }

    /// Leaves everything for inspection: the next run does not sweep it, `coalmine clean` does.
    pub(super) fn keep(&mut self) -> Result<(), TargetError> {
        self.record.kept = true;
        self.write()
    }

    pub(super) fn remove(&self) {
        // a folder that cannot be removed now is swept later
        let _ = remove(&self.folder);
    }

    fn write(&self) -> Result<(), TargetError> {
        let text = serde_json::to_vec(&self.record).unwrap_or_default();
        let written = Folder::open(&self.folder).and_then(|folder| folder.replace(OWNER, &text));
        written.map_err(TargetError::disk(self.folder.join(OWNER)))
    }
}

/// Ends the processes of dead runs and removes their folders; returns the runs. Includes kept ones only if
/// asked to.
pub(super) fn sweep(base: &Utf8Path, kept_too: bool) -> Vec<String> {
    let Ok(base) = create_ledger(base) else { return vec![] };
    let Ok(entries) = base.read_dir_utf8() else { return vec![] };
    let mut swept = vec![];
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        match read(path) {
            Some(record) => {
                let dead = record.owner.liveness() == Liveness::Dead;
                if !dead || (record.kept && !kept_too) {
                    continue;
                }
                end_processes(&record);
                if remove(path).is_ok() {
                    swept.push(record.run);
                }
            }
            None if is_left(path, name) && remove(path).is_ok() => swept.push(name.to_owned()),
            None => {}
        }
    }
    swept
}

/// Returns whether a folder without an owner was left by a run that is dead.
fn is_left(path: &Utf8Path, name: &str) -> bool {
    match scratch::liveness(name) {
        Some(Liveness::Alive) => false,
        Some(Liveness::Dead) => true,
        Some(Liveness::Elsewhere) => is_orphaned(path),
        // an entry that appears is not empty, so an empty one was about to be removed
        None => path.read_dir_utf8().is_ok_and(|mut names| names.next().is_none()) || is_orphaned(path),
    }
}

fn read(folder: &Utf8Path) -> Option<OwnerRecord> {
    let bytes = Folder::open(folder).ok()?.file(OWNER).ok()?.read_whole(MAX_OWNER_BYTES).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Returns whether a folder whose owner cannot be read has been left alone for a while.
fn is_orphaned(folder: &Utf8Path) -> bool {
    let Ok(metadata) = folder.symlink_metadata() else { return false };
    let Ok(modified) = metadata.modified() else { return false };
    let now = SystemTime::now();
    // a time to come was set by the runtime
    let age = now.duration_since(modified).or_else(|_| modified.duration_since(now));
    metadata.is_dir() && age.is_ok_and(|age| age > ORPHANED_AFTER)
}

/// Removes an entry, its owner last.
fn remove(folder: &Utf8Path) -> std::io::Result<()> {
    let opened = Folder::open(folder)?;
    let names: Vec<String> = opened.names()?.filter(|name| name != OWNER).collect();
    for name in names {
        match opened.find(&name)?.kind {
            Kind::Folder => opened.remove_folder(&name)?,
            Kind::File | Kind::Other => opened.remove_file(&name)?,
        }
    }
    match opened.remove_file(OWNER) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::remove_dir(folder)
}

/// Ends the processes of a run.
fn end_processes(record: &OwnerRecord) {
    if let Some(group) = record.group
        && group.leader > 1
        && u32::try_from(group.leader).ok().and_then(started) == Some(group.started)
    {
        let _ = killpg(Pid::from_raw(group.leader), Signal::SIGKILL);
    }
    Family { mark: record.mark.clone(), adopted: false }.end();
}

/// Creates the folder of the ledger, for this user alone. Returns its real path.
pub(super) fn create_ledger(base: &Utf8Path) -> Result<Utf8PathBuf, TargetError> {
    let created = std::fs::DirBuilder::new().mode(0o700).recursive(true).create(base);
    created.map_err(TargetError::disk(base.as_str()))?;
    // in a shared temporary folder somebody else could have created it first
    let metadata = std::fs::symlink_metadata(base).map_err(TargetError::disk(base.as_str()))?;
    if !metadata.is_dir() || metadata.uid() != Uid::current().as_raw() {
        let cause = "it belongs to another user".to_owned();
        return Err(TargetError::Disk { what: base.to_string(), cause });
    }
    base.canonicalize_utf8().map_err(TargetError::disk(base.as_str()))
}

#[cfg(test)]
impl Entry {
    /// Makes the entry that of a process which is gone.
    pub(super) fn leave_behind(&mut self) {
        let me = Owner::me().label();
        let place = me.splitn(3, ':').nth(2).unwrap();
        self.record.owner = Owner::from_label(&format!("4194305:1:{place}")).unwrap();
        self.write().unwrap();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn ledger() -> (TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let base = Utf8PathBuf::from_path_buf(folder.path().join("coalmine")).unwrap();
        (folder, base)
    }

    /// Makes the entry of a run whose owner is dead.
    fn dead(base: &Utf8Path, run: &str) -> Entry {
        let mut entry = Entry::create(base, run).unwrap();
        entry.leave_behind();
        entry
    }

    fn age(path: &Utf8Path, age: Duration) {
        fs::File::open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn dead_runs_are_swept() {
        let (_guard, base) = ledger();
        let (mut kept, alive) = (dead(&base, "kept"), Entry::create(&base, "alive").unwrap());
        kept.keep().unwrap();
        dead(&base, "dead");
        assert_eq!(sweep(&base, false), ["dead"]);
        assert_eq!(sweep(&base, true), ["kept"]);
        assert!(alive.state().join("memory").is_dir());
        alive.remove();
        assert_eq!(base.read_dir_utf8().unwrap().count(), 0);
    }

    #[test]
    fn entry_without_owner_is_swept_after_a_while() {
        let (_guard, base) = ledger();
        for run in ["orphan", "new", "broken", "later"] {
            dead(&base, run);
            fs::remove_file(base.join(run).join(OWNER)).unwrap();
        }
        fs::write(base.join("broken").join(OWNER), "{").unwrap();
        let long = ORPHANED_AFTER + Duration::from_secs(60);
        age(&base.join("orphan"), long);
        age(&base.join("broken"), long);
        fs::File::open(base.join("later")).unwrap().set_modified(SystemTime::now() + long).unwrap();
        let mut swept = sweep(&base, false);
        swept.sort();
        assert_eq!(swept, ["broken", "later", "orphan"]);
        assert!(base.join("new").exists());
    }

    #[test]
    fn entry_that_was_never_complete_is_swept_at_once() {
        let (_guard, base) = ledger();
        let alive = scratch::create(&base).unwrap();
        scratch::leave_behind(scratch::create(&base).unwrap());
        let copies = scratch::create(&base).unwrap();
        fs::write(copies.path().join("store.db"), "x").unwrap();
        scratch::leave_behind(copies);
        assert_eq!(sweep(&base, false).len(), 2);
        let left: Vec<_> = base.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()).collect();
        assert_eq!(left, [alive.path()]);
    }

    #[test]
    fn entry_without_anything_is_swept_at_once() {
        let (_guard, base) = ledger();
        let _alive = Entry::create(&base, "alive").unwrap();
        fs::create_dir(base.join("removed")).unwrap();
        assert_eq!(sweep(&base, false), ["removed"]);
        fs::create_dir(base.join("removed")).unwrap();
        Entry::create(&base, "removed").unwrap();
        assert_eq!(sweep(&base, false), [""; 0]);
    }

    #[test]
    fn entry_appears_complete() {
        let (_guard, base) = ledger();
        let entry = Entry::create(&base, "run").unwrap();
        let names: Vec<_> = base.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()).collect();
        assert_eq!(names, [base.join("run")]);
        assert_eq!(entry.state(), base.join("run/state"));
        assert!(base.join("run").join(OWNER).is_file() && entry.state().join("memory").is_dir());
    }

    #[test]
    fn removal_that_is_interrupted_can_be_repeated() {
        let (_guard, base) = ledger();
        let entry = dead(&base, "dead");
        fs::create_dir_all(entry.state().join("sessions")).unwrap();
        // of an interrupted removal, the owner is always left
        fs::remove_dir_all(entry.state()).unwrap();
        fs::create_dir(base.join("dead/.coalmine-moved")).unwrap();
        assert_eq!(sweep(&base, false), ["dead"]);
        assert_eq!(base.read_dir_utf8().unwrap().count(), 0);
    }

    #[test]
    fn owner_goes_last() {
        let (_guard, base) = ledger();
        let entry = Entry::create(&base, "run").unwrap();
        let owner = base.join("run").join(OWNER);
        fs::remove_file(&owner).unwrap();
        // a folder under that name is not removed as a file
        fs::create_dir(&owner).unwrap();
        remove(&base.join("run")).unwrap_err();
        assert!(owner.exists() && !entry.state().exists());
    }

    #[test]
    fn id_in_use_is_refused() {
        let (_guard, base) = ledger();
        let _first = Entry::create(&base, "run").unwrap();
        let error = Entry::create(&base, "run").unwrap_err().to_string();
        assert!(error.contains("another run has this id"), "{error}");
    }
}
