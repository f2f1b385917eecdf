//! A repository's `coalmine.toml`, and a run that follows it.

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::plan::{Profile, builtin};

use super::{Build, FILE, ProjectFile, Root};
use crate::{
    arguments::RunArguments,
    context::Context,
    failure::Failure,
    files::{self, FileKind},
};

/// The most bytes of `coalmine.toml`.
const MAX_BYTES: usize = 1 << 20;
/// The most canaries of a folder.
const MAX_CANARIES: usize = 1_000;

/// A repository that has a `coalmine.toml`.
#[derive(Debug, Clone)]
pub(super) struct Project {
    pub(super) root: Root,
    pub(super) file: ProjectFile,
}

impl Project {
    /// Reads the file of a repository, if it has one.
    pub(super) fn read(root: &Root) -> Result<Option<Self>, Failure> {
        let name = Utf8Path::new(FILE);
        if !root.has(name) {
            return Ok(None);
        }
        let (text, shown) = (root.read(name)?, root.shown(name));
        if text.len() > MAX_BYTES {
            return Err(Failure::new(format!("`{shown}` is longer than {} MiB", MAX_BYTES >> 20))
                .hint("put canaries and profiles into files of their own"));
        }
        let file = ProjectFile::parse(shown.as_str(), &text)?;
        Ok(Some(Self { root: root.clone(), file }))
    }

    /// Returns how the image is built, unless flags name what is judged.
    pub(super) fn build(&self, is_named: bool) -> Option<&Build> {
        self.file.build.as_ref().filter(|_| !is_named)
    }

    /// Returns the flags with this file's values for those that were not given. `built` is the image that was built. What is
    /// judged is an image, unless the flags name something else: a profile's command would run on this machine.
    pub(super) fn under(
        &self,
        flags: &RunArguments,
        built: Option<String>,
        context: &Context,
    ) -> Result<RunArguments, Failure> {
        let mut run = flags.clone();
        let file = &self.file;
        run.profile = flags.profile.clone().or(self.profile()?);
        run.timeout = flags.timeout.clone().or_else(|| file.timeout.clone());
        run.strict |= file.strict.unwrap_or(false);
        if flags.own.canaries.is_empty() {
            run.own.canaries = self.canary_files()?;
        }
        if flags.canary.is_empty() && !flags.last_failed {
            run.canary = file.canaries.iter().filter(|text| !is_path(text)).cloned().collect();
        }
        if flags.url.is_none() {
            let set = file.env.iter().filter(|name| context.host.text(name).is_some()).cloned();
            run.env = set.chain(flags.env.iter().cloned()).collect();
        }
        if !flags.names_target() {
            run.image = built.or_else(|| file.image.clone());
            if run.image.is_none() {
                run.image = image_of(run.profile.as_deref())?;
            }
            if run.image.is_none() {
                return Err(Failure::new(format!("`{}` names no image", self.root.shown(FILE.into())))
                    .hint("write `build = \".\"` to build it, or `image = \"name:tag\"`"));
            }
        }
        if run.image.is_some() {
            run.port = flags.port.or(file.port);
        }
        if let (Some(baseline), None) = (&file.baseline, &flags.baseline) {
            self.root.file(baseline)?;
            run.baseline = Some(self.root.shown(baseline));
        }
        Ok(run)
    }

    /// Returns the profile as `--profile` takes it.
    fn profile(&self) -> Result<Option<String>, Failure> {
        let Some(profile) = &self.file.profile else { return Ok(None) };
        if !is_path(profile) {
            return Ok(Some(profile.clone()));
        }
        self.root.file(profile.as_str().into())?;
        let shown = self.root.shown(profile.as_str().into());
        // without a folder or an ending it would be a name
        Ok(Some(if is_path(shown.as_str()) { shown.into_string() } else { format!("./{shown}") }))
    }

    /// Returns the files of the repository's own canaries.
    fn canary_files(&self) -> Result<Vec<Utf8PathBuf>, Failure> {
        Ok(self.canary_paths()?.iter().map(|path| self.root.shown(path)).collect())
    }

    /// Returns the files of the repository's own canaries, below the root. A folder's profiles are left out.
    pub(super) fn canary_paths(&self) -> Result<Vec<Utf8PathBuf>, Failure> {
        let mut all = vec![];
        for given in self.file.canaries.iter().filter(|text| is_path(text)) {
            let path = Utf8Path::new(given);
            if self.root.folder(path).is_err() {
                self.root.file(path)?;
                all.push(path.to_owned());
                continue;
            }
            let before = all.len();
            for file in self.root.files(path, &["toml"], MAX_CANARIES)? {
                if files::kind(&self.root.read(&file)?) == FileKind::Canary {
                    all.push(file);
                }
            }
            if all.len() == before {
                return Err(files::no_canary(&self.root.shown(path)));
            }
        }
        Ok(all)
    }
}

/// Returns whether a value is a path and not a name.
pub(super) fn is_path(text: &str) -> bool {
    text.ends_with(".toml") || text.contains('/')
}

/// Returns the image of a profile.
fn image_of(profile: Option<&str>) -> Result<Option<String>, Failure> {
    match profile {
        Some(path) if is_path(path) => Ok(Profile::read("", path, &files::read(path.into())?)?.image),
        Some(name) if builtin::profile_names().any(|known| known == name) => {
            Ok(builtin::profile(name)?.image)
        }
        Some(name) => Err(Failure::unknown("profile", name, builtin::profile_names())),
        None => Ok(None),
    }
}

impl RunArguments {
    /// Returns whether the flags name what is judged.
    pub(crate) fn names_target(&self) -> bool {
        self.image.is_some() || self.cmd.is_some() || self.url.is_some()
    }
}
