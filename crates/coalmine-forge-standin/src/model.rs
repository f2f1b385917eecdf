//! What is in the forge.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{fault::Fault, http::Asked};

/// The token of the user `keeper`, who is an admin of every repository.
pub const ADMIN: &str = "keeper-token";
/// The token of the user `author`, who may write to every repository.
pub const WRITER: &str = "author-token";
/// The token of the user `bot`, who may read every repository.
pub const READER: &str = "bot-token";

/// What a user may do in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Read.
    Read,
    /// Push, and post statuses.
    Write,
    /// Read and change protections.
    Admin,
}

/// Which forge this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Gitea,
    GitHub,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) token: String,
    /// What the user may do in repositories that say nothing else.
    pub(crate) everywhere: Option<Permission>,
}

/// What a path of a commit holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    File(Vec<u8>),
    Symlink(String),
}

#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) parents: Vec<String>,
    pub(crate) message: String,
    pub(crate) author: String,
    pub(crate) time: Timestamp,
    pub(crate) files: BTreeMap<String, Node>,
}

#[derive(Debug, Clone)]
pub(crate) struct Pull {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) author: String,
    pub(crate) head_ref: String,
    pub(crate) head: String,
    /// The repository it comes from, if that is another one.
    pub(crate) fork: Option<String>,
    pub(crate) base_ref: String,
    /// The commit that the base was at when it was opened.
    pub(crate) base: String,
    pub(crate) open: bool,
    pub(crate) merged: Option<Timestamp>,
    pub(crate) draft: bool,
    /// Whether the background job that looks for conflicts has yet to run.
    pub(crate) unchecked: bool,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) closed: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(crate) struct Status {
    pub(crate) id: u64,
    pub(crate) sha: String,
    pub(crate) context: String,
    pub(crate) state: String,
    pub(crate) description: String,
    pub(crate) target_url: String,
    pub(crate) creator: Option<String>,
    pub(crate) created: Timestamp,
}

/// A task of Gitea Actions, or a check run of GitHub.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) id: u64,
    pub(crate) sha: String,
    pub(crate) job: String,
    pub(crate) workflow: String,
    pub(crate) event: String,
    pub(crate) branch: String,
    pub(crate) state: String,
    pub(crate) app: (u64, String),
    pub(crate) created: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) pull: u64,
    pub(crate) author: String,
    pub(crate) body: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Repository {
    pub(crate) id: u64,
    pub(crate) full_name: String,
    pub(crate) default_branch: String,
    pub(crate) archived: bool,
    pub(crate) private: bool,
    pub(crate) permissions: BTreeMap<String, Permission>,
    pub(crate) branches: BTreeMap<String, String>,
    pub(crate) commits: Vec<Commit>,
    /// Rules of Gitea, or protections of GitHub with `branch`.
    pub(crate) rules: Vec<Value>,
    /// Rules of GitHub's rulesets, with `branch`.
    pub(crate) rulesets: Vec<Value>,
    pub(crate) pulls: Vec<Pull>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) comments: Vec<Comment>,
    /// Trees that no commit has yet.
    pub(crate) trees: BTreeMap<String, BTreeMap<String, Node>>,
}

impl Repository {
    /// Returns the commit that a branch or an id names.
    pub(crate) fn commit(&self, reference: &str) -> Option<&Commit> {
        let sha = self.branches.get(reference).map_or(reference, String::as_str);
        self.commits.iter().find(|commit| commit.sha == sha)
    }

    /// Returns a commit with all that led to it, the newest first.
    pub(crate) fn history(&self, sha: &str) -> Vec<&Commit> {
        let mut next = vec![sha.to_owned()];
        let mut found: Vec<&Commit> = vec![];
        while let Some(sha) = next.pop() {
            let Some(commit) = self.commit(&sha) else { continue };
            if found.iter().all(|known| known.sha != sha) {
                next.extend(commit.parents.iter().cloned());
                found.push(commit);
            }
        }
        found
    }

    /// Returns the commits of a pull request: those that its base did not have when it was opened.
    pub(crate) fn commits_of(&self, pull: &Pull) -> Vec<&Commit> {
        let base = self.history(&pull.base);
        let is_new = |commit: &&Commit| base.iter().all(|known| known.sha != commit.sha);
        self.history(&pull.head).into_iter().filter(is_new).collect()
    }

