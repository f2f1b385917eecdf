//! The processes of a runtime, wherever they have gone.
//!
//! A process can leave its group and its session, and its parent can end. What it started is found all the same: by
//! the mark in its environment, which children inherit, and, while coalmine runs, by descent: coalmine adopts what
//! loses its parent ([`adopt_orphans`]).

use std::{
    collections::BTreeMap,
    io::Read,
    ops::Range,
    time::{Duration, Instant},
};

use nix::unistd::getpid;
use rustix::process::Signal;
#[cfg(target_os = "linux")]
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};

/// The variable that marks the processes of a runtime.
pub(super) const MARK: &str = "COALMINE_PROCESS_MARK";
/// The most bytes of an environment that are searched for the mark.
const MAX_ENVIRONMENT: u64 = 4 << 20;
/// The longest that ending processes may take: some start others faster than they are found.
const WITHIN: Duration = Duration::from_secs(3);
/// The longest that one search waits for processes in the middle of an `exec`.
const EXEC_PATIENCE: Duration = Duration::from_secs(1);
/// The time between two searches.
const INTERVAL: Duration = Duration::from_millis(5);

/// Makes this process adopt the processes that lose their parent among those that it starts, so that a runtime's can be
/// ended with it. Returns whether all processes below this one are then those of a runtime: not if there were some before,
/// or if the system gives it the orphans of others.
pub fn adopt_orphans() -> bool {
    #[cfg(target_os = "linux")]
    {
        let alone = getpid().as_raw() != 1 && below(&table(), getpid().as_raw()).is_empty();
        nix::sys::prctl::set_child_subreaper(true).is_ok() && alone
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// How the processes of a runtime are recognized.
#[derive(Debug, Clone)]
pub(super) struct Family {
    /// The value of [`MARK`]: nobody can guess it.
    pub(super) mark: String,
    /// Whether all processes below this one belong to it.
    pub(super) adopted: bool,
}

impl Family {
    /// Ends all processes of the family; returns whether none is left. Blocks for up to some seconds.
    pub(super) fn end(&self) -> bool {
        let until = Instant::now() + WITHIN;
        // by descent first: to read the environment of a hostile process may take for ever
        let gone = !self.adopted || end_all(until, |table| below(table, getpid().as_raw()));
        if self.mark.is_empty() {
            return gone;
        }
        let mark = format!("{MARK}={}", self.mark);
        gone & end_all(until, |table| {
            let patience = Instant::now() + EXEC_PATIENCE;
            let marked =
                |process: &&Process| !process.ended && is_marked(process.pid, mark.as_bytes(), patience);
            let marked: Vec<i32> = table.values().filter(marked).map(|process| process.pid).collect();
            let below = marked.iter().flat_map(|pid| below(table, *pid));
            marked.iter().copied().chain(below).collect()
        })
    }
}

/// Asks the processes in a sandbox to end, but not the two that make it: the one that was started, and the first process
/// inside.
pub(super) fn ask_to_end_below(top: i32) {
    let table = table();
    for pid in below(&table, top) {
        let line = above(&table, pid);
        if line.iter().position(|pid| *pid == top).is_some_and(|distance| distance > 1)
            && let Some(process) = table.get(&pid)
        {
            process.signal(Signal::TERM);
        }
    }
}

/// Ends the processes that `find` returns until it returns none. Never ends this process or one above it.
fn end_all(until: Instant, find: impl Fn(&BTreeMap<i32, Process>) -> Vec<i32>) -> bool {
    loop {
        let table = table();
        let above = above(&table, getpid().as_raw());
        let mut found = find(&table);
        found.retain(|pid| !above.contains(pid));
        if found.is_empty() {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        for process in found.iter().filter_map(|pid| table.get(pid)) {
            process.signal(Signal::KILL);
        }
        std::thread::sleep(INTERVAL);
    }
}

/// A process, as the system describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    pid: i32,
    parent: i32,
    /// The start time, in the kernel's ticks since boot: the system uses ids again.
    started: u64,
    /// Whether only its entry is left.
    ended: bool,
}

impl Process {
    fn read(pid: i32) -> Option<Self> {
        let stat = stat(pid)?;
        let mut fields = stat.split_ascii_whitespace();
        let state = fields.next()?;
        let (parent, started) = (fields.next()?.parse().ok()?, fields.nth(17)?.parse().ok()?);
        Some(Self { pid, parent, started, ended: matches!(state, "Z" | "X") })
    }

    /// Sends a signal to this process, not to one that has got its id since.
    #[cfg(target_os = "linux")]
    fn signal(&self, signal: Signal) {
        let Some(pid) = Pid::from_raw(self.pid) else { return };
        let Ok(open) = pidfd_open(pid, PidfdFlags::empty()) else { return };
        if Self::read(self.pid).is_some_and(|now| now.started == self.started) {
            // it may have ended by itself
            let _ = pidfd_send_signal(&open, signal);
        }
    }

    /// Does nothing: without `/proc`, no process is found.
    #[cfg(not(target_os = "linux"))]
    fn signal(&self, _: Signal) {}
}

/// Returns what the kernel says of a process, from its state on.
fn stat(pid: i32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name in brackets may hold anything
    Some(stat.rsplit_once(") ")?.1.to_owned())
}

/// Returns all processes, by id.
fn table() -> BTreeMap<i32, Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, Process::read(pid)?))).collect()
}

