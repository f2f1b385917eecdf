//! What is left of a run.

use std::{collections::BTreeMap, fmt};

use camino::Utf8Path;
use fs_err as fs;

use super::place::Place;
use crate::{failure::Failure, tool};

/// The variable with the id of the run, which every process of a runtime has.
const RUN: &str = "COALMINE_RUN_ID";
/// The variable by which coalmine recognizes the processes of a runtime.
const MARK: &str = "COALMINE_PROCESS_MARK";

/// What is left of a run, by its kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    things: BTreeMap<&'static str, Vec<String>>,
    /// The marks of processes that the ledger knows.
    pub(super) marks: Vec<String>,
}

impl Left {
    /// Looks for everything that a run can leave.
    pub(super) fn after(place: &Place, run: &str) -> Result<Self, Failure> {
        let mut left = Self::default();
        left.add("ledger entries", names_in(&place.ledger()));
        left.add("temporary files", names_in(&place.temporary()));
        left.marks = names_in(&place.ledger())
            .iter()
            .filter_map(|entry| mark(&place.ledger().join(entry).join("owner.json")))
            .collect();
        left.add("processes", processes_with(&format!("{RUN}={run}")));
        let left = left.with_processes_of_own_marks();
        if place.needs_engine { left.with_things_in_the_engine(run) } else { Ok(left) }
    }

    fn with_processes_of_own_marks(self) -> Self {
        let marks = self.marks.clone();
        self.with_processes_of(&marks)
    }

    /// Adds processes that have one of these marks.
    pub(super) fn with_processes_of(mut self, marks: &[String]) -> Self {
        for mark in marks {
            self.add("processes", processes_with(&format!("{MARK}={mark}")));
        }
        self
    }

    fn with_things_in_the_engine(mut self, run: &str) -> Result<Self, Failure> {
        let label = format!("label=coalmine.run={run}");
        for (kind, arguments) in [
            ("containers", &["ps", "--all", "--quiet"][..]),
            ("networks", &["network", "ls", "--quiet"]),
            ("volumes", &["volume", "ls", "--quiet"]),
        ] {
            let mut ask = tool::docker();
            ask.args(arguments).args(["--filter", &label]);
            let answer = tool::output(&mut ask, "could not ask the container engine")?;
            self.add(kind, answer.lines().map(str::to_owned).collect());
        }
        Ok(self)
    }

    fn add(&mut self, kind: &'static str, names: Vec<String>) {
        if names.is_empty() {
            return;
        }
        let all = self.things.entry(kind).or_default();
        all.extend(names);
        all.sort();
        all.dedup();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// Returns how many things there are of each kind.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.things.iter().map(|(kind, names)| (*kind, names.len()))
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let things =
            self.things.iter().map(|(kind, names)| format!("{} {kind} ({})", names.len(), names.join(", ")));
        let things: Vec<String> = things.collect();
        f.write_str(if things.is_empty() { "nothing" } else { "" })?;
        f.write_str(&things.join(", "))
    }
}

/// Returns the names in a folder; none if the folder does not exist.
fn names_in(folder: &Utf8Path) -> Vec<String> {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_owned()).collect()
}

fn mark(owner: &Utf8Path) -> Option<String> {
    let owner: serde_json::Value = serde_json::from_slice(&fs::read(owner).ok()?).ok()?;
    Some(owner.get("mark")?.as_str()?.to_owned())
}

/// Returns the ids of the running processes that were started with this variable.
fn processes_with(variable: &str) -> Vec<String> {
    let has_it = |pid: &String| {
        let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        // of a process that has ended, nothing can be read
        read("environ").split(|byte| *byte == 0).any(|other| other == variable.as_bytes())
    };
    let pids = names_in(Utf8Path::new("/proc")).into_iter();
    pids.filter(|pid| pid.bytes().all(|byte| byte.is_ascii_digit())).filter(has_it).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::started_with;

    #[test]
    fn processes_and_folders_are_found() {
        let place = Place::new("/bin/sh".into(), false).unwrap();
        assert!(Left::after(&place, "r").unwrap().is_empty());
        fs::create_dir_all(place.ledger().join("r")).unwrap();
        let run = place.run_id(1);
        fs::write(place.ledger().join("r/owner.json"), format!("{{\"mark\": \"{run}-mark\"}}")).unwrap();
        fs::write(place.temporary().join("t"), "").unwrap();
        let mut started = [started_with(RUN, &run), started_with(MARK, &format!("{run}-mark"))];
        let left = Left::after(&place, &run).unwrap();
        let counts: Vec<_> = left.counts().collect();
        assert_eq!(counts, [("ledger entries", 1), ("processes", 2), ("temporary files", 1)], "{left}");
        for child in &mut started {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(Left::default().with_processes_of(&left.marks).is_empty());
    }
}
