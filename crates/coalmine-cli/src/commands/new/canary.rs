//! `coalmine new canary`

use camino::Utf8Path;
use coalmine::plan::{Canary, builtin};

use super::file::NewFile;
use crate::{failure::Failure, printer::Printer};

/// The skeleton of a canary; `{{id}}` is filled in.
const CANARY: &str = include_str!("canary.toml");

pub(super) fn new(id: &str, to: Option<&Utf8Path>, printer: &mut Printer) -> Result<(), Failure> {
    let text = canary(id)?;
    let default = format!("{id}.toml");
    let path = to.unwrap_or(Utf8Path::new(&default));
    NewFile { path, text: &text, if_taken: "give another file with `--to`" }.write(printer, || {
        format!("check it: coalmine check {path}\nrun it:   coalmine run --canaries {path} --canary {id}")
    })
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
