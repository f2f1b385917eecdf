//! The built-in canaries, followed by the user's own.

use camino::Utf8PathBuf;
use coalmine::{
    event::Level,
    plan::{Canary, LoadedCanary, builtin, conflicts},
};

use crate::{
    failure::Failure,
    files::{self, FileKind},
};

/// Returns all canaries, in the order in which they run. `own` are files, or folders whose `*.toml` are read
/// in the order of their names. Profiles in a folder are ignored.
pub(crate) fn all(own: &[Utf8PathBuf]) -> Result<Vec<Canary>, Failure> {
    if own.is_empty() {
        return Ok(builtin::canaries()?);
    }
    Ok(loaded(own)?.into_iter().map(|loaded| loaded.canary).collect())
}

/// Returns the same canaries with their files.
pub(crate) fn loaded(own: &[Utf8PathBuf]) -> Result<Vec<LoadedCanary>, Failure> {
    let mut known = builtin::loaded()?;
    let mut failures = vec![];
    for path in own {
        let before = (known.len(), failures.len());
        for file in files::found(std::slice::from_ref(path))? {
            match files::read(&file) {
                Ok(text) if path.is_dir() && files::kind(&text) == FileKind::Profile => {}
                Ok(text) => match LoadedCanary::read(file.as_str(), &text) {
                    Ok(canary) => known.push(canary),
                    Err(error) => failures.push(error.into()),
                },
                Err(failure) => failures.push(failure),
            }
        }
        if before == (known.len(), failures.len()) {
            return Err(files::no_canary(path));
        }
    }
    if !own.is_empty() {
        failures.extend(conflicts(&known).into_iter().map(Failure::from));
    }
    if failures.is_empty() { Ok(known) } else { Err(Failure::Several(failures)) }
}

/// Which canaries to run.
pub(crate) struct Selection<'a> {
    /// Only these ids; all if empty.
    pub(crate) ids: &'a [String],
    /// Only these levels; all if empty.
    pub(crate) levels: &'a [Level],
    /// Not these ids.
    pub(crate) skipped: &'a [String],
}

/// Returns the canaries that were selected, in the order in which they run.
pub(crate) fn selected(all: Vec<Canary>, selection: &Selection<'_>) -> Result<Vec<Canary>, Failure> {
    let Selection { ids, levels, skipped } = selection;
    for id in ids.iter().chain(*skipped) {
        if !all.iter().any(|canary| canary.id == *id) {
            return Err(Failure::unknown("canary", id, all.iter().map(|canary| canary.id.as_str())));
        }
    }
    let mut selected = all;
    selected.retain(|canary| ids.is_empty() || ids.contains(&canary.id));
    selected.retain(|canary| !skipped.contains(&canary.id));
    selected.retain(|canary| levels.is_empty() || levels.contains(&canary.level));
    if selected.is_empty() {
        return Err(Failure::new(no_match(!skipped.is_empty()))
            .hint("see the level of each canary with `coalmine list canaries --json`"));
    }
    Ok(selected)
}

fn no_match(skipped: bool) -> &'static str {
    if skipped {
        "no canary is left after `--canary`, `--only` and `--skip`"
    } else {
        "no canary matches both `--canary` and `--only`"
    }
}
