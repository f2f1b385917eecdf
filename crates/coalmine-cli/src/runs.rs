//! The folders of runs: created empty, kept small, and removed when there are too many.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read},
    time::{Duration, SystemTime},
};

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::{
    event::{Envelope, Event, Verdict},
    untrusted::RegularFile,
};
use coalmine_report::{CODE_QUALITY_FILE, EVENTS_FILE, Fanout, Summary, rebuild, standard_reports};
use fs_err as fs;

use crate::failure::Failure;

/// The folder of all runs whose folder nobody named.
pub(crate) const RUNS_FOLDER: &str = "coalmine-out";
/// The link to the last run.
const LATEST: &str = "latest";
const SUMMARY: &str = "summary.json";
/// The most runs that stay in [`RUNS_FOLDER`].
const MAX_RUNS: usize = 20;
/// The longest first line of `events.ndjson` that is read.
const MAX_LINE: u64 = 1 << 20;
/// The longest `summary.json` that is read.
const MAX_SUMMARY: u64 = 1 << 30;
/// How long the events of a run without a summary must be unchanged until the run counts as killed.
const KILLED_AFTER: Duration = Duration::from_secs(3600);

/// Returns the id, with a number behind it if a run with that id has a folder already: `nightly-2`.
pub(crate) fn free_id(runs: &Utf8Path, id: String) -> String {
    if fs::symlink_metadata(runs.join(&id)).is_err() {
        return id;
    }
    let mut numbered = (2..).map(|number: u32| format!("{id}-{number}"));
    numbered.find(|id| fs::symlink_metadata(runs.join(id)).is_err()).unwrap_or(id)
}

/// Creates a folder that the user named. It must be empty or not exist, so that no evidence is lost.
pub(crate) fn create_named(folder: &Utf8Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    let mut entries = folder.read_dir_utf8().map_err(|error| unwritable(folder, error))?;
    if entries.next().is_some() {
        return Err(Failure::new(format!("the folder `{folder}` of `--out` is not empty"))
            .hint("name a folder that is empty or does not exist"));
    }
    Ok(())
}

/// Creates the folder of a run below [`RUNS_FOLDER`], links `latest` to it and removes the oldest runs, but none of those that
/// are `needed`.
pub(crate) fn create_chosen(folder: &Utf8Path, needed: &[Utf8PathBuf]) -> Result<(), Failure> {
    let (Some(runs), Some(name)) = (folder.parent(), folder.file_name()) else { return Ok(()) };
    fs::create_dir_all(runs).map_err(|error| unwritable(folder, error))?;
    fs::create_dir(folder).map_err(|error| unwritable(folder, error))?;
    // created under another name and renamed, so that `latest` always exists
    let fresh = runs.join(format!(".latest-{name}"));
    let linked =
        std::os::unix::fs::symlink(name, &fresh).and_then(|()| std::fs::rename(&fresh, runs.join(LATEST)));
    // ignore disks without links, and a folder with that name
    let _ = linked.or_else(|_| std::fs::remove_file(&fresh));
    remove_oldest(runs, MAX_RUNS - 1, needed);
    Ok(())
}

/// Removes everything but the reports from the folder of a run in which everything passed.
pub(crate) fn keep_reports(folder: &Utf8Path) {
    let reports = standard_reports(folder);
    let kept: Vec<&str> = reports.iter().flat_map(|report| report.files()).copied().collect();
    let Ok(entries) = folder.read_dir_utf8() else { return };
    for entry in entries.flatten() {
        if ![EVENTS_FILE, CODE_QUALITY_FILE].contains(&entry.file_name())
            && !kept.contains(&entry.file_name())
        {
            // evidence that cannot be removed does not matter
            let _ = remove(entry.path());
        }
    }
    // the page shows evidence and links to it, which is gone
    let _ = rebuild(folder, Fanout::new());
}

/// Removes all finished runs, and returns their folders.
pub(crate) fn remove_all(runs: &Utf8Path) -> Vec<Utf8PathBuf> {
    let removed = remove_oldest(runs, 0, &[]);
    let latest = runs.join(LATEST);
    if fs::symlink_metadata(&latest).is_ok_and(|latest| latest.is_symlink()) && !latest.exists() {
        let _ = fs::remove_file(&latest);
    }
    removed
}

