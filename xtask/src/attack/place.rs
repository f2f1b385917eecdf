//! Where an attack takes place: folders of its own, deep enough that a name with `../` stays within them.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::secrets::{CALLERS, SECRET};
use crate::{failure::Failure, repository, tool};

/// The working folder, below the root of the place.
const WORK: &str = "a/b/c/d/e/f/g/h/i/work";
/// The folder of the run, below the working folder.
const OUT: &str = "out";
/// The variable with the mark, which processes of the attack also carry in their arguments.
const MARK: &str = "HOSTILE_MARK";

/// The folders of one attack.
#[derive(Debug)]
pub(super) struct Place {
    binary: Utf8PathBuf,
    root: Utf8PathBuf,
    mark: String,
}

impl Place {
    /// Makes the folders; what an earlier attack of this name left is removed first.
    pub(super) fn new(binary: &Utf8Path, name: &str) -> Result<Self, Failure> {
        let root = repository::target("attack").join(name);
        let place =
            Self { binary: binary.to_owned(), root, mark: format!("hostile-{name}-{}", std::process::id()) };
        place.remove()?;
        for folder in [WORK, "own", "runtime", "temporary", "home"] {
            fs::create_dir_all(place.root.join(folder))?;
        }
        Ok(place)
    }

    pub(super) fn root(&self) -> &Utf8Path {
        &self.root
    }

    pub(super) fn work(&self) -> Utf8PathBuf {
        self.root.join(WORK)
    }

    /// Returns the folder of the run.
    pub(super) fn out(&self) -> Utf8PathBuf {
        self.work().join(OUT)
    }

    /// Returns a file in which the attack notes something.
    pub(super) fn own(&self, name: &str) -> Utf8PathBuf {
        self.root.join("own").join(name)
    }

    pub(super) fn ledger(&self) -> Utf8PathBuf {
        self.root.join("runtime/coalmine")
    }

    pub(super) fn temporary(&self) -> Utf8PathBuf {
        self.root.join("temporary")
    }

    /// Returns the text that every process of the attack has in its environment or its arguments.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    /// Returns coalmine in this place, after a command of the shell if there is one.
    pub(super) fn coalmine(&self, shell: Option<&str>) -> Command {
        let mut command = match shell {
            Some(shell) => {
                let mut command = Command::new("sh");
                command.args(["-c", &format!("{shell}; exec \"$0\" \"$@\""), self.binary.as_str()]);
                command
            }
            None => Command::new(&self.binary),
        };
        command
            .current_dir(self.work())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.root.join("home"))
            .env("TMPDIR", self.temporary())
            .env("XDG_RUNTIME_DIR", self.root.join("runtime"))
            .env("DOCKER_HOST", "unix:///nonexistent")
            // what is printed must be harmless where a CI job reads it
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env(MARK, &self.mark)
            .env("HOSTILE_OWN", self.root.join("own"))
            .env("HOSTILE_SECRET", SECRET)
            .envs(CALLERS)
            .stdin(Stdio::null());
        command
    }

    /// Removes what a killed run left.
    pub(super) fn clean(&self) -> Result<(), Failure> {
        tool::run_silently(self.coalmine(None).arg("clean"), "`coalmine clean` failed")
    }

    /// Removes the folders.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        if self.root.exists() {
            // the attack may have made folders that are deeper than the standard library goes, or closed
            let mut remove = Command::new("sh");
            remove.args(["-c", "chmod -R u+rwX -- \"$0\" 2>/dev/null; rm -rf -- \"$0\"", self.root.as_str()]);
            tool::run_silently(&mut remove, "could not remove the folders of an attack")?;
        }
        Ok(())
    }
}
