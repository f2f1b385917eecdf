//! A world that a check talks to.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use crate::{failure::Failure, repository};

/// A running `coalmine serve world`, killed when dropped.
pub(super) struct World {
    child: Child,
    url: String,
}

impl World {
    pub(super) fn start() -> Result<Self, Failure> {
        let mut command = Command::new(repository::target("debug/coalmine").as_str());
        command.args(["serve", "world"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        Ok(Self { child, url: format!("http://{}", line.trim()) })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
