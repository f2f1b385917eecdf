//! What an attack left where it must not be: processes, state, entries of the ledger, and files outside of the run.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{place::Place, truth::Expected};

/// How long a process that was killed may take to disappear.
const GRACE: Duration = Duration::from_secs(1);
/// Files that the attack notes something in.
const NOTES: [&str; 9] = [
    "caught",
    "secrets",
    "environment",
    "bound",
    "refused",
    "precious",
    "coalmine.toml",
    "profile.toml",
    "generic.toml",
];

/// Returns what was left. Processes that were left are ended.
pub(super) fn after(place: &Place, expected: &Expected) -> Vec<String> {
    let mut left = vec![];
    let began = Instant::now();
    let processes = loop {
        let processes = processes(place);
        if processes.is_empty() || began.elapsed() > GRACE {
            break processes;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    for (pid, command) in processes {
        left.push(format!("the process {pid} is left: {command}"));
        // it carries the mark, so it is one of this attack
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
    let mut files = |what: &str, folder: &Utf8Path, allowed: &[&str]| {
        let names = names_in(folder);
        left.extend(
            names
                .iter()
                .filter(|name| !allowed.contains(&name.as_str()))
                .map(|name| format!("{what}: {name}")),
        );
    };
    files("entry of the ledger", &place.ledger(), &[]);
    files("temporary file", &place.temporary(), &[]);
    let writes: Vec<&str> = expected.writes.iter().map(String::as_str).collect();
    files("written outside of the run", &place.work(), &[&["out"], &writes[..]].concat());
    files("written outside of the run", &place.own(""), &[&NOTES[..], &writes].concat());
    files("written outside of the run", place.root(), &["a", "own", "runtime", "temporary", "home"]);
    let mut inner = place.root().join("a");
    while inner != place.work() {
        let next = place
            .work()
            .strip_prefix(&inner)
            .ok()
            .and_then(|rest| rest.iter().next())
            .unwrap_or_default()
            .to_owned();
        files("written outside of the run", &inner, &[&next]);
        inner.push(next);
    }
    if fs::read_to_string(place.own("precious")).is_ok_and(|text| text != "behind-the-link-Waltz97") {
        left.push("a file was written through a link".to_owned());
    }
    if !expected.caught && place.own("caught").exists() {
        left.push("another port was called, to which the runtime led".to_owned());
    }
    left
}

/// Returns the names in a folder; none if the folder does not exist.
fn names_in(folder: &Utf8Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Returns the running processes of an attack, by its mark in their environment or arguments, or by their folder.
fn processes(place: &Place) -> Vec<(i32, String)> {
    let mark = place.mark().as_bytes();
    let mut processes = vec![];
    for pid in names_in(Utf8Path::new("/proc")).iter().filter_map(|name| name.parse::<i32>().ok()) {
        let folder = Utf8PathBuf::from(format!("/proc/{pid}"));
        // of a process that has ended, nothing can be read
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap_or_default();
        let command = read("cmdline");
        let holds = |text: &[u8]| text.windows(mark.len()).any(|window| window == mark);
        let is_inside = folder.join("cwd").read_link_utf8().is_ok_and(|cwd| cwd.starts_with(place.root()));
        let is_zombie = String::from_utf8_lossy(&read("stat"))
            .rsplit_once(") ")
            .is_none_or(|(_, rest)| rest.starts_with('Z'));
        if !is_zombie && (is_inside || holds(&command) || holds(&read("environ"))) {
            processes.push((pid, String::from_utf8_lossy(&command).replace('\0', " ").trim().to_owned()));
        }
    }
    processes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::started_with;

    fn expected() -> Expected {
        toml::from_str("about = 'x'\nexit = 0\n").unwrap()
    }

    #[test]
    fn everything_that_is_left_is_found() {
        let place = Place::new("/bin/sh".into(), "test-strays").unwrap();
        assert_eq!(after(&place, &expected()), [""; 0]);
        fs::create_dir_all(place.ledger().join("entry")).unwrap();
        for path in [
            place.temporary().join("state"),
            place.work().join("x"),
            place.work().join("../../y"),
            place.own("escaped"),
        ] {
            fs::write(path, "").unwrap();
        }
        fs::write(place.own("caught"), "GET /").unwrap();
        fs::write(place.own("precious"), "overwritten").unwrap();
        let mut marked = started_with("M", place.mark());
        let left = after(&place, &expected());
        assert_eq!(left.len(), 8, "{left:#?}");
        assert!(left[0].contains("read -r line"), "{left:?}");
        marked.wait().unwrap();
        place.remove().unwrap();
    }
}
