//! A `coalmine run` with a folder and a name of its own, which is removed completely at the end.

use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{COALMINE, Ended, docker, ending, wait};

/// The four classical canaries and the diagnostics: enough for tests that are not about other canaries.
const CLASSICAL: &str = include_str!("../../classical-canaries.txt").trim_ascii();

/// A started run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    folder: TempDir,
    child: Option<Child>,
}

impl Run {
    /// Starts `coalmine run --image <image>` with more arguments.
    pub(crate) fn start(image: &str, arguments: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = format!("test-{}-{count}", std::process::id());
        let folder = tempfile::tempdir().unwrap();
        let few: &[&str] = if arguments.contains(&"--canary") { &[] } else { &["--canary", CLASSICAL] };
        let child = Command::new(COALMINE)
            .args(["run", "--image", image, "--pull", "never", "--run-id", &id, "--out"])
            .arg(folder.path())
            .args(few)
            .args(arguments)
            // credentials that must not reach the container
            .env("OPENAI_API_KEY", "sk-of-the-host")
            .env("ANTHROPIC_API_KEY", "sk-of-the-host")
            .env("AWS_SECRET_ACCESS_KEY", "sk-of-the-host")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { id, folder, child: Some(child) }
    }

    /// Starts a run and waits for its end.
    pub(crate) fn to_the_end(image: &str, arguments: &[&str]) -> (Self, Ended) {
        let mut run = Self::start(image, arguments);
        let ended = run.wait();
        (run, ended)
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> Ended {
        wait(self.child.take().unwrap())
    }

    /// Sends a signal to `coalmine`.
    pub(crate) fn signal(&self, name: &str) {
        ending::signal(self.child.as_ref().unwrap().id(), name);
    }

    /// Returns whether the run has written its first event.
    pub(crate) fn has_begun(&self) -> bool {
        self.folder.path().join("events.ndjson").metadata().is_ok_and(|file| file.len() > 0)
    }

    /// Returns a filter for the label of everything that this run owns.
    pub(crate) fn filter(&self) -> String {
        format!("label=coalmine.run={}", self.id)
    }

    /// Returns a path in the run's folder.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Returns a file of the run's folder.
    pub(crate) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Returns `summary.json`.
    pub(crate) fn summary(&self) -> Value {
        serde_json::from_str(&self.file("summary.json")).unwrap()
    }

    /// Returns the sentence of the finding with this code.
    pub(crate) fn finding(&self, code: &str) -> Option<String> {
        let summary = self.summary();
        let found = summary["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code)?;
        Some(found["sentence"].as_str().unwrap().to_owned())
    }

    /// Returns the canaries with this verdict.
    pub(crate) fn canaries(&self, verdict: &str) -> Vec<String> {
        let summary = self.summary();
        let canaries = summary["canaries"].as_array().unwrap();
        let chosen = canaries.iter().filter(|canary| canary["verdict"] == verdict);
        chosen.map(|canary| canary["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// Removes everything of the run, in case the test failed before its end.
impl Drop for Run {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let filter = self.filter();
        for container in docker(&["ps", "--all", "--quiet", "--filter", &filter]).lines() {
            docker(&["rm", "--force", "--volumes", container]);
        }
        for network in docker(&["network", "ls", "--quiet", "--filter", &filter]).lines() {
            docker(&["network", "rm", network]);
        }
        for volume in docker(&["volume", "ls", "--quiet", "--filter", &filter]).lines() {
            docker(&["volume", "rm", "--force", volume]);
        }
    }
}
