//! Finding, reading and classifying the files that a user wrote.

use std::{collections::BTreeSet, io::Read};

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{Canary, Profile};
use schemars::JsonSchema;

use crate::failure::Failure;

/// The most bytes of a canary or a profile.
const MAX_BYTES: u64 = 16 << 20;

/// The kind of a file, inferred from its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Canary,
    Profile,
}

/// Returns the given files, and the `*.toml` files of the given folders in the order of their names. Each
/// file is returned once.
pub(crate) fn found(paths: &[Utf8PathBuf]) -> Result<Vec<Utf8PathBuf>, Failure> {
    let mut all = vec![];
    for path in paths {
        if path.is_dir() {
            all.extend(in_folder(path)?);
        } else {
            all.push(path.clone());
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
    if files.is_empty() { Err(no_canary(folder)) } else { Ok(files) }
}

/// Returns the failure for a folder without a canary.
pub(crate) fn no_canary(folder: &Utf8Path) -> Failure {
    Failure::new(format!("no canary in `{folder}`: expected files that end in `.toml`"))
        .hint("create one with `coalmine new canary <id>`")
}

/// Reads a file as UTF-8.
pub(crate) fn read(file: &Utf8Path) -> Result<String, Failure> {
    let bytes = bounded(file).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let failure = Failure::new(format!("could not read `{file}`")).because(error);
        if missing {
            failure.hint("give a file or a folder that exists, or create one with `coalmine new canary <id>`")
        } else {
            failure
        }
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line_start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = String::from_utf8_lossy(&good[line_start..]).chars().count() + 1;
        let what = format!("{file}:{line}:{column}: byte {} of the file is not UTF-8", good.len() + 1);
        Failure::new(what).hint("save the file as UTF-8")
    })
}

/// Reads a file up to a bound: one that somebody else wrote may be a link to a device without an end.
pub(crate) fn bounded(file: &Utf8Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![];
    fs_err::File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(std::io::Error::other(format!("the file is longer than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

/// Returns the kind of a text: a profile if it has more keys of a profile than of a canary, or else a canary.
/// A text that is not TOML is classified by its lines.
pub(crate) fn kind(text: &str) -> FileKind {
    let (canary, profile) = (keys::<Canary>(), keys::<Profile>());
    let written: Vec<String> = match text.parse::<toml::Table>() {
        Ok(table) => table.keys().cloned().collect(),
        Err(_) if text.contains("[[turn") || text.contains("[[model") => return FileKind::Canary,
        Err(_) => text.lines().map(|line| first_word(line).to_owned()).collect(),
    };
    let of = |keys: &[String]| written.iter().filter(|key| keys.contains(key)).count();
    if of(&profile) > of(&canary) { FileKind::Profile } else { FileKind::Canary }
}

fn first_word(line: &str) -> &str {
    let line = line.trim_start_matches(['[', ' ']);
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default()
}

/// Returns the top-level keys of a file format.
fn keys<T: JsonSchema>() -> Vec<String> {
    let schema = schemars::schema_for!(T);
    let properties = schema.get("properties").and_then(serde_json::Value::as_object);
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_file_is_refused() {
        let failure = read(Utf8Path::new("/dev/zero")).unwrap_err();
        assert!(format!("{failure:?}").contains("longer than 16 MiB"), "{failure:?}");
    }

    #[test]
    fn infers_the_kind_from_keys() {
        for canary in
            ["", "# nothing\n", "imge = \"x\"\n", "[turn]\nsay = \"a\"\n", "id = \"x\"\n[env]\n", "[[turn\n"]
        {
            assert_eq!(kind(canary), FileKind::Canary, "{canary}");
        }
        for profile in
            ["port = 9000\n", "[env]\nA = \"b\"\n", "extends = \"generic\n", "[session\nscope = \"x\"\n"]
        {
            assert_eq!(kind(profile), FileKind::Profile, "{profile}");
        }
    }
}
