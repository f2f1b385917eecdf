//! Finding and reading workflow files.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use coalmine_gate::lint::{Source, Target};

use crate::{failure::Failure, files::bounded};

/// A file that could not be read, and why.
pub(super) struct Unread {
    pub(super) path: String,
    pub(super) reason: String,
    pub(super) failure: Failure,
}

impl Unread {
    fn new(path: &Utf8Path, reason: impl ToString) -> Self {
        let reason = reason.to_string();
        let failure = Failure::new(format!("could not read `{path}`")).because(&reason);
        Self { path: path.to_string(), reason, failure }
    }
}

/// Reads the given files, or those of the current folder that the forge reads.
pub(super) fn sources(
    given: &[Utf8PathBuf],
    forge: Option<Target>,
) -> Result<(Vec<Source>, Vec<Unread>), Failure> {
    let files = if given.is_empty() { discovered(Utf8Path::new(""), forge)? } else { given.to_vec() };
    if files.is_empty() {
        let folders = forge.map_or_else(|| FOLDERS.join(" and "), |forge| forge.folders().join(" and "));
        return Err(Failure::new("no workflow file in the current folder").hint(format!(
            "name the files, or run this where {folders} is, with files that end in `.yml` or `.yaml`"
        )));
    }
    let (mut sources, mut unread, mut seen) = (vec![], vec![], BTreeSet::new());
    for file in files {
        if !seen.insert(file.clone()) {
            continue;
        }
        match read(&file, given.is_empty()) {
            Ok(text) => {
                let source = Source::new(file.as_str(), text);
                sources.push(Source { target: forge.unwrap_or(source.target), ..source });
            }
            Err(reason) => unread.push(Unread::new(&file, reason)),
        }
    }
    Ok((sources, unread))
}

/// Reads the files of the base branch.
pub(super) fn base(path: &Utf8Path, forge: Option<Target>, heads: &[Source]) -> Result<Vec<Source>, Failure> {
    let mut files = if path.is_dir() { discovered(path, forge)? } else { vec![path.to_owned()] };
    let plain = files.is_empty() || !path.is_dir();
    if files.is_empty() {
        files = workflows(path).map_err(|error| unreadable(path, error))?;
    }
    if files.is_empty() {
        return Err(
            Failure::new(format!("no workflow file in `{path}`")).hint("give a checkout of the base branch")
        );
    }
    let target = |file: &Utf8Path, source: &Source| {
        let head = heads.iter().find(|head| Some(head.name()) == file.file_name()).or(heads.first());
        forge.or(head.filter(|_| plain).map(|head| head.target)).unwrap_or(source.target)
    };
    let of_base = |file: &Utf8PathBuf| {
        let text = read(file, false).map_err(|error| unreadable(file, error))?;
        let source = Source::new(file.as_str(), text);
        Ok(Source { target: target(file, &source), ..source })
    };
    files.iter().map(of_base).collect()
}

fn unreadable(path: &Utf8Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("could not read `{path}`")).because(error)
}

const FOLDERS: [&str; 3] = [".gitea/workflows", ".forgejo/workflows", ".github/workflows"];

/// Returns the workflow files below a folder: those that a forge reads, or those of every forge.
fn discovered(root: &Utf8Path, forge: Option<Target>) -> Result<Vec<Utf8PathBuf>, Failure> {
    let folders = forge.map_or(&FOLDERS[..], Target::folders);
    let mut all = vec![];
    for folder in folders.iter().map(|folder| root.join(folder)) {
        if !folder.is_dir() {
            continue;
        }
        all.extend(workflows(&folder).map_err(|error| unreadable(&folder, error))?);
        // a forge reads the first folder that exists, even if it is empty
        if forge.is_some() {
            break;
        }
    }
    Ok(all)
}

/// Returns the workflow files of a folder in the order of their names.
fn workflows(folder: &Utf8Path) -> std::io::Result<Vec<Utf8PathBuf>> {
    let here = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    let mut files = vec![];
    for entry in here.read_dir_utf8()? {
        let file = entry?.into_path();
        if matches!(file.extension(), Some("yml" | "yaml")) && !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a file. A forge does not follow a symbolic link in a repository, so one that was found is refused.
fn read(file: &Utf8Path, found: bool) -> Result<String, String> {
    if found && file.is_symlink() {
        return Err("it is a symbolic link, which a forge does not follow".to_owned());
    }
    let bytes = bounded(file).map_err(|error| error.to_string())?;
    String::from_utf8(bytes)
        .map_err(|error| format!("byte {} of the file is not UTF-8", error.utf8_error().valid_up_to() + 1))
}
