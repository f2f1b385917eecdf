//! Where the killed runs live: folders of their own, so that everything in them is theirs.

use std::{
    fmt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use crate::{failure::Failure, tool};

/// The canary of the next run, which is the quickest.
const QUICK: [&str; 2] = ["--canary", "agent-card"];

/// How a runtime is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    Embedded,
    /// A local command, which also starts a process that leaves its group and its parent.
    Command,
    /// A container of this image.
    Image(String),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Embedded => "embedded",
            Self::Command => "--cmd",
            Self::Image(_) => "--image",
        })
    }
}

/// The folders, and the binary that runs in them.
#[derive(Debug)]
pub(super) struct Place {
    binary: Utf8PathBuf,
    folder: Utf8PathBuf,
    pub(super) needs_engine: bool,
    /// Removes the folder at the end.
    guard: TempDir,
}

impl Place {
    /// Makes the folders, with a copy of the binary: a build during the series must not change it.
    pub(super) fn new(built: &Utf8Path, needs_engine: bool) -> Result<Self, Failure> {
        let guard = tempfile::Builder::new().prefix("kills-").tempdir()?;
        let folder = Utf8PathBuf::from_path_buf(guard.path().canonicalize()?)
            .map_err(|path| Failure::new(format!("the path of {} is not UTF-8", path.display())))?;
        for name in ["runtime", "temporary", "home"] {
            fs::create_dir(folder.join(name))?;
        }
        let binary = folder.join("coalmine");
        fs::copy(built, &binary)?;
        Ok(Self { binary, folder, needs_engine, guard })
    }

    /// Returns the folder of coalmine's ledger.
    pub(super) fn ledger(&self) -> Utf8PathBuf {
        self.folder.join("runtime/coalmine")
    }

    /// Returns the folder for temporary files.
    pub(super) fn temporary(&self) -> Utf8PathBuf {
        self.folder.join("temporary")
    }

    /// Returns the id of a killed run: no other run of this machine has it.
    pub(super) fn run_id(&self, number: usize) -> String {
        let name = self.guard.path().file_name().unwrap_or_default().to_string_lossy();
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-").to_lowercase();
        format!("{name}-{number}")
    }

    /// Starts a run that is to be killed.
    pub(super) fn start(&self, way: &Way, run: &str) -> Result<Child, Failure> {
        Ok(self.run(way, run).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
    }

    /// Returns the time of a whole run, which must be green.
    pub(super) fn time(&self, way: &Way) -> Result<Duration, Failure> {
        let began = Instant::now();
        tool::run_silently(&mut self.run(way, &self.run_id(0)), "a run that nobody killed was not green")?;
        Ok(began.elapsed())
    }

    /// Runs once more, which must be green.
    pub(super) fn next_run(&self, way: &Way, number: usize) -> Result<(), Failure> {
        let mut next = self.run(way, &format!("{}-next", self.run_id(number)));
        tool::run_silently(next.args(QUICK), "the run after a killed one was not green")
    }

    pub(super) fn clean(&self) -> Result<(), Failure> {
        tool::run_silently(self.coalmine().arg("clean"), "`coalmine clean` failed")
    }

    fn run(&self, way: &Way, run: &str) -> Command {
        let out = self.folder.join("out");
        // the first run finds no folder
        let _ = fs::remove_dir_all(&out);
        let mut command = self.coalmine();
        command.args(["run", "--quiet", "--run-id", run, "--out", out.as_str()]);
        match way {
            Way::Embedded => {}
            Way::Command => {
                command.args(["--profile", "reference", "--cmd", &with_daemon(&self.binary)]);
            }
            Way::Image(image) => {
                command.args(["--image", image, "--pull", "never"]);
            }
        }
        command
    }

    fn coalmine(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.join("home"))
            .env("TMPDIR", self.temporary())
            .env("XDG_RUNTIME_DIR", self.folder.join("runtime"))
            .stdin(Stdio::null());
        match (self.needs_engine, std::env::var_os("DOCKER_HOST")) {
            (false, _) => drop(command.env("DOCKER_HOST", "unix:///nonexistent")),
            (true, Some(host)) => drop(command.env("DOCKER_HOST", host)),
            (true, None) => {}
        }
        command
    }
}

/// Returns a command that starts a process which leaves its group and its parent, and then serves the runtime.
fn with_daemon(binary: &Utf8Path) -> String {
    format!(
        "(setsid sleep 600 </dev/null >/dev/null 2>&1 &); exec '{binary}' serve runtime --listen 127.0.0.1:{{port}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_have_ids_that_coalmine_takes() {
        let place = Place::new("/bin/sh".into(), false).unwrap();
        let id = place.run_id(12);
        assert!(id.len() <= 55 && id.ends_with("-12"), "{id}");
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{id}");
        assert_ne!(id, Place::new("/bin/sh".into(), false).unwrap().run_id(12));
    }
}