/// Returns the canaries that failed or could not be judged in the last run.
pub(crate) fn last_failed(runs: &Utf8Path) -> Result<Vec<String>, Failure> {
    let file = runs.join(LATEST).join(SUMMARY);
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::new(format!("could not read the last run from `{file}`"))
            .because(error)
            .hint("run in the folder of the last run, and without `--out`; or name canaries with `--canary`")
    };
    let bytes = summary(&runs.join(LATEST)).map_err(|error| unreadable(&error))?;
    let summary: Summary = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
    let is_red = |verdict| matches!(verdict, Verdict::Fail | Verdict::Error);
    let red = summary.canaries.into_iter().filter(|canary| is_red(canary.verdict));
    let ids: Vec<String> = red.map(|canary| canary.id).collect();
    if ids.is_empty() {
        return Err(Failure::new(format!("no canary failed in the last run, `{}`", summary.run.id))
            .hint("leave out `--last-failed` to run all canaries"));
    }
    Ok(ids)
}

/// Reads the summary of a run.
pub(crate) fn summary(folder: &Utf8Path) -> std::io::Result<Vec<u8>> {
    RegularFile::open(&folder.join(SUMMARY))?.read_whole(MAX_SUMMARY)
}

/// Removes all finished runs except the `kept` newest and those that are `needed`, and returns their folders.
fn remove_oldest(runs: &Utf8Path, kept: usize, needed: &[Utf8PathBuf]) -> Vec<Utf8PathBuf> {
    let is_needed = |folder: &Utf8Path| needed.iter().any(|needed| is_same(folder, needed));
    let Ok(entries) = runs.read_dir_utf8() else { return Vec::new() };
    let folders = entries.flatten().map(|entry| entry.into_path());
    let mut finished: Vec<_> = folders.filter_map(|folder| Some((finished_at(&folder)?, folder))).collect();
    finished.sort();
    let surplus = finished.len().saturating_sub(kept);
    finished
        .into_iter()
        .take(surplus)
        .map(|(_, folder)| folder)
        .filter(|folder| !is_needed(folder) && remove(folder).is_ok())
        .collect()
}

