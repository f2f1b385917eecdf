//! Runs whose reports the checks read with the parsers that others made.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::FOLDER;
use crate::{failure::Failure, repository};

/// The folders of the runs, with what is run, and the exit code.
const RUNS: [(&str, &[&str], i32); 2] = [
    (
        "red",
        &[
            "--canary=agent-card,name-recall,recreate-recall,chancy",
            "--fault=prompt.history-dropped",
            "--repeat=20",
            "--min-pass=0.9",
        ],
        1,
    ),
    ("unjudged", &["--canary=agent-card,name-recall", "--fault=boot.crash-on-message"], 2),
];

/// Makes the runs, and returns the folder that holds their folders. With the seed of one of them, `chancy` passes with failed
/// rounds.
pub(super) fn make() -> Result<Utf8PathBuf, Failure> {
    let reports = repository::target(FOLDER).join("reports");
    let _ = fs_err::remove_dir_all(&reports);
    RUNS.iter().try_for_each(|(name, arguments, code)| run(&reports.join(name), arguments, *code))?;
    Ok(reports)
}

fn run(out: &Utf8Path, arguments: &[&str], code: i32) -> Result<(), Failure> {
    let mut command = Command::new(repository::target("debug/coalmine"));
    let canary = repository::root().join(FOLDER).join("chancy.toml");
    command.args(["run", "--seed", "13", "--out", out.as_str(), "--canaries", canary.as_str()]);
    let done = command.args(arguments).output()?;
    if done.status.code() == Some(code) {
        return Ok(());
    }
    Err(Failure::new(format!("the run whose reports are read ended with {}, not with {code}", done.status))
        .because(String::from_utf8_lossy(&done.stderr)))
}
