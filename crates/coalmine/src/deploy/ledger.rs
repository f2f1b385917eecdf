//! The ledger: a folder for each run with what it owns on this machine, so that a later run can sweep after a
//! killed one.
//!
//! `<base>/<run id>/owner.json` names the process that owns the run and the process group that it started;
//! `<base>/<run id>/state/` is the runtime's state folder.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};

use camino::{Utf8Path, Utf8PathBuf};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::{Pid, Uid},
};
use serde::{Deserialize, Serialize};

use super::{Liveness, Owner, TargetError};

/// The entry of a run.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) folder: Utf8PathBuf,
    record: OwnerRecord,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct OwnerRecord {
    run: String,
    owner: Owner,
    group: Option<i32>,
    #[serde(default)]
    kept: bool,
}

impl Entry {
    /// Makes the entry of a run and its state folder, below the folder of the ledger.
    pub(super) fn create(base: &Utf8Path, run: &str) -> Result<Self, TargetError> {
        create_ledger(base)?;
        let folder = base.join(run);
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700).recursive(true);
        for folder in [&folder, &folder.join("state"), &folder.join("state/memory")] {
            builder.create(folder).map_err(TargetError::disk(folder.as_str()))?;
        }
        let record = OwnerRecord { run: run.to_owned(), owner: Owner::me(), group: None, kept: false };
        let entry = Self { folder, record };
        entry.write()?;
        Ok(entry)
    }

    pub(super) fn state(&self) -> Utf8PathBuf {
        self.folder.join("state")
    }

    pub(super) fn set_group(&mut self, group: Option<i32>) -> Result<(), TargetError> {
        self.record.group = group;
        self.write()
    }

    /// Leaves everything for inspection: the next run does not sweep it, `coalmine clean` does.
    pub(super) fn keep(&mut self) -> Result<(), TargetError> {
        self.record.kept = true;
        self.write()
    }

    pub(super) fn remove(&self) {
        // a folder that cannot be removed now is swept later
        let _ = std::fs::remove_dir_all(&self.folder);
    }

    fn write(&self) -> Result<(), TargetError> {
        let path = self.folder.join("owner.json");
        let text = serde_json::to_vec(&self.record).unwrap_or_default();
        std::fs::write(&path, text).map_err(TargetError::disk(path.as_str()))
    }
}

/// Ends the processes of dead runs and removes their folders; returns the runs. Includes kept ones only if
/// asked to.
pub(super) fn sweep(base: &Utf8Path, kept_too: bool) -> Vec<String> {
    if create_ledger(base).is_err() {
        return vec![];
    }
    let Ok(entries) = base.read_dir_utf8() else { return vec![] };
    let mut swept = vec![];
    for entry in entries.flatten() {
        let Some(record) = read(entry.path()) else { continue };
        let dead = record.owner.liveness() == Liveness::Dead;
        if !dead || (record.kept && !kept_too) {
            continue;
        }
        if let Some(group) = record.group {
            end_group(group, &record.run);
        }
        if std::fs::remove_dir_all(entry.path()).is_ok() {
            swept.push(record.run);
        }
    }
    swept
}

fn read(folder: &Utf8Path) -> Option<OwnerRecord> {
    serde_json::from_slice(&std::fs::read(folder.join("owner.json")).ok()?).ok()
}

/// Ends a process group, if any process in it still bears the run's mark: the system reuses ids.
fn end_group(group: i32, run: &str) {
    let mark = format!("COALMINE_RUN_ID={run}");
    let Ok(processes) = std::fs::read_dir("/proc") else { return };
    let ours = processes.flatten().any(|entry| {
        let path = entry.path();
        let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
        let in_group =
            stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(2)?.parse().ok());
        in_group == Some(group)
            && std::fs::read(path.join("environ")).is_ok_and(|environ| {
                environ.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
            })
    });
    if ours {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

/// Creates the folder of the ledger, for this user alone.
fn create_ledger(base: &Utf8Path) -> Result<(), TargetError> {
    let created = std::fs::DirBuilder::new().mode(0o700).recursive(true).create(base);
    created.map_err(TargetError::disk(base.as_str()))?;
    // in a shared temporary folder somebody else could have created it first
    let metadata = std::fs::symlink_metadata(base).map_err(TargetError::disk(base.as_str()))?;
    if !metadata.is_dir() || metadata.uid() != Uid::current().as_raw() {
        let cause = "it belongs to another user".to_owned();
        return Err(TargetError::Disk { what: base.to_string(), cause });
    }
    Ok(())
}
