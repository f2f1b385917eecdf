//! Packages of other languages that a folder names: a virtual environment of Python, or the packages of Node.js.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use crate::{failure::Failure, repository, tool};

/// A folder that names packages, and the place below `target/` where they are.
pub(crate) struct Packages {
    folder: Utf8PathBuf,
    place: Utf8PathBuf,
    language: Language,
}

#[derive(Clone, Copy)]
enum Language {
    Python,
    Node,
}

impl Language {
    /// The file that names the packages.
    fn requirements(self) -> &'static str {
        match self {
            Self::Python => "requirements.txt",
            Self::Node => "package.json",
        }
    }
}

impl Packages {
    /// The folders in a room of the repository that name packages, sorted.
    pub(crate) fn all(room: &str) -> Result<Vec<Self>, Failure> {
        let mut all = vec![];
        for entry in repository::root().join(room).read_dir_utf8()? {
            let folder = entry?.path().to_owned();
            let names_packages = |language: &Language| folder.join(language.requirements()).exists();
            if let Some(language) = [Language::Python, Language::Node].into_iter().find(names_packages) {
                let place = repository::target(room).join(folder.file_name().unwrap_or_default());
                all.push(Self { folder, place, language });
            }
        }
        all.sort_by(|one, other| one.folder.cmp(&other.folder));
        match all.is_empty() {
            true => Err(Failure::new(format!("no folder of `{room}/` names packages"))),
            false => Ok(all),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.folder.file_name().unwrap_or_default()
    }

    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Installs what is not there yet, anew when the packages that are named are others, and puts the programs of Node.js
    /// beside its packages, where alone it looks for them.
    pub(crate) fn install(&self) -> Result<(), Failure> {
        self.install_packages()?;
        if let Language::Node = self.language {
            for program in self.programs()? {
                fs_err::copy(self.folder.join(&program), self.place.join(&program))?;
            }
        }
        Ok(())
    }

    fn install_packages(&self) -> Result<(), Failure> {
        let requirements = self.language.requirements();
        let wanted = fs_err::read_to_string(self.folder.join(requirements))?;
        let stamp = self.place.join("installed");
        if fs_err::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
            return Ok(());
        }
        let what = format!("could not install the packages of {}", self.name());
        match self.language {
            Language::Python => {
                let venv = ["-m", "venv", "--clear", self.place.as_str()];
                tool::run_silently(Command::new("python3").args(venv), &what)?;
                let mut pip = Command::new(self.place.join("bin/python").as_str());
                pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
                tool::run_silently(pip.arg(self.folder.join(requirements).as_str()), &what)?;
            }
            Language::Node => {
                fs_err::create_dir_all(&self.place)?;
                fs_err::write(self.place.join(requirements), &wanted)?;
                let mut npm = Command::new("npm");
                npm.args(["install", "--no-audit", "--no-fund", "--loglevel", "error"]);
                tool::run_silently(npm.current_dir(self.place.as_str()), &what)
                    .map_err(|failure| failure.hint("Node.js 20 or newer and npm must be there"))?;
            }
        }
        fs_err::write(stamp, wanted)?;
        Ok(())
    }

    /// The programs of the folder, sorted.
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

    /// The file of a program, whose ending depends on the language.
    pub(crate) fn program(&self, stem: &str) -> Result<String, Failure> {
        let programs = self.programs()?;
        let found =
            programs.into_iter().find(|name| name.rsplit_once('.').is_some_and(|(own, _)| own == stem));
        found.ok_or_else(|| Failure::new(format!("there is no program `{stem}` in {}", self.folder)))
    }

    /// What runs a program of the folder: the interpreter and its file.
    pub(crate) fn words(&self, program: &str) -> [String; 2] {
        match self.language {
            Language::Python => {
                [self.place.join("bin/python").into_string(), self.folder.join(program).into_string()]
            }
            Language::Node => ["node".to_owned(), self.place.join(program).into_string()],
        }
    }

    /// The command that runs a program of the folder, with nothing to read.
    pub(crate) fn command(&self, program: &str) -> Command {
        let [interpreter, file] = self.words(program);
        let mut command = Command::new(interpreter);
        command.arg(file).current_dir(self.place.as_str()).stdin(Stdio::null());
        if let Some(room) = self.folder.parent() {
            command.env("PYTHONPATH", room.as_str());
        }
        command
    }
}
