//! Commit statuses and check runs.

use jiff::Timestamp;
use serde::Deserialize;

use super::GitHub;
use crate::forge::{
    App, ForgeError, ProvenRuns, RepositoryName, Run, Status, StatusSource, StatusState, Statuses,
    body::or_default,
    client::Request,
    path::{Path, commit_id},
    status_body::StatusBody,
    types::time,
};

#[derive(Debug, Clone, Deserialize)]
struct AppBody {
    id: u64,
    #[serde(default, deserialize_with = "or_default")]
    slug: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
struct OutputBody {
    #[serde(default, deserialize_with = "or_default")]
    title: String,
}

#[derive(Debug, Clone, Deserialize)]
struct CheckRunBody {
    id: u64,
    name: String,
    head_sha: String,
    status: String,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    html_url: String,
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    app: Option<AppBody>,
    #[serde(default, deserialize_with = "or_default")]
    output: OutputBody,
}

impl CheckRunBody {
    /// Returns the state: only a completed run has a conclusion.
    fn state(&self) -> StatusState {
        match (self.status.as_str(), &self.conclusion) {
            ("completed", Some(conclusion)) => StatusState::of(conclusion),
            (other, _) => StatusState::of_run(other),
        }
    }
}

#[derive(Debug, Deserialize)]
struct CheckRunsBody {
    total_count: u64,
    check_runs: Vec<CheckRunBody>,
}

impl From<CheckRunBody> for Status {
    fn from(body: CheckRunBody) -> Self {
        Self {
            id: body.id,
            state: body.state(),
            source: StatusSource::CheckRun { app: body.app.map(|app| app.id) },
            context: body.name,
            description: body.output.title,
            target_url: body.html_url,
            creator: None,
            created: time(body.started_at.as_deref()),
        }
    }
}

impl From<CheckRunBody> for Run {
    fn from(body: CheckRunBody) -> Self {
        Self {
            id: body.id,
            state: body.state(),
            job: body.name,
            workflow: None,
            event: None,
            branch: None,
            head: body.head_sha,
            app: body.app.map(|app| App { id: app.id, slug: app.slug }),
            url: body.html_url,
            created: time(body.started_at.as_deref()),
        }
    }
}

impl GitHub {
    pub(in crate::forge) async fn statuses(
        &self,
        repository: &RepositoryName,
        sha: &str,
    ) -> Result<Statuses, ForgeError> {
        let path = Path::repository(repository).then("commits").then(commit_id(sha)?).then("statuses");
        let mut statuses: Vec<Status> = self
            .listing(Request::get(path), false)
            .read(StatusBody::page, |status: &Status| status.id, |_| false)
            .await?;
        statuses.extend(self.check_runs(repository, sha).await?.into_iter().map(Status::from));
        Ok(Statuses::new(statuses))
    }

    /// GitHub lists check runs by commit, so `since` saves nothing.
    pub(in crate::forge) async fn proven_runs(
        &self,
        repository: &RepositoryName,
        heads: &[&str],
        _since: Option<Timestamp>,
    ) -> Result<ProvenRuns, ForgeError> {
        let mut runs = vec![];
        for head in heads {
            runs.extend(self.check_runs(repository, head).await?.into_iter().map(Run::from));
        }
        runs.sort_by_key(|run| run.id);
        Ok(ProvenRuns::Listed(runs))
    }

    /// Returns all check runs of a commit, those that were run again included.
    async fn check_runs(
        &self,
        repository: &RepositoryName,
        sha: &str,
    ) -> Result<Vec<CheckRunBody>, ForgeError> {
        let path = Path::repository(repository).then("commits").then(commit_id(sha)?).then("check-runs");
        self.listing(Request::get(path).query("filter", "all"), true)
            .read(
                |answer| {
                    let page: CheckRunsBody = answer.json()?;
                    Ok((page.check_runs, Some(page.total_count)))
                },
                |run: &CheckRunBody| run.id,
                |_| false,
            )
            .await
    }
}
