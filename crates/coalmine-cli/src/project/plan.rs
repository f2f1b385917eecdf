//! What is judged in a folder with `coalmine.toml`: once, or with the base branch's files and with the pull request's.

use camino::Utf8Path;

use super::{Build, FILE, Root, changes::Changes, settings::Project};
use crate::{arguments::RunArguments, context::Context, failure::Failure};

/// Whose files a run follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Those of the folder in which coalmine was started.
    Own,
    /// Those of the base branch.
    Base,
    /// Those of the pull request, which differ.
    Head,
}

impl Whose {
    /// Returns the name of the run's folder and in files for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Base => "base",
            Self::Head => "head",
        }
    }
}

/// A run that is to be made.
#[derive(Debug)]
pub(crate) struct Part {
    /// Whose files it follows.
    pub(crate) whose: Whose,
    project: Result<Project, Failure>,
}

/// All runs that are to be made.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The runs, at least one.
    pub(crate) parts: Vec<Part>,
    /// What the pull request changes about its own gate.
    pub(crate) changes: Changes,
    /// Whether a base branch was given that has no `coalmine.toml`.
    pub(crate) base_has_none: bool,
    /// The folder in which images are built: the pull request's.
    pub(crate) root: Root,
}

impl Plan {
    /// Returns the runs that are to be made in this folder, or `None` if it has no `coalmine.toml`. `base` is a checkout of the
    /// base branch.
    ///
    /// # Errors
    /// The file whose values count cannot be read.
    pub(crate) fn read(base: Option<&Utf8Path>) -> Result<Option<Self>, Failure> {
        let root = Root::open(".".into())?;
        let Some(base) = base else {
            let own = Project::read(&root)?;
            return Ok(own.map(|own| Self::of(root, vec![(Whose::Own, Ok(own))], Changes::default())));
        };
        let head = Project::read(&root);
        match (Project::read(&Root::open(base)?)?, head) {
            (None, head) => {
                let head = head?.ok_or_else(|| {
                    Failure::new(format!("neither this folder nor `{base}` has a {FILE}"))
                        .hint("create one with `coalmine init`")
                })?;
                let plan = Self::of(root, vec![(Whose::Own, Ok(head))], Changes::default());
                Ok(Some(Self { base_has_none: true, ..plan }))
            }
            (Some(base), head) => {
                let readable = head.as_ref().ok().and_then(Option::as_ref);
                let changes = Changes::between(&base, readable, &root);
                let mut parts = vec![(Whose::Base, Ok(base))];
                match head {
                    Ok(Some(head)) if changes.matter => parts.push((Whose::Head, Ok(head))),
                    Ok(_) => {}
                    Err(failure) => parts.push((Whose::Head, Err(failure))),
                }
                Ok(Some(Self::of(root, parts, changes)))
            }
        }
    }

    fn of(root: Root, parts: Vec<(Whose, Result<Project, Failure>)>, changes: Changes) -> Self {
        let parts = parts.into_iter().map(|(whose, project)| Part { whose, project }).collect();
        Self { parts, changes, base_has_none: false, root }
    }

    /// Returns the images that have to be built: each different `build` once, with its tag. `is_named` says that flags name
    /// what is judged.
    pub(crate) fn builds(&self, is_named: bool, prefix: &str) -> Vec<(&Build, String)> {
        let mut builds: Vec<(&Build, String)> = vec![];
        for part in &self.parts {
            let build = part.project.as_ref().ok().and_then(|project| project.build(is_named));
            if let Some(build) = build.filter(|build| !builds.iter().any(|(known, _)| known == build)) {
                builds.push((build, format!("{prefix}:{}", builds.len() + 1)));
            }
        }
        builds
    }
}

impl Part {
    /// Returns the arguments of this run. `builds` are the images that were built.
    ///
    /// # Errors
    /// The files that it follows cannot be used.
    pub(crate) fn arguments(
        self,
        flags: &RunArguments,
        builds: &[(Build, String)],
        context: &Context,
    ) -> Result<RunArguments, Failure> {
        let project = self.project?;
        let built = project.build(flags.names_target());
        let tag = built.and_then(|build| builds.iter().find(|(known, _)| known == build));
        project.under(flags, tag.map(|(_, tag)| tag.clone()), context)
    }
}
