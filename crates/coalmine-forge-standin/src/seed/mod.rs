//! How a test fills the forge. Each call adds to what the calls before began: a file to the last repository, a
//! status to the last pull request.

mod pulls;
mod rules;
mod statuses;

use jiff::Timestamp;

use crate::{
    fault::Fault,
    model::{Kind, Model, Node, Permission, Repository, User},
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

    /// Makes requests fail from the start.
    #[must_use]
    pub fn failing(mut self, fault: Fault) -> Self {
        self.model.faults.push_back((fault, None));
        self
    }

    /// Changes the current repository.
    fn on<T>(&mut self, change: impl FnOnce(&mut Repository) -> T) -> T {
        let name = self.repository.clone();
        change(self.model.repository(&name).expect("a repository first"))
    }
}
