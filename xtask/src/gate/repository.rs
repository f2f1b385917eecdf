//! A template repository with a base branch and a pull request.

use std::{os::unix::fs::symlink, process::Command};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::case::{Base, Case};
use crate::{failure::Failure, repository, tool};

/// The owner and the name of every repository.
pub(super) const NAME: &str = "acme/template";

/// A repository.
#[derive(Debug)]
pub(super) struct Template {
    /// The work tree, whose head is that of the pull request.
    pub(super) tree: Utf8PathBuf,
    /// The folder from which the repository is served.
    pub(super) served: Utf8PathBuf,
}

impl Template {
    /// Creates the repository of a case.
    pub(super) fn create(scratch: &Utf8Path, case: &Case, tool_image: &str) -> Result<Self, Failure> {
        let folder = scratch.join(case.name.replace(' ', "-"));
        let (tree, served) = (folder.join("tree"), folder.join("served"));
        fs::create_dir_all(&tree)?;
        let git = |words: &[&str]| {
            let mut git = Command::new("git");
            git.current_dir(&tree).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(words);
            tool::run_silently(&mut git, "could not make a repository")
        };
        git(&["init", "--quiet", "--initial-branch", case.branch])?;
        let file = case.forge.workflow();
        fs::create_dir_all(tree.join(".github/workflows"))?;
        fs::copy(
            repository::root().join("local-e2e/templates").join(file),
            tree.join(".github/workflows/gate.yml"),
        )?;
        // all canaries once, and otherwise two that the red image fails
        let is_full = case.name == "gitea green";
        let few = if is_full { "" } else { "canaries = [\"name-recall\", \"interleaved\"]\n" };
        let pinned = format!("profile = \"reference\"\ntool-image = \"{tool_image}\"\n");
        let toml = match case.base {
            Base::Present => Some(format!("build = \".\"\n{few}{pinned}")),
            Base::NoTool => Some("build = \".\"\n".to_owned()),
            Base::Absent => None,
        };
        if let Some(text) = toml {
            fs::write(tree.join("coalmine.toml"), text)?;
        }
        fs::write(tree.join("Dockerfile"), "FROM coalmine/reference:dev\n")?;
        git(&["add", "--all"])?;
        git(&["commit", "--quiet", "--message", "base"])?;
        git(&["checkout", "--quiet", "-b", "change"])?;
        let build = if case.toml.contains("build") { "" } else { "build = \".\"\n" };
        let few = if case.toml.contains("canaries") { "" } else { few };
        fs::write(tree.join("coalmine.toml"), format!("{build}{few}{}{pinned}", case.toml))?;
        fs::write(tree.join("Dockerfile"), case.dockerfile)?;
        fs::write(tree.join("Good"), "FROM coalmine/reference:dev\n")?;
        fs::write(tree.join("a\n::error::name.toml"), "")?;
        if let Some((name, to)) = case.link {
            fs::remove_file(tree.join(name))?;
            symlink(to, tree.join(name))?;
        }
        git(&["add", "--all"])?;
        git(&["commit", "--quiet", "--message", "change"])?;
        let bare = served.join(format!("{NAME}.git"));
        git(&["clone", "--quiet", "--bare", ".", bare.as_str()])?;
        for key in ["http.receivepack", "uploadpack.allowAnySHA1InWant"] {
            git(&["--git-dir", bare.as_str(), "config", key, "true"])?;
        }
        Ok(Self { tree, served })
    }
}
