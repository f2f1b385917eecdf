//! The peak memory of a run: of `coalmine` and of the runtime that it starts, together.
//!
//! The two run the same binary, whose pages are in memory once. So what counts is the proportional share (`Pss`) of each
//! process, read again and again until the run ends. A peak of less than a millisecond may be missed; the sum of the kernel's
//! high-water marks (`VmHWM`), in which shared pages count twice, bounds it from above.

use std::{
    collections::BTreeMap,
    process::{Child, Command},
    time::Duration,
};

use camino::Utf8PathBuf;

use crate::{failure::Failure, proc};

/// The memory of a run's processes.
#[derive(Debug)]
pub(super) struct Peak {
    /// The most that the processes had together.
    pub(super) bytes: u64,
    /// The sum of their high-water marks.
    pub(super) bound: u64,
    pub(super) processes: usize,
}

/// Runs the command to its end and returns its peak memory.
pub(super) fn peak(command: &mut Command) -> Result<Peak, Failure> {
    let failed = || Failure::new("the measured run was not green");
    let mut child = command.spawn().map_err(|error| failed().because(error))?;
    let (mut marks, mut bytes) = (BTreeMap::new(), 0);
    let status = loop {
        bytes = bytes.max(read(&child, &mut marks));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_micros(300));
    };
    if !status.success() {
        return Err(failed().because(status));
    }
    Ok(Peak { bytes, bound: marks.values().sum(), processes: marks.len() })
}

/// Reads the marks of a process and its descendants, and returns what they have together.
fn read(child: &Child, marks: &mut BTreeMap<u32, u64>) -> u64 {
    let mut open = vec![child.id()];
    let mut bytes = 0;
    while let Some(process) = open.pop() {
        let folder = Utf8PathBuf::from(format!("/proc/{process}"));
        // a new process still shows the memory of the one that forked it
        let is_subject = proc::read(&folder.join("comm")).is_some_and(|name| name.trim() == "coalmine");
        let mark = proc::status_bytes(process, "VmHWM:");
        if let (true, Some(mark)) = (is_subject, mark) {
            marks.insert(process, mark);
            bytes += proc::share(process).unwrap_or_default();
        }
        let threads = folder.join("task").read_dir_utf8().into_iter().flatten().flatten();
        for thread in threads {
            let children = proc::read(&thread.path().join("children")).unwrap_or_default();
            open.extend(children.split_ascii_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
    bytes
}
