//! The canaries there are: the built-in ones, then the user's own.

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::{
    event::Level,
    plan::{Canary, SourceError, builtin},
};

use crate::failure::Failure;

/// All canaries, in the order in which they run. `own` are files, or folders whose `*.toml` are taken by name.
pub(crate) fn all(own: &[Utf8PathBuf]) -> Result<Vec<Canary>, Failure> {
    let mut known: Vec<(Canary, Option<Utf8PathBuf>)> =
        builtin::canaries()?.into_iter().map(|canary| (canary, None)).collect();
    let mut wrong = vec![];
    for path in own {
        for (file, text) in files(path)? {
            match read(&file, &text, &known) {
                Ok(canary) => known.push((canary, Some(file))),
                Err(error) => wrong.push(error.into()),
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(known.into_iter().map(|(canary, _)| canary).collect()),
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

/// Whether a text looks like a canary's: it has an id, a title or turns; a profile has none of them. Text that is no TOML
/// at all is taken for what its first lines look like.
pub(crate) fn is_canary(text: &str) -> bool {
    let keys = ["id", "title", "level", "turn", "model", "facts", "probes", "needs"];
    match text.parse::<toml::Table>() {
        Ok(table) => table.keys().any(|key| keys.contains(&key.as_str())) && !table.contains_key("env"),
        Err(_) => text.contains("[[turn") || text.contains("[[model") || text.trim_start().starts_with("id"),
    }
}

/// The file that was named; or the canaries of the folder, sorted. Other TOML in it, such as a profile, is passed over.
fn files(path: &Utf8Path) -> Result<Vec<(Utf8PathBuf, String)>, Failure> {
    let unreadable = |error| Failure::new(format!("could not read `{path}`")).because(error);
    if !path.is_dir() {
        return Ok(vec![(path.to_owned(), fs_err::read_to_string(path).map_err(unreadable)?)]);
    }
    let entries = path.read_dir_utf8().map_err(unreadable)?;
    let mut paths = vec![];
    for entry in entries {
        let file = entry.map_err(unreadable)?.into_path();
        if file.extension() == Some("toml") {
            paths.push(file);
        }
    }
    paths.sort();
    let mut found = vec![];
    for file in paths {
        let text = fs_err::read_to_string(&file).map_err(unreadable)?;
        if is_canary(&text) {
            found.push((file, text));
        }
    }
    match found.is_empty() {
        true => Err(Failure::new(format!("there is no canary in `{path}`"))
            .hint("`coalmine new canary <id>` begins one; canaries are files that end in `.toml`")),
        false => Ok(found),
    }
}

fn read(file: &Utf8Path, text: &str, known: &[(Canary, Option<Utf8PathBuf>)]) -> Result<Canary, SourceError> {
    let canary = Canary::read(file.as_str(), text)?;
    for (name, what, key) in names(&canary) {
        let taken = known.iter().find(|(known, _)| names(known).any(|other| other == (name, what, key)));
        let message = match taken {
            None => continue,
            Some((_, None)) => format!("`{name}` is the {key} of {what} that is built in"),
            Some((_, Some(other))) => format!("`{name}` is the {key} of {what} in {other} too"),
        };
        let mut error = SourceError::at(file.as_str(), text, &format!("\"{name}\""), message);
        error.help = Some(format!("give it a name of its own: no two in a run have the same `{key}`"));
        return Err(error);
    }
    Ok(canary)
}

/// What must be the canary's alone: its id, its skills and its peers, which all runs of the same runtime share.
fn names(canary: &Canary) -> impl Iterator<Item = (&str, &'static str, &'static str)> {
    let skills = canary.skills.iter().map(|skill| (skill.name.as_str(), "a skill", "name"));
    let peers = canary.peers.iter().map(|peer| (peer.id.as_str(), "a peer", "id"));
    std::iter::once((canary.id.as_str(), "a canary", "id")).chain(skills).chain(peers)
}
