//! `coalmine check`

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{LoadedCanary, Profile, builtin, conflicts};

use crate::{
    failure::Failure,
    files::{self, FileKind},
    printer::Printer,
};

/// A file that was checked.
enum Checked {
    Canary(Box<LoadedCanary>),
    Profile { profile: Box<Profile>, text: String },
}

/// Checks all files, even if one of them has a problem: each by itself, and canaries also against the
/// built-in ones and each other.
pub(crate) fn check(paths: &[Utf8PathBuf], printer: &mut Printer) -> Result<u8, Failure> {
    let mut failed = false;
    let files = files::found(paths)?;
    let checked: Vec<_> = files.iter().map(|file| one(file)).collect();
    let known = with_built_in(checked.iter().flatten())?;
    let conflicts = conflicts(&known);
    for (file, checked) in files.iter().zip(checked) {
        let mut of_file: Vec<Failure> =
            conflicts.iter().filter(|e| e.file == *file).cloned().map(Failure::from).collect();
        let checked = checked.and_then(|what| with_known_limits(what, file, &known));
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
            let profile = Box::new(Profile::read(name, file.as_str(), &text)?);
            Ok(Checked::Profile { profile, text })
        }
    }
}

/// Returns the canaries together with the built-in ones. A file with the text of a built-in canary counts as
/// that canary.
fn with_built_in<'a>(checked: impl Iterator<Item = &'a Checked>) -> Result<Vec<LoadedCanary>, Failure> {
    let mut all = builtin::loaded()?;
    for loaded in checked {
        if let Checked::Canary(loaded) = loaded
            && !all.iter().any(|known| known.is_built_in_as(loaded))
        {
            all.push(LoadedCanary::clone(loaded));
        }
    }
    Ok(all)
}

/// Checks that the known limits of a profile name canaries: built-in ones, or those that are checked with it.
fn with_known_limits(checked: Checked, file: &Utf8Path, known: &[LoadedCanary]) -> Result<Checked, Failure> {
    if let Checked::Profile { profile, text } = &checked {
        profile.check_limits(file.as_str(), text, known.iter().map(|loaded| loaded.canary.id.as_str()))?;
    }
    Ok(checked)
}

fn describe(checked: &Checked) -> String {
    match checked {
        Checked::Canary(loaded) => {
            format!("canary `{}`, {} turn(s)", loaded.canary.id, loaded.canary.turns.len())
        }
        Checked::Profile { profile, .. } => format!("profile `{}`", profile.name),
    }
}
