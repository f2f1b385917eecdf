//! Lock files: generating them with the newest versions, and comparing two.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    process::Command,
};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{installer::install, language::Language};
use crate::{failure::Failure, repository, tool};

/// The oldest Python that the lock files are for: Debian 12's, which the images have as well.
const PYTHON: &str = "3.11";

/// The locked versions by package. Node.js may have several of one package.
type Versions = BTreeMap<String, BTreeSet<String>>;

/// How two lock files differ in one package.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    package: String,
    old: BTreeSet<String>,
    new: BTreeSet<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |versions: &BTreeSet<String>| {
            if versions.is_empty() {
                return "–".to_owned();
            }
            versions.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        write!(formatter, "{} {} → {}", self.package, shown(&self.old), shown(&self.new))
    }
}

/// Writes a lock file with the newest versions of what `folder` names.
pub(super) fn generate(language: Language, folder: &Utf8Path) -> Result<(), Failure> {
    let what = format!("could not lock the newest packages in {folder}");
    match language {
        Language::Python => {
            let mut uv = Command::new(uv()?.as_str());
            uv.args(["pip", "compile", "--quiet", "--universal", "--python-version", PYTHON]).args([
                "--generate-hashes",
                language.requirements(),
                "-o",
                language.lock(),
            ]);
            install(uv.current_dir(folder), &what)
        }
        Language::Node => {
            let mut npm = Command::new("npm");
            npm.args(["install", "--package-lock-only", "--no-audit", "--no-fund", "--loglevel", "error"]);
            install(npm.current_dir(folder), &what)
        }
    }
}

/// Returns the program that locks Python's packages for all platforms, installed if it is missing. It is in no image and
/// in no check, so its newest version will do.
fn uv() -> Result<Utf8PathBuf, Failure> {
    let folder = repository::target("newest/uv");
    let program = folder.join("bin/uv");
    if !program.exists() {
        let what = "could not install uv, which locks the packages of Python";
        tool::run_silently(Command::new("python3").args(["-m", "venv", "--clear", folder.as_str()]), what)?;
        let mut pip = Command::new(folder.join("bin/python").as_str());
        install(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"]), what)?;
    }
    Ok(program)
}

/// Returns the versions in a lock file.
pub(super) fn versions(language: Language, lock: &str) -> Result<Versions, Failure> {
    let mut versions = Versions::new();
    let mut add = |package: &str, version: &str| {
        versions.entry(package.to_owned()).or_default().insert(version.to_owned());
    };
    match language {
        Language::Python => {
            for line in lock.lines().filter(|line| line.starts_with(|first: char| first.is_alphanumeric())) {
                let pinned = line.split([' ', ';']).next().unwrap_or_default();
                if let Some((package, version)) = pinned.split_once("==") {
                    add(package, version);
                }
            }
        }
        Language::Node => {
            let lock: Value = serde_json::from_str(lock)
                .map_err(|error| Failure::new("could not parse `package-lock.json`").because(error))?;
            for (path, package) in lock["packages"].as_object().into_iter().flatten() {
                // the folder itself has no such path
                if let (Some((_, name)), Some(version)) =
                    (path.rsplit_once("node_modules/"), package["version"].as_str())
                {
                    add(name, version);
                }
            }
        }
    }
    Ok(versions)
}

/// Returns the packages whose versions differ, by name.
pub(super) fn changes(old: &Versions, new: &Versions) -> Vec<Change> {
    let packages: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let of = |versions: &Versions, package| versions.get(package).cloned().unwrap_or_default();
    let changes = packages.into_iter().map(|package| Change {
        package: package.clone(),
        old: of(old, package),
        new: of(new, package),
    });
    changes.filter(|change| change.old != change.new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(language: Language, old: &str, new: &str) -> Vec<String> {
        let versions = |lock| versions(language, lock).unwrap();
        changes(&versions(old), &versions(new)).iter().map(Change::to_string).collect()
    }

    #[test]
    fn python_versions_are_compared() {
        let old = "# comment\nsame==1 \\\n    --hash=sha256:aa\n\
                   changed==1.0 ; sys_platform != 'win32' \\\n    # via same\ngone==3\n";
        let new = "same==1 \\\n    --hash=sha256:bb\nchanged==2.0 \\\nadded==4\n";
        assert_eq!(shown(Language::Python, old, new), ["added – → 4", "changed 1.0 → 2.0", "gone 3 → –"]);
    }

    #[test]
    fn node_versions_are_compared() {
        let old = r#"{"packages": {"": {"name": "x"}, "node_modules/@a/b": {"version": "1.0.0"}}}"#;
        let new = r#"{"packages": {"node_modules/@a/b": {"version": "1.0.0"},
                      "node_modules/c/node_modules/@a/b": {"version": "2.0.0"}, "node_modules/c": {"version": "1.1.0"}}}"#;
        assert_eq!(shown(Language::Node, old, new), ["@a/b 1.0.0 → 1.0.0, 2.0.0", "c – → 1.1.0"]);
    }

    #[test]
    fn the_lock_files_here_are_read() {
        for parent in ["sdk-checks", "third-party"] {
            for folder in repository::root().join(parent).read_dir_utf8().unwrap() {
                let folder = folder.unwrap();
                for language in Language::ALL {
                    if !folder.path().join(language.requirements()).exists() {
                        continue;
                    }
                    let lock = fs_err::read_to_string(folder.path().join(language.lock())).unwrap();
                    let entry = if language == Language::Python { "==" } else { "\"node_modules/" };
                    // a package may be there twice, in two versions
                    let entries = lock.matches(entry).count();
                    let read = versions(language, &lock).unwrap().len();
                    assert!(read > 0 && read <= entries && 2 * read > entries, "{}: {read}", folder.path());
                }
            }
        }
    }
}
