//! The other provider: `llmock` of the npm package `@copilotkit/aimock`, at its newest version and with its own defaults.

use std::process::Command;

use camino::Utf8PathBuf;
use fs_err as fs;
use serde_json::{Value, json};

use super::server::Server;
use crate::{failure::Failure, packages, printer::Printer, repository};

const PACKAGE: &str = "@copilotkit/aimock";

/// Installs the newest version below `target/`.
pub(super) fn install(printer: &mut Printer) -> Result<(), Failure> {
    printer.note(format_args!("installing {PACKAGE} into target/aimock"));
    fs::create_dir_all(folder())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix", folder().as_str()])
        .arg(format!("{PACKAGE}@latest"));
    packages::install(&mut npm, &format!("could not install {PACKAGE}"))
}

/// Returns the installed version.
pub(super) fn version() -> Result<String, Failure> {
    let text = fs::read_to_string(folder().join("node_modules").join(PACKAGE).join("package.json"))?;
    let package: Value = serde_json::from_str(&text).unwrap_or_default();
    let version = package.get("version").and_then(Value::as_str);
    version.map(str::to_owned).ok_or_else(|| Failure::new(format!("{PACKAGE} has no version")))
}

/// Starts it with one fixture.
pub(super) fn start() -> Result<Server, Failure> {
    let fixture = folder().join("fixture.json");
    let answer = json!({ "content": "Your name is Zorvane-0000." });
    let one = json!({ "fixtures": [{ "match": { "userMessage": "What's my name?" }, "response": answer }] });
    fs::write(&fixture, one.to_string())?;
    let mut command = Command::new(folder().join("node_modules/.bin/llmock"));
    command.args(["--port", "0", "--fixtures", fixture.as_str()]);
    Server::start(command)
}

fn folder() -> Utf8PathBuf {
    repository::target("aimock")
}
