//! `coalmine new`

use std::io::Write;

use camino::Utf8Path;
use coalmine::plan::{Canary, builtin};
use fs_err as fs;

use crate::{arguments::NewCommand, failure::Failure, printer::Printer};

/// The skeleton of a canary; `{{id}}` is filled in.
const CANARY: &str = include_str!("new-canary.toml");

pub(crate) fn new(what: &NewCommand, printer: &mut Printer) -> Result<u8, Failure> {
    let NewCommand::Canary { id, to } = what;
    let text = canary(id)?;
    match to.as_deref() {
        Some(path) if path == "-" => printer.answer(text.trim_end()),
        Some(path) => write(path, id, &text, printer)?,
        None => write(Utf8Path::new(&format!("{id}.toml")), id, &text, printer)?,
    }
    Ok(0)
}

fn canary(id: &str) -> Result<String, Failure> {
    if builtin::canaries()?.iter().any(|known| known.id == id) {
        return Err(Failure::new(format!("`{id}` is the id of a built-in canary"))
            .hint("choose another id; `coalmine list canaries` shows those that are taken"));
    }
    let text = CANARY.replace("{{id}}", id);
    Canary::read("the new canary", &text).map_err(|error| Failure::new(error.message))?;
    Ok(text)
}

fn write(path: &Utf8Path, id: &str, text: &str, printer: &mut Printer) -> Result<(), Failure> {
    let written = fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::new(format!("`{path}` already exists")).hint("give another file with `--to`")
        }
        _ => Failure::new(format!("could not write `{path}`")).because(error),
    })?;
    printer.answer(format_args!("wrote {path}"));
    printer.note(format_args!(
        "check it: coalmine check {path}\nrun it:   coalmine run --canaries {path} --canary {id}"
    ));
    Ok(())
}
