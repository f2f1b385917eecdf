//! The images that the tests judge.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::OnceLock,
};

use super::ROOT;

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
