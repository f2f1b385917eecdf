//! Runs of the reference runtime, each in a process of its own: exactly what a user would start.

use std::{path::PathBuf, process::Stdio};

use camino::Utf8Path;
use coalmine::run::Interrupt;
use coalmine_report::{Summary, read_summary};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::failure::Failure;

/// What starts runs, and where they write.
pub(super) struct Subject {
    program: PathBuf,
    folder: TempDir,
}

impl Subject {
    pub(super) fn new() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::new("could not prepare the self-test").because(error);
        Ok(Self {
            program: std::env::current_exe().map_err(failed)?,
            folder: tempfile::Builder::new().prefix("coalmine-selftest-").tempdir().map_err(failed)?,
        })
    }

    /// Runs all canaries, or those that the arguments select; `None` if the run was interrupted.
    pub(super) async fn judge(
        &self,
        name: &str,
        arguments: &[String],
        interrupt: &Interrupt,
    ) -> Result<Option<Summary>, Failure> {
        if interrupt.is_cancelled() {
            return Ok(None);
        }
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(format!("the self-test could not run `{name}`")).because(error)
        };
        let root =
            Utf8Path::from_path(self.folder.path()).ok_or_else(|| failed(&"a path that is not UTF-8"))?;
        let out = root.join(name);
        let mut command = Command::new(&self.program);
        // a `coalmine.toml` of the current folder, and the id of a run that this is part of, are not meant for it
        command.current_dir(root).env_remove("CANARY_RUN_ID");
        command.args(["run", "--quiet", "--ci", "none", "--out", out.as_str()]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        // an interrupt of the terminal goes to all processes, and is passed on to this one all the same
        let child = command.process_group(0).spawn().map_err(|error| failed(&error))?;
        let Some(said) = end(child, interrupt).await.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        let summary = read_summary(&out).map_err(|error| match said.trim() {
            "" => failed(&error),
            said => failed(&said),
        })?;
        // hundreds of runs would fill a small disk
        let _ = std::fs::remove_dir_all(&out);
        Ok(Some(summary))
    }
}

/// Waits for the end of a run, and returns what it printed for people; `None` if it was interrupted.
async fn end(child: Child, interrupt: &Interrupt) -> std::io::Result<Option<String>> {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let mut output = std::pin::pin!(child.wait_with_output());
    tokio::select! {
        ended = &mut output => Ok(Some(String::from_utf8_lossy(&ended?.stderr).into_owned())),
        () = interrupt.cancelled() => {
            // it takes down what it started
            if let Some(pid) = pid {
                let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
            }
            output.await?;
            Ok(None)
        }
    }
}
