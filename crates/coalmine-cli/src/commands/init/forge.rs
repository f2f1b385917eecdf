//! The forge of a repository, and where it reads workflows.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use crate::{failure::Failure, project::Root};

/// The canonical workflow of Gitea and Forgejo.
const GITEA: &str = include_str!("../../../../../local-e2e/templates/session-continuity-e2e.yml");
/// The canonical workflow of GitHub.
const GITHUB: &str = include_str!("../../../../../local-e2e/templates/session-continuity-e2e.github.yml");
/// The folder that Gitea and Forgejo read if there is none of their own.
const FALLBACK: &str = ".github/workflows";
/// The most workflows that are moved.
const MAX_WORKFLOWS: usize = 200;

/// A forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Forge {
    Gitea,
    Forgejo,
    Github,
}

impl Forge {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gitea => "Gitea",
            Self::Forgejo => "Forgejo",
            Self::Github => "GitHub",
        }
    }

    /// Returns the canonical workflow.
    pub(super) fn workflow(self) -> &'static str {
        match self {
            Self::Gitea | Self::Forgejo => GITEA,
            Self::Github => GITHUB,
        }
    }

    /// Returns the folders of which the forge reads the first that exists.
    fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Gitea => &[".gitea/workflows"],
            Self::Forgejo => &[".forgejo/workflows", ".gitea/workflows"],
            Self::Github => &[FALLBACK],
        }
    }
}

/// Where the workflow is written.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) forge: Forge,
    /// The folder of the workflows.
    pub(super) folder: Utf8PathBuf,
    /// How the forge was found.
    pub(super) why: String,
}

impl Place {
    /// Finds the forge: what the user says, or a folder that only one forge has, or the host of the git remote.
    pub(super) fn of(root: &Root, given: Option<Forge>, remote: Option<&str>) -> Result<Self, Failure> {
        let has = |folder: &str| root.has(folder.into());
        let named = |host: &str, words: &[&str]| words.iter().any(|word| host.contains(word));
        let (forge, why) = match (given, remote) {
            (Some(forge), _) => (forge, "as `--forge` says".to_owned()),
            _ if has(".forgejo") => (Forge::Forgejo, "by the folder .forgejo".to_owned()),
            _ if has(".gitea") => (Forge::Gitea, "by the folder .gitea".to_owned()),
            (_, Some(host)) if named(host, &["github."]) => {
                (Forge::Github, format!("by the remote at {host}"))
            }
            (_, Some(host)) if named(host, &["forgejo", "codeberg."]) => {
                (Forge::Forgejo, format!("by the remote at {host}"))
            }
            (_, Some(host)) if named(host, &["gitea"]) => (Forge::Gitea, format!("by the remote at {host}")),
            (_, None) if has(".github") => (Forge::Github, "by the folder .github".to_owned()),
            _ => {
                return Err(Failure::new("could not find out which forge this repository is on")
                    .hint("name it: `--forge gitea`, `--forge forgejo` or `--forge github`"));
            }
        };
        let mut folders = forge.folders().iter();
        let folder = folders.find(|folder| has(folder)).or(forge.folders().first()).copied();
        let folder = Utf8PathBuf::from(folder.unwrap_or(FALLBACK));
        Ok(Self { forge, folder, why: format!("{}, {why}", forge.name()) })
    }

    /// Returns the path of the workflow.
    pub(super) fn workflow(&self) -> Utf8PathBuf {
        self.folder.join("session-continuity-e2e.yml")
    }

    /// Returns the workflows in `.github/workflows` that the forge would ignore from now on.
    pub(super) fn silenced(&self, root: &Root) -> Result<Vec<String>, Failure> {
        let fallback = Utf8Path::new(FALLBACK);
        if self.folder == FALLBACK || root.has(&self.folder) || !root.has(fallback) {
            return Ok(vec![]);
        }
        let mut names = vec![];
        for path in root.files(fallback, &["yml", "yaml"], MAX_WORKFLOWS)? {
            names.extend(path.file_name().map(str::to_owned));
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_holds_the_script_of_the_gate() {
        let script = include_str!("../../../../../local-e2e/scripts/gate.sh");
        let (_, run) = GITEA.split_once("        run: |\n").unwrap();
        let run: String = run
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix("          ").unwrap_or(line)))
            .collect();
        assert!(run == script, "copy local-e2e/scripts/gate.sh into the workflow, indented by ten blanks");
        // text of others must not become a part of the script
        assert!(!script.contains("${{"));
    }
}
