//! The images that the tests judge.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::OnceLock,
};

use super::{REFERENCE, ROOT, engine::docker};

/// Builds the images if they are not up to date, once per process.
pub(super) fn ensure() {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    if let Err(cause) = BUILT.get_or_init(build) {
        panic!("`cargo xtask image` failed:\n{cause}");
    }
}

fn build() -> Result<(), String> {
    // written past the capture of the test harness, because the first build takes minutes
    let _ = writeln!(std::io::stderr(), "docker tests: building the images (`cargo xtask image`)");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["xtask", "image"]).current_dir(ROOT).stdin(Stdio::null());
    let done = build.output().map_err(|error| error.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

/// The image with a shell that `docker/base-python.sh` makes.
const WITH_SHELL: &str = "coalmine/base-python:bookworm";

/// Builds an image in which a shell runs a script, with `coalmine` at hand. Returns whether it could: without
/// the image that it is built on, the test is skipped.
pub(crate) fn build_with_shell(tag: &str, script: &str) -> bool {
    if docker(&["image", "inspect", "--format", "{{.Id}}", WITH_SHELL]).is_empty() {
        let _ = writeln!(std::io::stderr(), "SKIPPED {tag}: run `docker/base-python.sh` first");
        return false;
    }
    let entry = serde_json::json!(["sh", "-c", script]);
    let dockerfile = format!(
        "FROM {WITH_SHELL}\nCOPY --from={REFERENCE} /usr/local/bin/coalmine /usr/local/bin/coalmine\nENTRYPOINT {entry}\n"
    );
    let mut build = Command::new("docker");
    build.args(["build", "--quiet", "--tag", tag, "-"]).env("DOCKER_BUILDKIT", "0");
    build.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = build.spawn().unwrap();
    child.stdin.take().unwrap().write_all(dockerfile.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{tag}: {}", String::from_utf8_lossy(&done.stderr));
    true
}
