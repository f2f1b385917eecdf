//! `cargo xtask schemas`: the JSON Schemas of the files that people write and machines read.

use clap::Args;
use fs_err as fs;

use crate::{failure::Failure, printer::Printer, repository, tool};

const NAMES: [&str; 10] = [
    "canary",
    "profile",
    "event",
    "summary",
    "comparison",
    "baseline",
    "lint",
    "attestation",
    "project",
    "fleet",
];

#[derive(Debug, Args)]
pub(crate) struct SchemasArguments {
    /// Write nothing; fail if a schema is stale
    #[arg(long)]
    check: bool,
}

pub(crate) fn write(arguments: &SchemasArguments, printer: &mut Printer) -> Result<(), Failure> {
    let folder = repository::root().join("schemas");
    fs::create_dir_all(&folder)?;
    let mut stale = vec![];
    for name in NAMES {
        let path = folder.join(format!("{name}.schema.json"));
        let mut print = tool::cargo();
        print.args(["run", "--quiet", "--package", "coalmine-cli", "--", "schema", name]);
        let fresh = tool::output(&mut print, &format!("`coalmine schema {name}` failed"))?;
        let shown = path.strip_prefix(repository::root()).unwrap_or(&path);
        if fs::read_to_string(&path).is_ok_and(|found| found == fresh) {
            continue;
        }
        if arguments.check {
            stale.push(shown.to_string());
        } else {
            fs::write(&path, fresh)?;
            printer.result(format_args!("wrote {shown}"));
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("stale schemas: {}", stale.join(", "))).hint("run `cargo xtask schemas`"))
}
