//! Statuses and runs of the current commit.

use super::StandIn;
use crate::model::{Status, Task};

impl StandIn {
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
}
