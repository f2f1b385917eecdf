//! The measured servers, each in a process of its own.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use camino::Utf8Path;

use crate::{failure::Failure, proc, repository};

/// A running server, killed when dropped.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts the simulated world as it is shipped, with its journal on.
    pub(super) fn world(journal: &Utf8Path) -> Result<Self, Failure> {
        let mut command = Command::new(repository::target("release/coalmine"));
        command.args(["serve", "world", "--journal", journal.as_str()]);
        Self::start(command)
    }

    /// Starts the bare handler, which is this very program.
    pub(super) fn bare(answer_bytes: usize) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "bare", &answer_bytes.to_string()]);
        Self::start(command)
    }

    /// Starts a server that prints its address in a line on stdout.
    pub(super) fn start(mut command: Command) -> Result<Self, Failure> {
        let failed = || Failure::new(format!("{} did not start", command.get_program().to_string_lossy()));
        let failed = failed();
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.map_err(|error| failed.because(error))?;
        let Some(stdout) = child.stdout.take() else { return Err(Failure::new("a server has no stdout")) };
        let mut stdout = BufReader::new(stdout);
        match address(&mut stdout) {
            Some(address) => {
                // what it prints later must not fill its pipe
                std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
                Ok(Self { child, address })
            }
            None => {
                let _ = child.kill();
                let _ = child.wait();
                Err(Failure::new("a server printed no address"))
            }
        }
    }

    /// Returns the resident memory in bytes.
    pub(super) fn memory(&self) -> Result<u64, Failure> {
        let memory = proc::status_bytes(self.child.id(), "VmRSS:");
        memory.ok_or_else(|| Failure::new("could not read the memory of a server"))
    }
}

/// Returns the first address that a server prints.
fn address(stdout: &mut impl BufRead) -> Option<SocketAddr> {
    for line in stdout.lines() {
        let line = line.ok()?;
        let last = line.rsplit(['/', ' ']).next().unwrap_or_default();
        if let Ok(address) = last.parse() {
            return Some(address);
        }
    }
    None
}

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
