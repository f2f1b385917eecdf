//! `coalmine check`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{LoadedCanary, Profile, SourceError, builtin, conflicts};

use crate::{
    failure::Failure,
    files::{self, Kind},
    printer::Printer,
};

/// What a file was found to be.
enum Checked {
    Canary(Box<LoadedCanary>),
    /// By its name.
    Profile(String),
}

/// Checks all files, whatever is wrong with one of them: each by itself, and canaries against the built-in ones and each
/// other.
pub(crate) fn check(paths: &[Utf8PathBuf], printer: &mut Printer) -> Result<u8, Failure> {
    let mut wrong = false;
    let files = files::found(paths)?;
    let checked: Vec<_> = files.iter().map(|file| one(file)).collect();
    let conflicts = among(checked.iter().flatten())?;
    for (file, checked) in files.iter().zip(checked) {
        let mut of_file: Vec<Failure> =
            conflicts.iter().filter(|e| e.file == *file).cloned().map(Failure::from).collect();
        match checked {
            Ok(what) if of_file.is_empty() => printer.answer(format_args!("{file}: {}", in_words(&what))),
            Ok(_) => {}
            Err(failure) => of_file.push(failure),
        }
        wrong |= !of_file.is_empty();
        printer.failure(&Failure::Several(of_file));
    }
    Ok(if wrong { 2 } else { 0 })
}

fn one(file: &Utf8Path) -> Result<Checked, Failure> {
    let text = files::read(file)?;
    match files::kind(&text) {
        Kind::Canary => Ok(Checked::Canary(Box::new(LoadedCanary::read(file.as_str(), &text)?))),
        Kind::Profile => {
            let name = file.file_stem().unwrap_or(file.as_str());
            Ok(Checked::Profile(Profile::read(name, file.as_str(), &text)?.name))
        }
    }
}

/// What is wrong among the canaries and the built-in ones. The file of a built-in canary is that canary.
fn among<'a>(checked: impl Iterator<Item = &'a Checked>) -> Result<Vec<SourceError>, Failure> {
    let mut all = builtin::loaded()?;
    for written in checked {
        if let Checked::Canary(written) = written
            && !all.iter().any(|known| known.is_built_in_as(written))
        {
            all.push(LoadedCanary::clone(written));
        }
    }
    Ok(conflicts(&all))
}

fn in_words(checked: &Checked) -> String {
    match checked {
        Checked::Canary(written) => {
            format!("canary `{}`, {} turn(s)", written.canary.id, written.canary.turns.len())
        }
        Checked::Profile(name) => format!("profile `{name}`"),
    }
}
