//! The processes of a run, found by the mark that each of them carries.

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// A process that carries a run's mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) command: String,
}

/// The living processes that carry the mark of a run.
pub(crate) fn processes_of(run: &str) -> Vec<Process> {
    let mark = format!("COALMINE_RUN_ID={run}");
    let mut found = vec![];
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        let carries = read("environ").split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
        // one that has ended and was not yet taken notice of is gone
        let is_gone =
            String::from_utf8_lossy(&read("stat")).rsplit(") ").next().unwrap_or("Z").starts_with('Z');
        if carries && !is_gone {
            let command = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ").trim().to_owned();
            found.push(Process { pid, command });
        }
    }
    found
}

/// Sees that nothing is left of a run, whatever a test did.
pub(crate) struct Mourner(pub(crate) &'static str);

impl Drop for Mourner {
    fn drop(&mut self) {
        for process in processes_of(self.0) {
            let _ = kill(Pid::from_raw(process.pid), Signal::SIGKILL);
        }
    }
}

/// Ends one process at once.
pub(crate) fn slay(process: &Process) {
    kill(Pid::from_raw(process.pid), Signal::SIGKILL).unwrap();
}
