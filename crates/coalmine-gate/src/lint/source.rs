//! What the lint is given.

use super::Target;
use crate::forge::RequiredContext;

/// A workflow file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path, as it is shown.
    pub path: String,
    /// The text.
    pub text: String,
    /// The forge that the file is judged for.
    pub target: Target,
}

impl Source {
    /// Returns a file that is judged for the forge of its folder.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let path = path.into();
        Self { target: Target::of_path(&path), path, text: text.into() }
    }

    /// Returns the name of the file without its folder.
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }
}

/// What is known besides the files.
#[derive(Debug, Clone, Default)]
pub struct LintOptions {
    /// The contexts that the branch protection requires. Without them, every job that runs on pull requests counts as
    /// required, and in a workflow without them every job that runs on each push.
    pub required: Option<Vec<RequiredContext>>,
    /// The contexts that are meant to be required.
    pub declared: Vec<String>,
    /// The canonical files, by their names.
    pub canonical: Vec<Canonical>,
    /// The files of the base branch.
    pub base: Option<Vec<Source>>,
}

/// A canonical file. Its copies are identical, byte by byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The name of the file, without a folder.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}
