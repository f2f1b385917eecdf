//! The pull request that brings the gate to a repository.

use sha2::{Digest, Sha256};

use super::{
    fleet::{Fleet, Repository},
    gate::{FileState, Gate},
};
use crate::forge::{File, FileChange, NewCommit, NewPull};

/// The one file of a repository that says how it is judged.
pub const PROJECT: &str = "coalmine.toml";

/// What the branches of an onboarding begin with.
pub const BRANCH: &str = "coalmine/gate-";

/// What is there already, on the default branch.
#[derive(Debug, Default)]
pub struct Present {
    /// The workflow file.
    pub workflow: Option<File>,
    /// `coalmine.toml`.
    pub project: Option<File>,
}

/// What an onboarding writes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The commit, on a branch of its own.
    pub commit: NewCommit,
    /// The pull request.
    pub pull: NewPull,
}

/// Returns what has to be written; `None` if everything is there.
pub fn plan(
    fleet: &Fleet,
    repository: &Repository,
    gate: &Gate,
    base: &str,
    present: &Present,
) -> Option<Plan> {
    let state = gate.compare(present.workflow.as_ref().map(|file| file.content.as_slice()));
    let mut files = vec![];
    if state != FileState::Identical {
        let replaces = present.workflow.as_ref().map(|file| file.sha.clone());
        files.push(FileChange { path: gate.path().to_owned(), content: gate.content.clone(), replaces });
    }
    // a repository's own settings stay
    if present.project.is_none() {
        let content = project(fleet, repository).into_bytes();
        files.push(FileChange { path: PROJECT.to_owned(), content, replaces: None });
    }
    if files.is_empty() {
        return None;
    }
    let branch = branch(&files);
    let what = if state == FileState::Differs {
        "Update the session-continuity gate"
    } else {
        "Add the session-continuity gate"
    };
    Some(Plan {
        pull: NewPull {
            head: branch.clone(),
            base: base.to_owned(),
            title: what.to_owned(),
            body: body(&files),
        },
        commit: NewCommit { base: base.to_owned(), branch, message: what.to_owned(), files },
    })
}

/// The same files are the same branch, so that a second onboarding finds the first.
fn branch(files: &[FileChange]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.path.as_bytes());
        hash.update([0]);
        hash.update(&file.content);
        hash.update([0]);
    }
    let digest: String = hash.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    format!("{BRANCH}{digest}")
}

fn project(fleet: &Fleet, repository: &Repository) -> String {
    let mut text = String::from(
        "# How the gate judges this repository; it is read from the base branch.\nbuild = \".\"\n",
    );
    let mut key = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            // a value of TOML escapes itself
            text.push_str(&format!("{name} = {}\n", toml::Value::String(value.clone())));
        }
    };
    key("profile", repository.profile.as_ref());
    key("tool-image", fleet.tool_image.as_ref());
    text
}

fn body(files: &[FileChange]) -> String {
    let names: Vec<String> = files.iter().map(|file| format!("- `{}`", file.path)).collect();
    format!(
        "This pull request brings the session-continuity gate: it builds the image of this repository, talks to it as a \
         platform would, and says whether conversations survive.\n\n{}\n\nThe gate is not required yet. It becomes so \
         when it has been green on several business days; until then a red run blocks nothing.\n\nThe workflow is the \
         same in every repository: change it at its source, never here.\n",
        names.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::ForgeKind;

    const FLEET: &str = "forge = \"gitea\"\nurl = \"https://forge.example\"\nowner = \"acme\"\n\
                         tool-image = \"tool@sha256:00\"\n\
                         [[repository]]\nname = \"hermes\"\nprofile = \"her\\\"mes\"\n";

    fn planned(present: &Present) -> Option<Plan> {
        let fleet = Fleet::parse(FLEET).unwrap();
        let gate = Gate { kind: ForgeKind::Gitea, content: b"canonical".to_vec() };
        plan(&fleet, &fleet.repositories[0], &gate, "main", present)
    }

    fn file(content: &[u8]) -> Option<File> {
        Some(File { content: content.to_vec(), sha: "blob".to_owned() })
    }

    #[test]
    fn a_new_repository_gets_both_files() {
        let plan = planned(&Present::default()).unwrap();
        let files = &plan.commit.files;
        assert_eq!(files[0].path, ".gitea/workflows/session-continuity-e2e.yml");
        assert_eq!((files[0].content.as_slice(), &files[0].replaces), (&b"canonical"[..], &None));
        let text = String::from_utf8(files[1].content.clone()).unwrap();
        let project: toml::Table = text.parse().unwrap();
        assert_eq!(project["profile"].as_str(), Some("her\"mes"), "a value cannot end its own quotes");
        assert_eq!(project["tool-image"].as_str(), Some("tool@sha256:00"));
        assert_eq!(planned(&Present::default()).unwrap().commit.branch, plan.commit.branch);
    }

    #[test]
    fn what_is_there_stays() {
        let settings = file(b"build = \"image\"\n");
        let other = planned(&Present { workflow: file(b"other"), project: settings.clone() }).unwrap();
        assert_eq!(other.commit.files.len(), 1);
        assert_eq!(other.commit.files[0].replaces.as_deref(), Some("blob"));
        assert_eq!(other.pull.title, "Update the session-continuity gate");
        assert!(planned(&Present { workflow: file(b"canonical"), project: settings }).is_none());
    }
}
