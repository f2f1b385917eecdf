//! Pull requests and their comments.

use super::StandIn;
use crate::model::{Comment, Pull};

impl StandIn {
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

    /// Writes a comment on the last pull request.
    #[must_use]
    pub fn comment(mut self, login: &str, body: &str) -> Self {
        let (id, created) = (self.model.next_id(), self.model.tick());
        self.on(|repository| {
            let pull = repository.pulls.len() as u64;
            repository.comments.push(Comment {
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
}
