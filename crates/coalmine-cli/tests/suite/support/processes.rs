//! The processes of a run, found by a variable in their environment.

use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};

/// A process of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) command: String,
}

/// Returns the running processes of a run.
pub(crate) fn processes_of(run: &str) -> Vec<Process> {
    let variable = format!("COALMINE_RUN_ID={run}");
    let mut found = vec![];
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let belongs = read("environ").split(|byte| *byte == 0).any(|other| other == variable.as_bytes());
        // a zombie has ended
        let is_gone =
            String::from_utf8_lossy(&read("stat")).rsplit(") ").next().unwrap_or("Z").starts_with('Z');
        if belongs && !is_gone {
            let command = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ").trim().to_owned();
            found.push(Process { pid, command });
        }
    }
    found
}

/// Kills all processes of a run when it is dropped.
pub(crate) struct KillOnDrop(pub(crate) &'static str);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        for process in processes_of(self.0) {
            let _ = signal::kill(Pid::from_raw(process.pid), Signal::SIGKILL);
        }
    }
}

/// Kills a process.
pub(crate) fn kill(process: &Process) {
    signal::kill(Pid::from_raw(process.pid), Signal::SIGKILL).unwrap();
}
