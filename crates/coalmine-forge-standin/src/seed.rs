//! How a test fills the forge. Each call adds to what the calls before began: a file to the last repository, a
//! status to the last pull request.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    gitea::template,
    model::{Kind, Model, Node, Permission, Pull, Repository, Status, Task, User},
    server::Running,
};

/// A forge that is not served yet.
#[derive(Debug, Clone)]
pub struct StandIn {
    model: Model,
    /// The repository that calls are about.
    repository: String,
    /// The commit that statuses are about.
    commit: String,
}

impl StandIn {
    /// Returns an empty Gitea of a version, or a Forgejo such as `15.0.0+gitea-1.22.0`.
    pub fn gitea(version: &str) -> Self {
        Self::of(Model::new(Kind::Gitea, version))
    }

    /// Returns an empty GitHub.
    pub fn github() -> Self {
        Self::of(Model::new(Kind::GitHub, "3.17.0"))
    }

    /// Continues with the last repository, at its default branch.
    pub(crate) fn of(model: Model) -> Self {
        let standin = Self { model, repository: String::new(), commit: String::new() };
        match standin.model.repositories.last().map(|repository| repository.full_name.clone()) {
            Some(name) => standin.repository(&name),
            None => standin,
        }
    }

    pub(crate) fn into_model(self) -> Model {
        self.model
    }

    /// Serves it on a free port of this machine.
    pub fn serve(self) -> Running {
        Running::serve(self.model)
    }

