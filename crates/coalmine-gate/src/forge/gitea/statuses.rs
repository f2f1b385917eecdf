//! Statuses of commits, and the tasks that prove them.

use jiff::Timestamp;
use serde::Deserialize;

use super::Gitea;
use crate::forge::{
    ErrorKind, ForgeError, ProvenRuns, RepositoryName, Run, Status, StatusState, Statuses,
    body::or_default,
    client::Request,
    path::{Path, commit_id},
    status_body::StatusBody,
    types::time,
};

#[derive(Debug, Deserialize)]
struct TasksBody {
    #[serde(default, deserialize_with = "or_default")]
    workflow_runs: Vec<TaskBody>,
    total_count: u64,
}

#[derive(Debug, Deserialize)]
struct TaskBody {
    id: u64,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    head_branch: String,
    head_sha: String,
    #[serde(default, deserialize_with = "or_default")]
    event: String,
    status: String,
    #[serde(default, deserialize_with = "or_default")]
    workflow_id: String,
    #[serde(default, deserialize_with = "or_default")]
    url: String,
    #[serde(default)]
    created_at: Option<String>,
}

impl From<TaskBody> for Run {
    fn from(body: TaskBody) -> Self {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: body.id,
            job: body.name,
            workflow: said(body.workflow_id),
            event: said(body.event),
            branch: said(body.head_branch),
            head: body.head_sha,
            state: StatusState::of_run(&body.status),
            app: None,
            url: body.url,
            created: time(body.created_at.as_deref()),
        }
    }
}

impl Gitea {
    pub(in crate::forge) async fn statuses(
        &self,
        repository: &RepositoryName,
        sha: &str,
    ) -> Result<Statuses, ForgeError> {
        let path = Path::repository(repository).then("commits").then(commit_id(sha)?).then("statuses");
        // the usual order is by seconds, so entries of one second could stand on two pages, or on none
        let request = Request::get(path).query("sort", "highestindex");
        let statuses = self
            .listing(request, true)
            .read(StatusBody::page, |status: &Status| status.id, |_| false)
            .await?;
        Ok(Statuses::new(statuses))
    }

    pub(in crate::forge) async fn proven_runs(
        &self,
        repository: &RepositoryName,
        heads: &[&str],
        since: Option<Timestamp>,
    ) -> Result<ProvenRuns, ForgeError> {
        let path = Path::repository(repository).then("actions").then("tasks");
        let is_old =
            |run: &Run| since.is_some_and(|since| run.created.is_some_and(|created| created < since));
        let runs = self
            .listing(Request::get(path), false)
            .read(
                |answer| {
                    let page: TasksBody = answer.json()?;
                    Ok((page.workflow_runs.into_iter().map(Run::from).collect(), Some(page.total_count)))
                },
                |run: &Run| run.id,
                // ids grow with time, so the first one is the oldest that was read
                |all| all.first_key_value().is_some_and(|(_, oldest)| is_old(oldest)),
            )
            .await;
        match runs {
            Ok(mut runs) => {
                runs.retain(|run| heads.contains(&run.head.as_str()));
                Ok(ProvenRuns::Listed(runs))
            }
            // nobody looked whether this version has the list
            Err(error) if error.kind == ErrorKind::Unsupported => Ok(ProvenRuns::NotAvailable),
            Err(error) => Err(error),
        }
    }
}
