//! What a head shows: the newest status of the gate's context, and whether a run stands behind it.

use super::{
    gate::Gate,
    history::{Head, Outcome},
};
use crate::forge::{ProvenRuns, Run, Status, StatusSource, StatusState, Statuses};

/// The event whose runs count.
const EVENT: &str = "pull_request";

/// What is known about the runs of a repository.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    /// What the forge lists.
    pub listed: &'a ProvenRuns,
    /// Whether a status counts without a run where the forge lists none.
    pub trust_statuses: bool,
}

/// Returns what a head shows whose workflow file is the canonical one; `None` if the gate posted nothing.
pub fn head(gate: &Gate, sha: &str, statuses: &Statuses, runs: Runs<'_>) -> Option<Head> {
    let status = newest(gate, statuses)?;
    // a head without a time neither counts as green nor is a red one forgotten
    let at = status.created.unwrap_or(jiff::Timestamp::MAX);
    Some(Head { sha: sha.to_owned(), outcome: outcome(gate, sha, status, runs), at })
}

/// Returns the status that counts. A check run of the gate's app comes before a status that anybody can post.
pub fn newest<'a>(gate: &Gate, statuses: &'a Statuses) -> Option<&'a Status> {
    let of_gate: Vec<&Status> =
        statuses.newest().into_iter().filter(|status| status.context == gate.context()).collect();
    let pinned = StatusSource::CheckRun { app: gate.app() };
    of_gate.iter().find(|status| status.source == pinned).or_else(|| of_gate.last()).copied()
}

/// Returns the number of the first status that the gate posted: it grows with time.
pub fn first(gate: &Gate, statuses: &Statuses) -> Option<u64> {
    statuses.history(gate.context()).map(|status| status.id).min()
}

fn outcome(gate: &Gate, sha: &str, status: &Status, runs: Runs<'_>) -> Outcome {
    let ran = newest_run(gate, sha, runs.listed).map(|run| &run.state);
    if matches!(ran, Some(StatusState::Failure | StatusState::Error)) {
        // whatever was posted since: a status can be forged, a run cannot
        return Outcome::Red;
    }
    if let Some(login) = &status.creator {
        return Outcome::Unproven(format!("the user `{login}` posted it, not a run"));
    }
    if let Some(app) = gate.app()
        && status.source != (StatusSource::CheckRun { app: Some(app) })
    {
        return Outcome::Unproven("no check run of the forge's own Actions posted it".to_owned());
    }
    if status.is_skipped() {
        return Outcome::NotJudged("it was skipped".to_owned());
    }
    match &status.state {
        StatusState::Success => proven(gate, sha, runs),
        StatusState::Failure | StatusState::Error => Outcome::Red,
        StatusState::Pending => Outcome::NotJudged("it has not ended".to_owned()),
        // such as `timed_out` and `cancelled`: nobody found out whether conversations hold
        other => Outcome::NotJudged(format!("its state is `{}`", other.name())),
    }
}

/// Returns green if a run stands behind a success.
fn proven(gate: &Gate, sha: &str, runs: Runs<'_>) -> Outcome {
    match runs.listed {
        ProvenRuns::Listed(_) => match newest_run(gate, sha, runs.listed) {
            Some(run) if run.state == StatusState::Success => Outcome::Green,
            Some(run) => Outcome::Unproven(format!("its newest run ended as `{}`", run.state.name())),
            None => Outcome::Unproven("no run of the gate's workflow for it is listed".to_owned()),
        },
        ProvenRuns::NotAvailable if runs.trust_statuses => Outcome::Green,
        ProvenRuns::NotAvailable => Outcome::Unproven("this version of the forge lists no runs".to_owned()),
    }
}

/// Returns the newest run of the gate for a head.
fn newest_run<'a>(gate: &Gate, sha: &str, listed: &'a ProvenRuns) -> Option<&'a Run> {
    let ProvenRuns::Listed(listed) = listed else { return None };
    listed.iter().rev().find(|run| is_of_gate(gate, sha, run))
}

/// Returns whether a run is one of the gate's for a head. What the forge does not say about a run does not count
/// against it.
fn is_of_gate(gate: &Gate, sha: &str, run: &Run) -> bool {
    let file = gate.path().rsplit('/').next();
    run.head == sha
        && run.job == super::gate::NAME
        && run.event.as_deref().is_none_or(|event| event == EVENT)
        && run.workflow.as_deref().is_none_or(|workflow| Some(workflow) == file)
        && (gate.app().is_none() || run.app.as_ref().map(|app| app.id) == gate.app())
}
