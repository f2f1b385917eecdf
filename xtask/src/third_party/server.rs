//! A third-party server, judged by coalmine.

use std::process::Command;

use camino::Utf8PathBuf;

use super::expected::{Mode, Modes};
use crate::{failure::Failure, packages::Packages, repository};

/// A server in one of its modes.
pub(super) struct Server<'a> {
    /// `<folder>/<mode>`.
    pub(super) full_name: String,
    /// The name of the mode.
    pub(super) name: &'a str,
    pub(super) mode: &'a Mode,
    pub(super) packages: &'a Packages,
    /// All modes of the folder.
    pub(super) modes: &'a Modes,
}

impl Server<'_> {
    /// Runs coalmine on the server and compares its verdicts with what is expected.
    pub(super) fn judge(&self) -> Result<(), Failure> {
        let out: Utf8PathBuf = repository::target("third-party/out").join(&self.full_name);
        // what an earlier run left must not be taken for this one's
        let _ = fs_err::remove_dir_all(&out);
        let server = self.packages.program(self.mode.server.as_deref().unwrap_or("server"))?;
        let command = self.packages.words(&server).map(|word| format!("'{word}'")).join(" ");
        let profile = self.packages.folder().join("profile.toml");
        let mut run = Command::new(repository::target("release/coalmine").as_str());
        run.args(["run", "--quiet", "--cmd", &command, "--env", &format!("MODE={}", self.name)]);
        run.args(["--profile", profile.as_str(), "--out", out.as_str()]);
        let done = run.output()?;
        let summary = fs_err::read(out.join("summary.json")).ok();
        let summary = summary.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
            Failure::new("coalmine wrote no summary").because(String::from_utf8_lossy(&done.stderr).trim())
        })?;
        let departures = self.modes.departures(self.mode, &summary);
        if departures.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("{} was judged wrongly", self.full_name))
            .because(departures.join("\n         "))
            .hint(format!("look at the evidence in {out}")))
    }
}
