//! The canaries there are: the built-in ones, then the user's own.

use camino::Utf8PathBuf;
use coalmine::{
    event::Level,
    plan::{Canary, LoadedCanary, builtin, conflicts},
};

use crate::{
    failure::Failure,
    files::{self, Kind},
};

/// All canaries, in the order in which they run. `own` are files, or folders whose `*.toml` are taken by name; a profile
/// that lies in a folder is passed over.
pub(crate) fn all(own: &[Utf8PathBuf]) -> Result<Vec<Canary>, Failure> {
    if own.is_empty() {
        return Ok(builtin::canaries()?);
    }
    let mut known = builtin::loaded()?;
    let mut wrong = vec![];
    for path in own {
        let before = (known.len(), wrong.len());
        for file in files::found(std::slice::from_ref(path))? {
            match files::read(&file) {
                Ok(text) if path.is_dir() && files::kind(&text) == Kind::Profile => {}
                Ok(text) => match LoadedCanary::read(file.as_str(), &text) {
                    Ok(canary) => known.push(canary),
                    Err(error) => wrong.push(error.into()),
                },
                Err(failure) => wrong.push(failure),
            }
        }
        if before == (known.len(), wrong.len()) {
            return Err(files::no_canary(path));
        }
    }
    wrong.extend(conflicts(&known).into_iter().map(Failure::from));
    match wrong.is_empty() {
        true => Ok(known.into_iter().map(|written| written.canary).collect()),
        false => Err(Failure::Several(wrong)),
    }
}

/// Those that were asked for by id and by level, in the order in which they run.
pub(crate) fn chosen(all: Vec<Canary>, ids: &[String], levels: &[Level]) -> Result<Vec<Canary>, Failure> {
    for id in ids {
        if !all.iter().any(|canary| canary.id == *id) {
            return Err(Failure::unknown("canary", id, all.iter().map(|canary| canary.id.as_str())));
        }
    }
    let by_id = |canary: &Canary| ids.is_empty() || ids.contains(&canary.id);
    let by_level = |canary: &Canary| levels.is_empty() || levels.contains(&canary.level);
    let left: Vec<Canary> = all.into_iter().filter(|canary| by_id(canary) && by_level(canary)).collect();
    match left.is_empty() {
        true => Err(Failure::new("no canary is left: none of those asked for has a level of `--only`")
            .hint("`coalmine list canaries --json` tells the level of each")),
        false => Ok(left),
    }
}