    /// Serves everything below a path, such as `/git`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.model.prefix);
        self
    }

    /// Sets the clock, which goes a second further with everything that happens.
    ///
    /// # Panics
    /// The text is not a time, such as `2026-11-02T09:00:00Z`.
    #[must_use]
    pub fn at(mut self, time: &str) -> Self {
        self.model.now = time.parse::<Timestamp>().expect("a time");
        self
    }

    /// Adds a user with a token, who has no permissions.
    #[must_use]
    pub fn user(mut self, login: &str, token: &str) -> Self {
        let id = self.model.users.len() as u64 + 1;
        self.model.users.push(User {
            id,
            login: login.to_owned(),
            token: token.to_owned(),
            everywhere: None,
        });
        self
    }

    /// Adds a repository with one commit on `main`, or goes back to one.
    #[must_use]
    pub fn repository(mut self, full_name: &str) -> Self {
        full_name.clone_into(&mut self.repository);
        if self.model.repository(full_name).is_none() {
            let id = self.model.next_id();
            self.model.repositories.push(Repository {
                id,
                full_name: full_name.to_owned(),
                default_branch: "main".to_owned(),
                ..Repository::default()
            });
            let files = [("README.md".to_owned(), Node::File(b"# a template\n".to_vec()))].into();
            let sha = self.model.commit(full_name, vec![], "Initial commit", "keeper", files);
            self.on(|repository| repository.advance("main", &sha));
        }
        let branch = self.on(|repository| repository.default_branch.clone());
        self.commit = self.on(|repository| repository.branches.get(&branch).cloned()).unwrap_or_default();
        self
    }

    /// Gives a user a permission in the repository.
    #[must_use]
    pub fn permission(mut self, login: &str, permission: Permission) -> Self {
        self.on(|repository| repository.permissions.insert(login.to_owned(), permission));
        self
    }

    /// Archives the repository.
    #[must_use]
    pub fn archived(mut self) -> Self {
        self.on(|repository| repository.archived = true);
        self
    }

    /// Hides the repository from everybody without a permission.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.on(|repository| repository.private = true);
        self
    }

    /// Commits a file to a branch. A branch that does not exist begins at the default branch.
    #[must_use]
    pub fn file(self, branch: &str, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.node(branch, path, Some(Node::File(content.as_ref().to_vec())))
    }

    /// Commits a symbolic link to a branch.
    #[must_use]
    pub fn symlink(self, branch: &str, path: &str, target: &str) -> Self {
        self.node(branch, path, Some(Node::Symlink(target.to_owned())))
    }

    /// Commits the end of a file to a branch.
    #[must_use]
    pub fn without_file(self, branch: &str, path: &str) -> Self {
        self.node(branch, path, None)
    }

    fn node(mut self, branch: &str, path: &str, node: Option<Node>) -> Self {
        let (parent, mut files) = self.on(|repository| {
            let base = repository.commit(branch).or_else(|| repository.commit(&repository.default_branch));
            base.map(|commit| (commit.sha.clone(), commit.files.clone())).unwrap_or_default()
        });
        match node {
            Some(node) => files.insert(path.to_owned(), node),
            None => files.remove(path),
        };
        let name = self.repository.clone();
        let sha = self.model.commit(&name, vec![parent], &format!("change {path}"), "author", files);
        self.on(|repository| repository.advance(branch, &sha));
        self.commit = sha;
        self
    }

    /// Opens a pull request from a branch, which begins at the default branch if it does not exist. Further statuses
    /// are about its head.
    #[must_use]
    pub fn pull(mut self, branch: &str) -> Self {
        if self.on(|repository| !repository.branches.contains_key(branch)) {
            self = self.file(branch, "CHANGES", branch);
        }
        let head = self.on(|repository| repository.branches.get(branch).cloned()).unwrap_or_default();
        let (id, created) = (self.model.next_id(), self.model.tick());
        self.on(|repository| {
            let number = repository.pulls.len() as u64 + 1;
            repository.pulls.push(Pull {
                id,
                number,
                title: format!("change {branch}"),
                body: String::new(),
                author: "author".to_owned(),
                head_ref: branch.to_owned(),
                head: head.clone(),
                fork: None,
                base_ref: repository.default_branch.clone(),
                base: repository.branches.get(&repository.default_branch).cloned().unwrap_or_default(),
                open: true,
                merged: None,
                draft: false,
                unchecked: false,
                created,
                updated: created,
                closed: None,
            });
        });
        self.commit = head;
        self
    }

    /// Gives the last pull request a title.
    #[must_use]
    pub fn titled(self, title: &str) -> Self {
        self.with_pull(|pull| title.clone_into(&mut pull.title))
    }

    /// Lets the last pull request come from another repository.
    #[must_use]
    pub fn from_fork(self, full_name: &str) -> Self {
        self.with_pull(|pull| pull.fork = Some(full_name.to_owned()))
    }

    /// Makes the last pull request a draft.
    #[must_use]
    pub fn draft(self) -> Self {
        self.with_pull(|pull| pull.draft = true)
    }

    /// Closes the last pull request unmerged.
    #[must_use]
    pub fn closed(mut self) -> Self {
        let now = self.model.tick();
        self.with_pull(|pull| {
            pull.open = false;
            pull.closed = Some(now);
            pull.updated = now;
        })
    }

    /// Merges the last pull request, and deletes its branch.
    #[must_use]
    pub fn merged(mut self) -> Self {
        let now = self.model.tick();
        let (base, head, branch) = self.on(|repository| {
            let pull = repository.pulls.last();
            pull.map(|pull| (pull.base_ref.clone(), pull.head.clone(), pull.head_ref.clone()))
                .unwrap_or_default()
        });
        self = self.with_pull(|pull| {
            pull.open = false;
            pull.closed = Some(now);
            pull.merged = Some(now);
            pull.updated = now;
        });
        self.on(|repository| {
            repository.advance(&base, &head);
            repository.branches.remove(&branch);
        });
        self
    }

    fn with_pull(mut self, change: impl FnOnce(&mut Pull)) -> Self {
        self.on(|repository| change(repository.pulls.last_mut().expect("a pull request")));
        self
    }

    /// Posts a status to the current commit as Gitea Actions does: without a creator.
    #[must_use]
    pub fn status(self, context: &str, state: &str, description: &str) -> Self {
        self.posted(None, context, state, description)
    }

    /// Posts a status to the current commit as a user does.
    #[must_use]
    pub fn status_by(self, login: &str, context: &str, state: &str, description: &str) -> Self {
        self.posted(Some(login), context, state, description)
    }

    fn posted(mut self, creator: Option<&str>, context: &str, state: &str, description: &str) -> Self {
        let (id, created) = (self.model.next_id(), self.model.tick());
        let target_url = match creator {
            Some(_) => String::new(),
            None => format!("/{}/actions/runs/{id}/jobs/0", self.repository),
        };
        let status = Status {
            id,
            sha: self.commit.clone(),
            context: context.to_owned(),
            state: state.to_owned(),
            description: description.to_owned(),
            target_url,
            creator: creator.map(str::to_owned),
            created,
        };
        self.on(|repository| repository.statuses.push(status));
        self
    }

    /// Lists a run for the current commit: a task of Gitea from 1.23, a check run of GitHub's own Actions.
    #[must_use]
    pub fn task(self, workflow: &str, job: &str, event: &str, state: &str) -> Self {
        self.ran(workflow, job, event, state, (15_368, "github-actions"))
    }

    /// Lists a check run of another app for the current commit.
    #[must_use]
    pub fn check_run(self, name: &str, state: &str, app: u64, slug: &str) -> Self {
        self.ran("", name, "", state, (app, slug))
    }

    fn ran(mut self, workflow: &str, job: &str, event: &str, state: &str, app: (u64, &str)) -> Self {
        let (id, created) = (self.model.next_id(), self.model.tick());
        let sha = self.commit.clone();
        self.on(|repository| {
            let branch = repository.branches.iter().find(|(_, head)| **head == sha);
            let task = Task {
                id,
                branch: branch.map(|(name, _)| name.clone()).unwrap_or_default(),
                sha,
                job: job.to_owned(),
                workflow: workflow.to_owned(),
                event: event.to_owned(),
                state: state.to_owned(),
                app: (app.0, app.1.to_owned()),
                created,
            };
            repository.tasks.push(task);
        });
        self
    }

    /// Goes to a commit, or to the end of a branch. Further statuses are about it.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn commit(mut self, reference: &str) -> Self {
        let found = self.on(|repository| repository.commit(reference).map(|commit| commit.sha.clone()));
        self.commit = found.expect("a commit");
        self
    }

    /// Returns the current commit.
    pub fn head(&self) -> &str {
        &self.commit
    }

    /// Writes a comment on the last pull request.
    #[must_use]
    pub fn comment(mut self, login: &str, body: &str) -> Self {
        let (id, created) = (self.model.next_id(), self.model.tick());
        self.on(|repository| {
            let pull = repository.pulls.len() as u64;
            repository.comments.push(crate::model::Comment {
                id,
                pull,
                author: login.to_owned(),
                body: body.to_owned(),
                created,
                updated: created,
            });
        });
        self
    }

    /// Protects a branch and requires contexts there. On Gitea, the branch may be a pattern, and the contexts are
    /// patterns.
    #[must_use]
    pub fn protected(self, branch: &str, contexts: &[&str]) -> Self {
        self.rule(branch, contexts, true)
    }

    /// Protects a branch with contexts that do not count.
    #[must_use]
    pub fn protected_but_off(self, branch: &str, contexts: &[&str]) -> Self {
        self.rule(branch, contexts, false)
    }

    fn rule(mut self, branch: &str, contexts: &[&str], enforced: bool) -> Self {
        let rule = match self.model.kind {
            Kind::Gitea => {
                let mut rule = template(&self.model, "rule");
                rule["rule_name"] = branch.into();
                rule["enable_status_check"] = enforced.into();
                rule["status_check_contexts"] = contexts.into();
                rule
            }
            Kind::GitHub => {
                let checks: Vec<_> =
                    contexts.iter().map(|name| json!({ "context": name, "app_id": null })).collect();
                let required = json!({ "strict": true, "contexts": contexts, "checks": checks });
                json!({
                    "branch": branch,
                    "required_status_checks": if enforced { required } else { Value::Null },
                    "enforce_admins": { "enabled": false },
                    "required_linear_history": { "enabled": true },
                })
            }
        };
        self.on(|repository| repository.rules.push(rule));
        self
    }

    /// Sets a field of the last rule.
    #[must_use]
    pub fn rule_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.on(|repository| repository.rules.last_mut().expect("a rule")[name] = value.into());
        self
    }

    /// Requires contexts of a branch by one of GitHub's rulesets.
    #[must_use]
    pub fn ruleset(mut self, branch: &str, contexts: &[&str]) -> Self {
        let checks: Vec<_> = contexts.iter().map(|name| json!({ "context": name })).collect();
        let rule = json!({
            "branch": branch,
            "type": "required_status_checks",
            "ruleset_id": 1,
            "parameters": { "strict_required_status_checks_policy": false, "required_status_checks": checks },
        });
        self.on(|repository| repository.rulesets.push(rule));
        self
    }

    /// Makes requests fail from the start.
    #[must_use]
    pub fn failing(mut self, fault: Fault) -> Self {
        self.model.faults.push_back((fault, None));
        self
    }

    fn on<T>(&mut self, change: impl FnOnce(&mut Repository) -> T) -> T {
        let name = self.repository.clone();
        change(self.model.repository(&name).expect("a repository first"))
    }
}
