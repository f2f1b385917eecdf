//! The names of the statuses that a workflow posts.
//!
//! Gitea's context is `<workflow> / <job> (<event>)`, and GitHub's check has the name of the job. What a matrix or an expression adds
//! is computed where the file says it; what only the server knows is listed as unknown.

mod filter;
mod glob;
mod matrix;
mod name;

pub use filter::Occurrence;

use super::{
    Server,
    refusal::is_ignored,
    workflow::{Job, Workflow},
};

/// The most contexts of a file that are computed.
const MAX_CONTEXTS: usize = 2_000;

/// The contexts of a workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contexts {
    /// The contexts that are posted, in the order of the jobs. Two of them may be equal.
    pub exact: Vec<String>,
    /// The jobs whose contexts the file does not say.
    pub unknown: Vec<UnknownContext>,
}

/// A job that posts contexts which cannot be computed from the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownContext {
    /// The key of the job.
    pub job: String,
    /// What all of its contexts begin with.
    pub prefix: String,
    /// Why the rest is unknown.
    pub reason: String,
}

/// Returns the contexts that a server posts when something happens. A workflow that the server ignores posts none.
pub fn contexts(workflow: &Workflow, file: &str, occurrence: &Occurrence<'_>, server: Server) -> Contexts {
    let mut all = Contexts::default();
    let starts = workflow.trigger(occurrence.event).is_some_and(|trigger| occurrence.starts(&trigger));
    if !starts || is_ignored(workflow, server) {
        return all;
    }
    for job in workflow.jobs() {
        let mut of_job = of_job(workflow, file, &job, occurrence.event, server);
        if all.exact.len() + of_job.exact.len() > MAX_CONTEXTS {
            let prefix = prefix(workflow, file, server);
            let reason = format!("the file posts more than {MAX_CONTEXTS} contexts");
            all.unknown.push(UnknownContext { job: job.key.to_owned(), prefix, reason });
            return all;
        }
        all.exact.append(&mut of_job.exact);
        all.unknown.append(&mut of_job.unknown);
    }
    all
}

/// Returns the contexts that one job posts for an event, whatever the filters of the event say.
pub(super) fn of_job(
    workflow: &Workflow,
    file: &str,
    job: &Job<'_>,
    event: &str,
    server: Server,
) -> Contexts {
    let Some(suffix) = suffix(event, server) else { return Contexts::default() };
    let mut prefix = prefix(workflow, file, server);
    let is_long = prefix.len() > name::MAX_NAME;
    if is_long {
        prefix = prefix.chars().take(name::MAX_NAME / 4).collect();
    }
    let unknown = |reason: String| {
        let all = UnknownContext { job: job.key.to_owned(), prefix: prefix.clone(), reason };
        Contexts { exact: vec![], unknown: vec![all] }
    };
    if job.uses().is_some() {
        return unknown("the job calls another workflow".to_owned());
    }
    if is_long {
        return unknown(format!("the name of the workflow is longer than {} bytes", name::MAX_NAME));
    }
    match name::names(job, server) {
        Ok(names) => {
            let exact = names.into_iter().map(|name| format!("{prefix}{name}{suffix}")).collect();
            Contexts { exact, unknown: vec![] }
        }
        Err(reason) => unknown(reason),
    }
}

/// Returns what stands before the name of the job.
fn prefix(workflow: &Workflow, file: &str, server: Server) -> String {
    let name = workflow.root().get("name").and_then(super::yaml::Node::text).unwrap_or_default();
    match server {
        Server::Github => String::new(),
        _ if name.trim().is_empty() && server.is_from(1, 27) => {
            format!("{} / ", file.rsplit(['/', '\\']).next().unwrap_or(file))
        }
        _ if name.trim().is_empty() => "/ ".to_owned(),
        // the server joins the parts and trims the whole
        _ => format!("{name} / ").trim_start().to_owned(),
    }
}

/// Returns what stands behind the name of the job; `None` if the event posts nothing.
fn suffix(event: &str, server: Server) -> Option<String> {
    match (event, server) {
        ("push" | "pull_request" | "pull_request_target" | "merge_group", Server::Github) => {
            Some(String::new())
        }
        ("pull_request_target", _) if server.is_before(1, 23) => Some(" (pull_request)".to_owned()),
        ("push" | "pull_request" | "pull_request_target", Server::Gitea(_)) => Some(format!(" ({event})")),
        _ => None,
    }
}
