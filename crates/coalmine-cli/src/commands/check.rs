//! `coalmine check`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{Canary, Profile};

use crate::{canaries::is_canary, failure::Failure, printer::Printer};

/// Checks all files, whatever is wrong with one of them.
pub(crate) fn check(files: &[Utf8PathBuf], printer: &mut Printer) -> Result<u8, Failure> {
    let mut wrong = 0;
    for file in files {
        match one(file) {
            Ok(what) => printer.answer(format_args!("{file}: {what}")),
            Err(failure) => {
                wrong += 1;
                printer.failure(&failure);
            }
        }
    }
    Ok(if wrong == 0 { 0 } else { 2 })
}

fn one(file: &Utf8Path) -> Result<String, Failure> {
    let unreadable = |error| Failure::new(format!("could not read `{file}`")).because(error);
    let text = fs_err::read_to_string(file).map_err(unreadable)?;
    if is_canary(&text) {
        let canary = Canary::read(file.as_str(), &text)?;
        return Ok(format!("canary `{}`, {} turn(s)", canary.id, canary.turns.len()));
    }
    let name = file.file_stem().unwrap_or(file.as_str());
    let profile = Profile::read(name, file.as_str(), &text)?;
    Ok(format!("profile `{}`", profile.name))
}
