//! Programs that chores call.

use std::process::{Command, Stdio};

use crate::{failure::Failure, repository};

/// Returns the cargo that runs this chore.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(repository::root());
    cargo
}

/// Returns the command-line client of the container engine, with the classic builder.
pub(crate) fn docker() -> Command {
    let mut docker = Command::new("docker");
    docker.env("DOCKER_BUILDKIT", "0").stdin(Stdio::null());
    docker
}

/// Fails if no container engine answers.
pub(crate) fn need_engine() -> Result<(), Failure> {
    let failure = || Failure::new("no container engine answers").hint("start Docker, or set `DOCKER_HOST`");
    let asked = docker().args(["version", "--format", "{{.Server.Version}}"]).output();
    match asked {
        Ok(answer) if answer.status.success() => Ok(()),
        Ok(answer) => Err(failure().because(String::from_utf8_lossy(&answer.stderr).trim())),
        Err(error) => Err(failure().because(format_args!("`docker` could not be started: {error}"))),
    }
}

/// Returns the start of a command that builds an image; more arguments and the context must follow.
pub(crate) fn docker_build(tag: &str) -> Command {
    let mut build = docker();
    // stdout is for results
    build.args(["build", "--tag", tag]).stdout(std::io::stderr());
    build
}

/// Returns the image's size in bytes, or `None` if there is no such image.
pub(crate) fn image_size(image: &str) -> Option<u64> {
    let asked = docker().args(["image", "inspect", "--format", "{{.Size}}", image]).output().ok()?;
    String::from_utf8_lossy(&asked.stdout).trim().parse().ok()
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(what).because(format_args!("{} {status}", name(command)))),
        Err(error) => Err(Failure::new(what).because(format_args!("{}: {error}", name(command)))),
    }
}

/// Runs a command to its end and prints its output only if it fails.
pub(crate) fn run_silently(command: &mut Command, what: &str) -> Result<(), Failure> {
    let failed = |cause: String| Err(Failure::new(what).because(cause));
    match command.stdout(Stdio::piped()).stderr(Stdio::piped()).output() {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => {
            failed(format!("{} {}\n{}", name(command), done.status, String::from_utf8_lossy(&done.stderr)))
        }
        Err(error) => failed(format!("{}: {error}", name(command))),
    }
}

/// Runs a command to its end and returns its stdout.
pub(crate) fn output(command: &mut Command, what: &str) -> Result<String, Failure> {
    let failed = |cause: String| Failure::new(what).because(format_args!("{cause}"));
    let done = command.stderr(Stdio::inherit()).output();
    let done = done.map_err(|error| failed(format!("{}: {error}", name(command))))?;
    if !done.status.success() {
        return Err(failed(format!("{} {}", name(command), done.status)));
    }
    String::from_utf8(done.stdout).map_err(|error| failed(error.to_string()))
}

fn name(command: &Command) -> String {
    format!("`{}`", command.get_program().to_string_lossy())
}
