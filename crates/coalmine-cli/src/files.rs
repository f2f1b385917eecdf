//! Files that a user wrote: found, read, and told apart.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{Canary, Profile};
use schemars::JsonSchema;

use crate::failure::Failure;

/// What a file is for, by the keys that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Canary,
    Profile,
}

/// The files that were named; of a folder its `*.toml`, by name. Each is taken once.
pub(crate) fn found(paths: &[Utf8PathBuf]) -> Result<Vec<Utf8PathBuf>, Failure> {
    let mut all = vec![];
    for path in paths {
        match path.is_dir() {
            true => all.extend(in_folder(path)?),
            false => all.push(path.clone()),
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|file| seen.insert(file.canonicalize_utf8().unwrap_or_else(|_| file.clone())));
    Ok(all)
}

fn in_folder(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Failure> {
    let unreadable = |error| Failure::new(format!("could not read `{folder}`")).because(error);
    let mut files = vec![];
    for entry in folder.read_dir_utf8().map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.into_path();
        if file.extension() == Some("toml") {
            files.push(file);
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(no_canary(folder)),
        false => Ok(files),
    }
}

/// A folder in which nothing is found.
pub(crate) fn no_canary(folder: &Utf8Path) -> Failure {
    Failure::new(format!("there is no canary in `{folder}`"))
        .hint("`coalmine new canary <id>` begins one; canaries are files that end in `.toml`")
}

/// The text of a file.
pub(crate) fn read(file: &Utf8Path) -> Result<String, Failure> {
    let bytes = fs_err::read(file).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let failure = Failure::new(format!("could not read `{file}`")).because(error);
        match missing {
            true => {
                failure.hint("name a file or a folder that is there; `coalmine new canary <id>` begins one")
            }
            false => failure,
        }
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line_start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = String::from_utf8_lossy(&good[line_start..]).chars().count() + 1;
        let what = format!("{file}:{line}:{column}: byte {} of the file is no UTF-8", good.len() + 1);
        Failure::new(what).hint("save the file as UTF-8")
    })
}

/// What a text is for: a profile where it has more of a profile's keys, else a canary. Text that is no TOML at all is
/// taken for what its lines look like.
pub(crate) fn kind(text: &str) -> Kind {
    let (canary, profile) = (keys::<Canary>(), keys::<Profile>());
    let written: Vec<String> = match text.parse::<toml::Table>() {
        Ok(table) => table.keys().cloned().collect(),
        Err(_) if text.contains("[[turn") || text.contains("[[model") => return Kind::Canary,
        Err(_) => text.lines().map(|line| first_word(line).to_owned()).collect(),
    };
    let of = |keys: &[String]| written.iter().filter(|key| keys.contains(key)).count();
    if of(&profile) > of(&canary) { Kind::Profile } else { Kind::Canary }
}

fn first_word(line: &str) -> &str {
    let line = line.trim_start_matches(['[', ' ']);
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default()
}

/// The keys that stand at the top of such a file.
fn keys<T: JsonSchema>() -> Vec<String> {
    let schema = schemars::schema_for!(T);
    let properties = schema.get("properties").and_then(serde_json::Value::as_object);
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_keys_say() {
        for canary in
            ["", "# nothing\n", "imge = \"x\"\n", "[turn]\nsay = \"a\"\n", "id = \"x\"\n[env]\n", "[[turn\n"]
        {
            assert_eq!(kind(canary), Kind::Canary, "{canary}");
        }
        for profile in
            ["port = 9000\n", "[env]\nA = \"b\"\n", "extends = \"generic\n", "[session\nscope = \"x\"\n"]
        {
            assert_eq!(kind(profile), Kind::Profile, "{profile}");
        }
    }
}
