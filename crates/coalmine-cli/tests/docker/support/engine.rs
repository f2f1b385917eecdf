//! Questions to the container engine, through its command line.

use std::{
    process::Command,
    time::{Duration, Instant},
};

/// The longest wait for the engine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Returns what a `docker` command prints, trimmed. If it fails, the text is empty.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let done = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// Returns whether an engine answers.
pub(super) fn answers() -> bool {
    let asked = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// Returns the containers, networks and volumes with the label of a run.
pub(crate) fn leftovers(run: &str) -> Vec<String> {
    let label = format!("label=coalmine.run={run}");
    let containers = docker(&["ps", "--all", "--quiet", "--filter", &label]);
    let networks = docker(&["network", "ls", "--quiet", "--filter", &label]);
    let volumes = docker(&["volume", "ls", "--quiet", "--filter", &label]);
    let lines = |text: &str, what: &str| -> Vec<String> {
        text.lines().map(|line| format!("{what} {line}")).collect()
    };
    [lines(&containers, "container"), lines(&networks, "network"), lines(&volumes, "volume")].concat()
}

/// Asks the engine until its answer is not empty. No pause is needed, because each question takes a while.
pub(crate) fn until(what: &str, question: &[&str]) -> String {
    let began = Instant::now();
    loop {
        let answer = docker(question);
        if !answer.is_empty() {
            return answer;
        }
        assert!(began.elapsed() < TIMEOUT, "{what} did not come: `docker {}`", question.join(" "));
    }
}
