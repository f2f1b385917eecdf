//! The peak memory of a run: of `coalmine` and of the runtime that it starts, together.
//!
//! The kernel keeps each process's high-water mark (`VmHWM`), which only grows. It is read again and again until the run
//! ends, and the last marks are added up: pages that the two share count twice, and the two peaks need not fall together,
//! so the sum is never too small but for what the last fraction of a millisecond added.

use std::{
    collections::BTreeMap,
    process::{Child, Command},
    time::Duration,
};

use camino::Utf8PathBuf;

use super::read_proc;
use crate::failure::Failure;

/// Runs the command to its end; the sum of the peaks in bytes, and how many processes there were.
pub(super) fn peak(command: &mut Command) -> Result<(u64, usize), Failure> {
    let failed = || Failure::new("the run whose memory was to be measured was not green");
    let mut child = command.spawn().map_err(|error| failed().because(error))?;
    let mut marks = BTreeMap::new();
    let status = loop {
        look(&child, &mut marks);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_micros(300));
    };
    match status.success() {
        true => Ok((marks.values().sum(), marks.len())),
        false => Err(failed().because(status)),
    }
}

fn look(child: &Child, marks: &mut BTreeMap<u32, u64>) {
    let mut open = vec![child.id()];
    while let Some(process) = open.pop() {
        let folder = Utf8PathBuf::from(format!("/proc/{process}"));
        // a process that is new still shows the memory of the one that forked it
        let is_subject = read_proc(&folder.join("comm")).is_some_and(|name| name.trim() == "coalmine");
        let mark = status_bytes(process, "VmHWM:");
        if let (true, Some(mark)) = (is_subject, mark) {
            marks.insert(process, mark);
        }
        let threads = folder.join("task").read_dir_utf8().into_iter().flatten().flatten();
        for thread in threads {
            let children = read_proc(&thread.path().join("children")).unwrap_or_default();
            open.extend(children.split_ascii_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
}

/// A figure of a process's status such as `VmHWM:` or `VmRSS:`, in bytes.
pub(super) fn status_bytes(process: u32, key: &str) -> Option<u64> {
    bytes(&read_proc(&Utf8PathBuf::from(format!("/proc/{process}/status")))?, key)
}

/// `VmHWM:     9876 kB`, in bytes.
fn bytes(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(bytes("Name:\tx\nVmHWM:\t    9876 kB\nVmRSS:\t 1 kB\n", "VmHWM:"), Some(9876 * 1024));
        assert_eq!(bytes("Name:\tx\n", "VmHWM:"), None);
    }
}
