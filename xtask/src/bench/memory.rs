//! The peak memory of a run: of `coalmine` and of the runtime that it starts, together.
//!
//! The kernel keeps each process's high-water mark (`VmHWM`), which only grows. It is read again and again until the run
//! ends, and the last marks are added up. The sum is an upper bound, except for what is added in the last fraction of a
//! millisecond: pages that the two share count twice, and the two peaks need not coincide.

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
    /// The sum of the processes' high-water marks.
    pub(super) bytes: u64,
    pub(super) processes: usize,
}

/// Runs the command to its end and returns its peak memory.
pub(super) fn peak(command: &mut Command) -> Result<Peak, Failure> {
    let failed = || Failure::new("the measured run was not green");
    let mut child = command.spawn().map_err(|error| failed().because(error))?;
    let mut marks = BTreeMap::new();
    let status = loop {
        read_marks(&child, &mut marks);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_micros(300));
    };
    if !status.success() {
        return Err(failed().because(status));
    }
    Ok(Peak { bytes: marks.values().sum(), processes: marks.len() })
}

/// Reads the marks of a process and its descendants.
fn read_marks(child: &Child, marks: &mut BTreeMap<u32, u64>) {
    let mut open = vec![child.id()];
    while let Some(process) = open.pop() {
        let folder = Utf8PathBuf::from(format!("/proc/{process}"));
        // a new process still shows the memory of the one that forked it
        let is_subject = proc::read(&folder.join("comm")).is_some_and(|name| name.trim() == "coalmine");
        let mark = proc::status_bytes(process, "VmHWM:");
        if let (true, Some(mark)) = (is_subject, mark) {
            marks.insert(process, mark);
        }
        let threads = folder.join("task").read_dir_utf8().into_iter().flatten().flatten();
        for thread in threads {
            let children = proc::read(&thread.path().join("children")).unwrap_or_default();
            open.extend(children.split_ascii_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
}
