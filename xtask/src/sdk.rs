//! `cargo xtask sdk`: the vendors' own SDKs against the simulated world, each by a script of `sdk-checks/`.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use camino::Utf8PathBuf;

use crate::{failure::Failure, printer::Printer, repository, tool};

pub(crate) fn check(printer: &mut Printer) -> Result<(), Failure> {
    let python = environment(printer)?;
    tool::run(
        tool::cargo().args(["build", "--quiet", "--package", "coalmine-cli"]),
        "could not build coalmine",
    )?;
    let world = World::start()?;
    let mut failed = vec![];
    for script in scripts()? {
        let name = script.file_name().unwrap_or_default().to_owned();
        let mut check = Command::new(python.as_str());
        check.arg(script.as_str()).arg(&world.url).stdin(Stdio::null());
        match tool::run_silently(&mut check, &format!("{name} failed")) {
            Ok(()) => printer.result(format_args!("{name}: ok")),
            Err(failure) => {
                printer.failure(&failure);
                failed.push(name);
            }
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        names => {
            Err(Failure::new(format!("{} of the SDK checks failed", names.len())).because(names.join(", ")))
        }
    }
}

/// A virtual environment with the SDKs; made anew when the requirements change.
fn environment(printer: &mut Printer) -> Result<Utf8PathBuf, Failure> {
    let requirements = folder().join("requirements.txt");
    let venv = repository::root().join("target/sdk-venv");
    let python = venv.join("bin/python");
    let wanted = fs_err::read_to_string(&requirements)?;
    let stamp = venv.join("requirements.txt");
    if fs_err::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(python);
    }
    printer.note("installing the SDKs into target/sdk-venv");
    let create = ["-m", "venv", "--clear", venv.as_str()];
    tool::run_silently(Command::new("python3").args(create), "could not make a virtual environment")?;
    let install = ["-m", "pip", "install", "--quiet", "--upgrade", "-r", requirements.as_str()];
    tool::run_silently(Command::new(python.as_str()).args(install), "could not install the SDKs")?;
    fs_err::write(stamp, wanted)?;
    Ok(python)
}

fn folder() -> Utf8PathBuf {
    repository::root().join("sdk-checks")
}

fn scripts() -> Result<Vec<Utf8PathBuf>, Failure> {
    let mut scripts = vec![];
    for entry in folder().read_dir_utf8()? {
        let path = entry?.path().to_owned();
        if path.as_str().ends_with("_check.py") {
            scripts.push(path);
        }
    }
    scripts.sort();
    match scripts.is_empty() {
        true => Err(Failure::new("there is no check in `sdk-checks/`")),
        false => Ok(scripts),
    }
}

/// `coalmine serve world`, ended with this value.
struct World {
    child: Child,
    url: String,
}

impl World {
    fn start() -> Result<Self, Failure> {
        let mut command = Command::new(repository::root().join("target/debug/coalmine").as_str());
        command.args(["serve", "world"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        Ok(Self { child, url: format!("http://{}", line.trim()) })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // it may have ended by itself, and then there is nothing to end
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
