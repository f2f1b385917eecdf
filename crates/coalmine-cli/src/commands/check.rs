//! `coalmine check`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{LoadedCanary, Profile, SourceError, builtin, conflicts};

use crate::{
    failure::Failure,
    files::{self, FileKind},
    printer::Printer,
};

/// A file that was checked.
enum Checked {
    Canary(Box<LoadedCanary>),
    /// The name of a profile.
    Profile(String),
}

/// Checks all files, even if one of them has a problem: each by itself, and canaries also against the
/// built-in ones and each other.
pub(crate) fn check(paths: &[Utf8PathBuf], printer: &mut Printer) -> Result<u8, Failure> {
    let mut failed = false;
    let files = files::found(paths)?;
    let checked: Vec<_> = files.iter().map(|file| one(file)).collect();
    let conflicts = conflicts_of(checked.iter().flatten())?;
    for (file, checked) in files.iter().zip(checked) {
        let mut of_file: Vec<Failure> =
            conflicts.iter().filter(|e| e.file == *file).cloned().map(Failure::from).collect();
        match checked {
            Ok(what) if of_file.is_empty() => printer.answer(format_args!("{file}: {}", describe(&what))),
            Ok(_) => {}
            Err(failure) => of_file.push(failure),
        }
        failed |= !of_file.is_empty();
        printer.failure(&Failure::Several(of_file));
    }
    Ok(if failed { 2 } else { 0 })
}

fn one(file: &Utf8Path) -> Result<Checked, Failure> {
    let text = files::read(file)?;
    match files::kind(&text) {
        FileKind::Canary => Ok(Checked::Canary(Box::new(LoadedCanary::read(file.as_str(), &text)?))),
        FileKind::Profile => {
            let name = file.file_stem().unwrap_or(file.as_str());
            Ok(Checked::Profile(Profile::read(name, file.as_str(), &text)?.name))
        }
    }
}

/// Returns the conflicts among the canaries and the built-in ones. A file with the text of a built-in canary
/// counts as that canary.
fn conflicts_of<'a>(checked: impl Iterator<Item = &'a Checked>) -> Result<Vec<SourceError>, Failure> {
    let mut all = builtin::loaded()?;
    for loaded in checked {
        if let Checked::Canary(loaded) = loaded
            && !all.iter().any(|known| known.is_built_in_as(loaded))
        {
            all.push(LoadedCanary::clone(loaded));
        }
    }
    Ok(conflicts(&all))
}

fn describe(checked: &Checked) -> String {
    match checked {
        Checked::Canary(loaded) => {
            format!("canary `{}`, {} turn(s)", loaded.canary.id, loaded.canary.turns.len())
        }
        Checked::Profile(name) => format!("profile `{name}`"),
    }
}
