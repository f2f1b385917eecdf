//! What a folder of checks needs: a virtual environment of Python, or packages of Node.js.

use std::{
    process::{Command, Stdio},
    sync::mpsc::Sender,
};

use camino::Utf8PathBuf;

use super::{Outcome, world::World};
use crate::{failure::Failure, repository, tool};

/// A folder of checks, and where its packages are.
pub(super) struct Environment {
    name: String,
    folder: Utf8PathBuf,
    place: Utf8PathBuf,
    language: Language,
}

enum Language {
    Python,
    Node,
}

impl Language {
    /// The file that names the packages.
    fn requirements(&self) -> &'static str {
        match self {
            Self::Python => "requirements.txt",
            Self::Node => "package.json",
        }
    }
}

impl Environment {
    /// All folders of `sdk-checks/` that name packages.
    pub(super) fn all() -> Result<Vec<Self>, Failure> {
        let mut environments = vec![];
        for entry in checks().read_dir_utf8()? {
            let folder = entry?.path().to_owned();
            let name = folder.file_name().unwrap_or_default().to_owned();
            let names_packages = |language: &Language| folder.join(language.requirements()).exists();
            if let Some(language) = [Language::Python, Language::Node].into_iter().find(names_packages) {
                let place = repository::target("sdk").join(&name);
                environments.push(Self { name, folder, place, language });
            }
        }
        match environments.is_empty() {
            true => Err(Failure::new("there is no check in `sdk-checks/`")),
            false => Ok(environments),
        }
    }

    /// Installs what is not there yet, and runs the checks.
    pub(super) fn check(&self, outcomes: &Sender<Outcome>) {
        // whoever takes the outcomes stays to the end
        let tell = |name: &str, outcome| drop(outcomes.send((format!("{}/{name}", self.name), outcome)));
        match self.install().and_then(|()| self.programs()) {
            Ok(programs) => programs.iter().for_each(|program| tell(program, self.run(program))),
            Err(failure) => tell("", Err(failure)),
        }
    }

    /// Makes the environment anew when the packages that it names are others.
    fn install(&self) -> Result<(), Failure> {
        let requirements = self.language.requirements();
        let wanted = fs_err::read_to_string(self.folder.join(requirements))?;
        let stamp = self.place.join("installed");
        if fs_err::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
            return Ok(());
        }
        let what = format!("could not install the packages of `sdk-checks/{}`", self.name);
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

    /// The names of the checks; those of Node.js beside its packages, where alone it looks for them.
    fn programs(&self) -> Result<Vec<String>, Failure> {
        let mut programs = vec![];
        for entry in self.folder.read_dir_utf8()? {
            let file = entry?.path().to_owned();
            let name = file.file_name().unwrap_or_default().to_owned();
            if matches!(self.language, Language::Node) {
                fs_err::copy(&file, self.place.join(&name))?;
            }
            if name.ends_with("_check.py") || name.ends_with("_check.mjs") {
                programs.push(name);
            }
        }
        programs.sort();
        match programs.is_empty() {
            true => Err(Failure::new(format!("there is no check in `sdk-checks/{}`", self.name))),
            false => Ok(programs),
        }
    }

    fn run(&self, program: &str) -> Result<(), Failure> {
        let world = World::start()?;
        let mut check = match self.language {
            Language::Python => {
                let mut python = Command::new(self.place.join("bin/python").as_str());
                python.arg(self.folder.join(program).as_str()).env("PYTHONPATH", checks().as_str());
                python
            }
            Language::Node => {
                let mut node = Command::new("node");
                node.arg(program).current_dir(self.place.as_str());
                node
            }
        };
        check.arg(world.url()).stdin(Stdio::null());
        tool::run_silently(&mut check, &format!("{program} failed"))
    }
}

fn checks() -> Utf8PathBuf {
    repository::root().join("sdk-checks")
}
