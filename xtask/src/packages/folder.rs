//! A folder that names packages, and the programs in it that use them.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    installer::install,
    language::Language,
    lock::{self, Change},
};
use crate::{failure::Failure, repository, tool};

/// A folder that names packages, its lock file, and where the packages are installed below `target/`.
#[derive(Debug)]
pub(crate) struct Packages {
    folder: Utf8PathBuf,
    lock: Utf8PathBuf,
    installed: Utf8PathBuf,
    language: Language,
}

impl Packages {
    /// Returns the folders in `parent` (relative to the repository) that name packages, sorted.
    pub(crate) fn all(parent: &str) -> Result<Vec<Self>, Failure> {
        let mut all = vec![];
        for entry in repository::root().join(parent).read_dir_utf8()? {
            let folder = entry?.path().to_owned();
            let names_packages = |language: &Language| folder.join(language.requirements()).exists();
            if let Some(language) = Language::ALL.into_iter().find(names_packages) {
                let installed = repository::target(parent).join(folder.file_name().unwrap_or_default());
                all.push(Self { lock: folder.join(language.lock()), folder, installed, language });
            }
        }
        all.sort_by(|one, other| one.folder.cmp(&other.folder));
        if all.is_empty() {
            return Err(Failure::new(format!("no folder of `{parent}/` names packages")));
        }
        Ok(all)
    }

    /// Returns the same folder with the newest versions of its packages, locked and installed below `scratch`.
    pub(crate) fn with_newest(&self, scratch: &Utf8Path) -> Result<Self, Failure> {
        let scratch = scratch.join(self.name());
        let _ = fs_err::remove_dir_all(&scratch);
        fs_err::create_dir_all(&scratch)?;
        let requirements = self.language.requirements();
        fs_err::copy(self.folder.join(requirements), scratch.join(requirements))?;
        lock::generate(self.language, &scratch)?;
        Ok(Self {
            folder: self.folder.clone(),
            lock: scratch.join(self.language.lock()),
            installed: scratch.join("installed"),
            language: self.language,
        })
    }

    /// Returns how the versions of `newer` differ from the ones locked here, by name.
    pub(crate) fn changes(&self, newer: &Self) -> Result<Vec<Change>, Failure> {
        let versions = |lock: &Utf8Path| lock::versions(self.language, &fs_err::read_to_string(lock)?);
        Ok(lock::changes(&versions(&self.lock)?, &versions(&newer.lock)?))
    }

    pub(crate) fn name(&self) -> &str {
        self.folder.file_name().unwrap_or_default()
    }

    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Returns the lock file that is installed from.
    pub(crate) fn lock(&self) -> &Utf8Path {
        &self.lock
    }

    /// Installs the locked packages unless they are installed already.
    pub(crate) fn install(&self) -> Result<(), Failure> {
        self.install_packages()?;
        if self.language == Language::Node {
            // Node.js looks for packages beside the program only
            for program in self.programs()? {
                fs_err::copy(self.folder.join(&program), self.installed.join(&program))?;
            }
        }
        Ok(())
    }

    fn install_packages(&self) -> Result<(), Failure> {
        let locked = fs_err::read_to_string(&self.lock).map_err(|error| {
            Failure::new(format!("could not read the lock file of {}", self.name()))
                .because(error)
                .hint("`cargo xtask newest` generates one below `target/newest`; copy it to the folder")
        })?;
        let stamp = self.installed.join("installed");
        if fs_err::read_to_string(&stamp).is_ok_and(|there| there == locked) {
            return Ok(());
        }
        let what = format!("could not install the packages of {}", self.name());
        match self.language {
            Language::Python => {
                let venv = ["-m", "venv", "--clear", self.installed.as_str()];
                tool::run_silently(Command::new("python3").args(venv), &what)?;
                let mut pip = Command::new(self.installed.join("bin/python").as_str());
                pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
                // the lock file names every package, so nothing is left to resolve; some versions of pip would try, and
                // refuse a package that is wanted with different extras
                pip.args(["--no-deps", "--require-hashes", "-r", self.lock.as_str()]);
                install(&mut pip, &what)?;
            }
            Language::Node => {
                fs_err::create_dir_all(&self.installed)?;
                for file in [self.language.requirements(), self.language.lock()] {
                    fs_err::copy(self.lock.with_file_name(file), self.installed.join(file))?;
                }
                let mut npm = Command::new("npm");
                npm.args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"]);
                install(npm.current_dir(self.installed.as_str()), &what)?;
            }
        }
        fs_err::write(stamp, locked)?;
        Ok(())
    }

    /// Returns the programs of the folder, sorted.
    pub(crate) fn programs(&self) -> Result<Vec<String>, Failure> {
        let mut programs = vec![];
        for entry in self.folder.read_dir_utf8()? {
            let file = entry?.path().to_owned();
            let name = file.file_name().unwrap_or_default().to_owned();
            if matches!(file.extension(), Some("py" | "mjs")) {
                programs.push(name);
            }
        }
        programs.sort();
        Ok(programs)
    }

    /// Returns the file name of the program `stem`; its extension depends on the language.
    pub(crate) fn program(&self, stem: &str) -> Result<String, Failure> {
        let programs = self.programs()?;
        let found =
            programs.into_iter().find(|name| name.rsplit_once('.').is_some_and(|(own, _)| own == stem));
        found.ok_or_else(|| Failure::new(format!("no program `{stem}` in {}", self.folder)))
    }

    /// Returns the words that run a program of the folder: the interpreter and the program's path.
    pub(crate) fn words(&self, program: &str) -> [String; 2] {
        match self.language {
            Language::Python => {
                [self.installed.join("bin/python").into_string(), self.folder.join(program).into_string()]
            }
            Language::Node => ["node".to_owned(), self.installed.join(program).into_string()],
        }
    }

    /// Returns the command that runs a program of the folder with an empty standard input.
    pub(crate) fn command(&self, program: &str) -> Command {
        let [interpreter, file] = self.words(program);
        let mut command = Command::new(interpreter);
        command.arg(file).current_dir(self.installed.as_str()).stdin(Stdio::null());
        if let Some(parent) = self.folder.parent() {
            command.env("PYTHONPATH", parent.as_str());
        }
        command
    }
}