    pub(crate) fn owner(&self) -> &str {
        self.full_name.split('/').next().unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.full_name.split('/').next_back().unwrap_or_default()
    }

    /// Moves a branch, with the open pull requests that come from it.
    pub(crate) fn advance(&mut self, branch: &str, sha: &str) {
        self.branches.insert(branch.to_owned(), sha.to_owned());
        for pull in &mut self.pulls {
            if pull.open && pull.fork.is_none() && pull.head_ref == branch {
                sha.clone_into(&mut pull.head);
            }
        }
    }
}

/// The whole forge.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) kind: Kind,
    pub(crate) version: String,
    /// The path that all addresses begin with.
    pub(crate) prefix: String,
    pub(crate) now: Timestamp,
    /// The last id that was given to anything.
    pub(crate) last_id: u64,
    pub(crate) users: Vec<User>,
    pub(crate) repositories: Vec<Repository>,
    pub(crate) faults: VecDeque<(Fault, Option<u32>)>,
    /// How often a protection was read, for the faults about that.
    pub(crate) protection_reads: u32,
    pub(crate) asked: Vec<Asked>,
}

impl Model {
    pub(crate) fn new(kind: Kind, version: &str) -> Self {
        let user = |id, login: &str, token: &str, everywhere| User {
            id,
            login: login.to_owned(),
            token: token.to_owned(),
            everywhere: Some(everywhere),
        };
        Self {
            kind,
            version: version.to_owned(),
            prefix: String::new(),
            now: "2026-11-02T09:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
            last_id: 0,
            users: vec![
                user(1, "keeper", ADMIN, Permission::Admin),
                user(2, "author", WRITER, Permission::Write),
                user(3, "bot", READER, Permission::Read),
            ],
            repositories: vec![],
            faults: VecDeque::new(),
            protection_reads: 0,
            asked: vec![],
        }
    }

    /// Returns whether this is Gitea in a version from `minor` on. Forgejo counts by the version it resembles.
    pub(crate) fn since(&self, minor: u32) -> bool {
        let text = self.version.rsplit("+gitea-").next().unwrap_or_default();
        text.split('.').nth(1).and_then(|text| text.parse().ok()).is_some_and(|own: u32| own >= minor)
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Returns the time, and lets a second pass.
    pub(crate) fn tick(&mut self) -> Timestamp {
        let now = self.now;
        self.now = now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now);
        now
    }

    pub(crate) fn user(&self, login: &str) -> Option<&User> {
        self.users.iter().find(|user| user.login == login)
    }

    pub(crate) fn repository(&mut self, full_name: &str) -> Option<&mut Repository> {
        let is_it = |repository: &&mut Repository| repository.full_name.eq_ignore_ascii_case(full_name);
        self.repositories.iter_mut().find(is_it)
    }

    /// Returns what a user may do in a repository. Anybody may read one that is not private.
    pub(crate) fn permission(&self, login: Option<&str>, repository: &Repository) -> Option<Permission> {
        let own = login.filter(|login| *login == repository.owner()).map(|_| Permission::Admin);
        let given = login.and_then(|login| repository.permissions.get(login).copied());
        let everywhere = login.and_then(|login| self.user(login)?.everywhere);
        let public = Some(Permission::Read).filter(|_| !repository.private);
        own.or(given).or(everywhere).or(public)
    }

    /// Commits files on top of a commit. Returns the id.
    pub(crate) fn commit(
        &mut self,
        full_name: &str,
        parents: Vec<String>,
        message: &str,
        author: &str,
        files: BTreeMap<String, Node>,
    ) -> String {
        let (id, time) = (self.next_id(), self.tick());
        let sha = digest(&format!("commit {full_name} {id} {message}"));
        let message = format!("{}\n", message.trim_end());
        let commit = Commit { sha: sha.clone(), parents, message, author: author.to_owned(), time, files };
        if let Some(repository) = self.repository(full_name) {
            repository.commits.push(commit);
        }
        sha
    }
}

/// Returns an id that looks like one of git's.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the id of a blob.
pub(crate) fn blob(node: &Node) -> String {
    match node {
        Node::File(content) => {
            let hash = Sha256::digest(content);
            hash.iter().take(20).map(|byte| format!("{byte:02x}")).collect()
        }
        Node::Symlink(target) => digest(&format!("link {target}")),
    }
}
