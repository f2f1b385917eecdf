//! What the rollout writes to a forge. Each is a pull request for people to decide about, and nothing is ever merged.

use jiff::Timestamp;

use super::{gate::Gate, onboard::Plan};
use crate::forge::{
    Commit, ErrorKind, FileChange, Forge, ForgeError, NewCommit, NewPull, OpenedPull, PullFilter,
    RepositoryName,
};

/// What the branches of an exercise begin with.
const EXERCISE: &str = "coalmine/exercise-";
/// How many open pull requests are searched for an earlier exercise.
const MAX_OPEN: usize = 200;

/// Opens the pull request of an onboarding, or finds it.
///
/// # Errors
/// Fails with the call of the forge that failed. What was written until then stays, and a second attempt goes on from there.
pub async fn onboard(forge: &Forge, name: &RepositoryName, plan: &Plan) -> Result<OpenedPull, ForgeError> {
    // the name of the branch says what it holds
    if forge.branch(name, &plan.commit.branch).await?.is_none() {
        forge.commit_files(name, &plan.commit).await?;
    }
    forge.open_pull(name, &plan.pull).await
}

/// Opens a pull request that changes nothing that matters, so that the gate runs; or finds the one that is open.
///
/// # Errors
/// Fails with the call of the forge that failed.
pub async fn begin_exercise(
    forge: &Forge,
    name: &RepositoryName,
    base: &str,
    now: Timestamp,
) -> Result<OpenedPull, ForgeError> {
    let open = forge.pulls(name, PullFilter::Open, MAX_OPEN).await?;
    let is_own = |head: &str, repository: Option<&str>| {
        head.starts_with(EXERCISE)
            && repository.is_none_or(|one| one == format!("{}/{}", name.owner(), name.name()))
    };
    if let Some(pull) = open.into_iter().find(|pull| is_own(&pull.head_ref, pull.head_repository.as_deref()))
    {
        return Ok(OpenedPull { pull, created: false });
    }
    let branch = format!("{EXERCISE}{}", now.strftime("%Y%m%d-%H%M%S"));
    let message = "Exercise the session-continuity gate";
    let text = format!("The gate was exercised at {now}.\n");
    let path = ".coalmine-exercise".to_owned();
    // no API of a forge makes a commit without a file
    let replaces = forge.read_file(name, base, &path).await?.map(|file| file.sha);
    let commit = NewCommit {
        base: base.to_owned(),
        branch: branch.clone(),
        message: message.to_owned(),
        files: vec![FileChange { path, content: text.into_bytes(), replaces }],
    };
    let Commit { .. } = forge.commit_files(name, &commit).await?;
    let body = "This pull request lets the gate run in a quiet repository. It is closed when the gate is done; never merge it.\n";
    let pull =
        NewPull { head: branch, base: base.to_owned(), title: message.to_owned(), body: body.to_owned() };
    forge.open_pull(name, &pull).await
}

/// Returns the state of the gate at a head once it has ended; `None` as long as it has not.
///
/// # Errors
/// Fails with the call of the forge that failed.
pub async fn ended(
    forge: &Forge,
    name: &RepositoryName,
    gate: &Gate,
    sha: &str,
) -> Result<Option<String>, ForgeError> {
    let statuses = forge.statuses(name, sha).await?;
    let newest = super::evidence::newest(gate, &statuses);
    let ended = newest.filter(|status| status.state != crate::forge::StatusState::Pending);
    Ok(ended.map(|status| status.state.name().to_owned()))
}

/// Closes the pull request of an exercise and removes its branch.
///
/// # Errors
/// Fails with the call of the forge that failed.
pub async fn end_exercise(
    forge: &Forge,
    name: &RepositoryName,
    opened: &OpenedPull,
) -> Result<(), ForgeError> {
    forge.close_pull(name, opened.pull.number).await?;
    match forge.delete_branch(name, &opened.pull.head_ref).await {
        Ok(_) => Ok(()),
        // some forges remove it when the pull request is closed
        Err(error) if error.kind == ErrorKind::Missing => Ok(()),
        Err(error) => Err(error),
    }
}

/// Creates the gate's comment on a pull request, or updates it. Returns whether it was there.
///
/// # Errors
/// Fails with the call of the forge that failed.
pub async fn comment(
    forge: &Forge,
    name: &RepositoryName,
    number: u64,
    author: &str,
    markdown: &str,
) -> Result<bool, ForgeError> {
    let body = super::comment::body(markdown);
    let comments = forge.comments(name, number).await?;
    match super::comment::find(&comments, author) {
        Some(own) => forge.edit_comment(name, own.id, &body).await.map(|_| true),
        None => forge.create_comment(name, number, &body).await.map(|_| false),
    }
}