/// Returns the processes below one that still run.
fn below(table: &BTreeMap<i32, Process>, top: i32) -> Vec<i32> {
    let running = table.values().filter(|process| process.pid != top && !process.ended);
    running.map(|process| process.pid).filter(|pid| above(table, *pid).contains(&top)).collect()
}

/// Returns a process and those above it.
fn above(table: &BTreeMap<i32, Process>, pid: i32) -> Vec<i32> {
    let mut line = vec![pid];
    while let Some(process) = line.last().and_then(|pid| table.get(pid)) {
        // while the table is read, processes come and go: it may contradict itself
        if process.parent == 0 || line.contains(&process.parent) {
            break;
        }
        line.push(process.parent);
    }
    line
}

/// Returns whether a process has a variable in the environment that it was started with.
fn is_marked(pid: i32, variable: &[u8], patience: Instant) -> bool {
    loop {
        let before = environment_range(pid);
        let mut environment = vec![];
        let read = std::fs::File::open(format!("/proc/{pid}/environ"))
            .and_then(|file| file.take(MAX_ENVIRONMENT).read_to_end(&mut environment));
        if environment.split(|byte| *byte == 0).any(|other| other == variable) {
            return true;
        }
        // an `exec` replaces the environment: what was read in its course may be nothing, or the beginning
        let is_whole = before.is_none_or(|range| range.start > 0 && Some(range) == environment_range(pid));
        if read.is_err() || is_whole || Instant::now() > patience {
            return false;
        }
        std::thread::yield_now();
    }
}

/// Returns where the environment of a process is in its memory: at 0 in the middle of an `exec`. `None` for a thread of the
/// kernel and for a process that has ended.
fn environment_range(pid: i32) -> Option<Range<u64>> {
    let stat = stat(pid)?;
    // the fields 50 and 51; the state, with which these begin, is 3
    let mut fields = stat.split_ascii_whitespace().skip(47);
    let range = fields.next()?.parse().ok()?..fields.next()?.parse().ok()?;
    let has_program = || std::fs::read_link(format!("/proc/{pid}/exe")).is_ok();
    (range.start > 0 || has_program()).then_some(range)
}

#[cfg(test)]
pub(super) fn is_running(pid: i32) -> bool {
    Process::read(pid).is_some_and(|process| !process.ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descent_is_followed_and_zombies_are_left_out() {
        let process = |(pid, parent, ended)| (pid, Process { pid, parent, started: 0, ended });
        let all = [(1, 0, false), (5, 1, false), (6, 5, false), (7, 6, true), (8, 6, false), (9, 1, false)];
        let table = all.map(process).into();
        assert_eq!(below(&table, 5), [6, 8]);
        assert_eq!(above(&table, 8), [8, 6, 5, 1]);
        // read while processes came and went
        let circle = [(5, 6, false), (6, 5, false)].map(process).into();
        assert_eq!(above(&circle, 5), [5, 6]);
    }

    #[test]
    fn only_marked_processes_are_ended() {
        let start = |mark: &str| {
            let mut sleep = std::process::Command::new("sleep");
            sleep.arg("300").env(MARK, mark).spawn().unwrap()
        };
        let (mut marked, mut other) = (start("one-of-this-test"), start("another-of-this-test"));
        assert!(Family { mark: "one-of-this-test".into(), adopted: false }.end());
        assert!(!marked.wait().unwrap().success());
        assert_eq!(other.try_wait().unwrap(), None);
        assert!(Family { mark: String::new(), adopted: false }.end(), "no mark marks nothing");
        assert_eq!(other.try_wait().unwrap(), None);
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn process_that_execs_all_the_time_is_found() {
        // each round replaces the program, and with it the environment
        let mut script = std::process::Command::new("sh");
        let again = "i=$1; [ $i = 0 ] || exec sh -c \"$0\" \"$0\" $((i - 1))";
        let mut child =
            script.args(["-c", again, again, "100000"]).env(MARK, "execs-all-the-time").spawn().unwrap();
        assert!(Family { mark: "execs-all-the-time".into(), adopted: false }.end());
        assert_eq!(child.wait().unwrap().code(), None, "it was killed");
    }

    #[test]
    fn id_that_was_given_to_another_process_is_left_alone() {
        let mut sleep = std::process::Command::new("sleep").arg("300").spawn().unwrap();
        let pid = i32::try_from(sleep.id()).unwrap();
        let now = Process::read(pid).unwrap();
        Process { started: now.started + 1, ..now }.signal(Signal::KILL);
        assert_eq!(sleep.try_wait().unwrap(), None);
        now.signal(Signal::KILL);
        assert!(!sleep.wait().unwrap().success());
    }
}
