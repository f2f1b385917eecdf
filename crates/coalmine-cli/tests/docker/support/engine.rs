//! The engine, asked through its command line: what is there, and what is left of a run.

use std::{
    process::Command,
    time::{Duration, Instant},
};

/// The longest wait for something that the engine does.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a `docker` command prints, trimmed; nothing where it fails.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let done = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// Whether an engine answers.
pub(super) fn answers() -> bool {
    let asked = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// The containers and networks that bear a run's label.
pub(crate) fn leftovers(run: &str) -> Vec<String> {
    let label = format!("label=coalmine.run={run}");
    let containers = docker(&["ps", "--all", "--quiet", "--filter", &label]);
    let networks = docker(&["network", "ls", "--quiet", "--filter", &label]);
    let lines = |text: &str, what: &str| -> Vec<String> {
        text.lines().map(|line| format!("{what} {line}")).collect()
    };
    [lines(&containers, "container"), lines(&networks, "network")].concat()
}

/// Asks the engine until it says something; each question takes it a while, which is pause enough.
pub(crate) fn until(what: &str, question: &[&str]) -> String {
    let began = Instant::now();
    loop {
        let answer = docker(question);
        if !answer.is_empty() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not come: `docker {}`", question.join(" "));
    }
}