/// Returns whether two paths lead to the same folder.
fn is_same(one: &Utf8Path, other: &Utf8Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Returns when the run in a folder ended, if the folder is that of a run which does not go on.
fn finished_at(folder: &Utf8Path) -> Option<SystemTime> {
    let events = folder.join(EVENTS_FILE);
    if !fs::symlink_metadata(folder).ok()?.is_dir() || !is_of_run(&events) {
        return None;
    }
    let changed = fs::metadata(&events).ok()?.modified().ok()?;
    let is_killed = || changed.elapsed().is_ok_and(|since| since >= KILLED_AFTER);
    (folder.join(SUMMARY).is_file() || is_killed()).then_some(changed)
}

/// Returns whether a file begins with the first event of a run.
fn is_of_run(events: &Utf8Path) -> bool {
    let Ok(file) = RegularFile::open(events) else { return false };
    let mut line = String::new();
    let read = BufReader::new(file.into_file()).take(MAX_LINE).read_line(&mut line);
    let first = read.ok().and_then(|_| serde_json::from_str::<Envelope>(&line).ok());
    first.is_some_and(|first| matches!(first.event, Event::RunStarted(_)))
}

/// Removes a file or a folder. A link is removed, not followed.
fn remove(path: &Utf8Path) -> std::io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn unwritable(folder: &Utf8Path, error: std::io::Error) -> Failure {
    let exists = error.kind() == ErrorKind::AlreadyExists;
    let failure = Failure::new(format!("could not create `{folder}`")).because(error);
    if exists { failure.hint("another run took the name just now: run again") } else { failure }
}

#[cfg(test)]
mod tests {
    use coalmine::event::{ModelMode, RunInfo, RunStarted, TargetInfo, TargetKind};
    use tempfile::TempDir;

    use super::*;

    fn folder() -> (TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        (folder, path)
    }

    fn first_event() -> String {
        let event = Event::RunStarted(RunStarted {
            run: RunInfo {
                id: "r".into(),
                seed: 1,
                started_at: String::new(),
                version: String::new(),
                model: ModelMode::Simulated,
                arguments: vec![],
                asked: vec![],
                jobs: 6,
                strict: false,
                shard: None,
            },
            target: TargetInfo {
                kind: TargetKind::Embedded,
                subject: None,
                image: None,
                image_digest: None,
                profile: "reference".into(),
                dialect: None,
            },
            out: String::new(),
            canaries: vec![],
            baseline: None,
        });
        serde_json::to_string(&Envelope { seq: 0, at_ms: 0, event }).unwrap() + "\n"
    }

    /// Creates the folder of a finished run whose events are `age` seconds old.
    fn run(runs: &Utf8Path, name: &str, age: u64) {
        let folder = runs.join(name);
        fs::create_dir_all(folder.join("wire")).unwrap();
        fs::write(folder.join(SUMMARY), "{}").unwrap();
        let events = fs::File::create(folder.join(EVENTS_FILE)).unwrap();
        fs::write(folder.join(EVENTS_FILE), first_event()).unwrap();
        events.file().set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }

    fn names(runs: &Utf8Path) -> Vec<String> {
        let mut names: Vec<_> =
            runs.read_dir_utf8().unwrap().flatten().map(|entry| entry.file_name().to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_id_in_use_gets_a_number() {
        let (_guard, runs) = folder();
        assert_eq!(free_id(&runs, "nightly".into()), "nightly");
        run(&runs, "nightly", 0);
        assert_eq!(free_id(&runs, "nightly".into()), "nightly-2");
        run(&runs, "nightly-2", 0);
        assert_eq!(free_id(&runs, "nightly".into()), "nightly-3");
    }

    #[test]
    fn only_the_oldest_runs_are_removed() {
        let (_guard, runs) = folder();
        for age in 0..4 {
            run(&runs, &format!("run-{age}"), 100 + age);
        }
        fs::create_dir(runs.join("notes")).unwrap();
        fs::write(runs.join("notes").join(EVENTS_FILE), "no events\n").unwrap();
        run(&runs, "going-on", 200);
        fs::remove_file(runs.join("going-on").join(SUMMARY)).unwrap();
        assert_eq!(remove_oldest(&runs, 2, &[]), [runs.join("run-3"), runs.join("run-2")]);
        assert_eq!(names(&runs), ["going-on", "notes", "run-0", "run-1"]);
        run(&runs, "killed", 2 * KILLED_AFTER.as_secs());
        fs::remove_file(runs.join("killed").join(SUMMARY)).unwrap();
        assert_eq!(remove_all(&runs).len(), 3);
        assert_eq!(names(&runs), ["going-on", "notes"]);
    }

    #[test]
    fn what_is_needed_stays_however_old_it_is() {
        let (_guard, runs) = folder();
        for age in 0..4 {
            run(&runs, &format!("run-{age}"), 100 + age);
        }
        // named in another way, and through a link
        std::os::unix::fs::symlink("run-2", runs.join(LATEST)).unwrap();
        let needed = [runs.join("run-1/../run-3"), runs.join(LATEST)];
        assert_eq!(remove_oldest(&runs, 1, &needed), [runs.join("run-1")]);
        assert_eq!(names(&runs), ["latest", "run-0", "run-2", "run-3"]);
    }

    #[test]
    fn a_link_to_a_run_is_not_followed() {
        let (_guard, runs) = folder();
        let (_elsewhere, other) = folder();
        run(&other, "mine", 100);
        std::os::unix::fs::symlink(other.join("mine"), runs.join("linked")).unwrap();
        assert!(remove_all(&runs).is_empty());
        assert!(other.join("mine").join(SUMMARY).exists());
    }

    #[test]
    fn a_green_run_keeps_its_reports() {
        let (_guard, runs) = folder();
        run(&runs, "green", 0);
        fs::write(runs.join("green/journal.ndjson"), "").unwrap();
        fs::write(runs.join("green/junit.xml"), "").unwrap();
        keep_reports(&runs.join("green"));
        assert_eq!(names(&runs.join("green")), ["events.ndjson", "junit.xml", "report.html", "summary.json"]);
    }
}
