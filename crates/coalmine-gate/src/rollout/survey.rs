//! Reads of a repository what the gate has to know. Nothing is written.

use std::collections::BTreeSet;

use jiff::Timestamp;
use thiserror::Error;

use super::{
    doctor::Folders,
    evidence::{self, Runs},
    gate::{FileState, Gate, NAME},
    history::{Fate, PullHistory},
};
use crate::forge::{
    Branch, EntryKind, Forge, ForgeError, ProvenRuns, Pull, PullFilter, PullState, Repository,
    RepositoryName, Statuses,
};

/// The most commits of one pull request that are looked at.
const MAX_COMMITS: usize = 500;

/// How far a survey looks.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// How many pull requests are looked at, the newest first.
    pub pulls: usize,
    /// Whether all commits of each are, or only the last.
    pub all_heads: bool,
    /// Whether a status counts without a run where the forge lists none.
    pub trust_statuses: bool,
}

/// What a repository shows.
#[derive(Debug)]
pub struct Survey {
    /// The repository itself.
    pub repository: Repository,
    /// Its default branch.
    pub branch: Branch,
    /// The gate's file there.
    pub file: FileState,
    /// The folders with workflows there.
    pub folders: Folders,
    /// What the gate said about the heads of pull requests.
    pub pulls: Vec<PullHistory>,
    /// The last heads of the pull requests with all their statuses, the newest first.
    pub heads: Vec<(String, Statuses)>,
    /// The heads whose workflow file is not the canonical one. They do not count.
    pub other_file: Vec<String>,
    /// The commits that the gate ran for and that no pull request holds any more.
    pub lost: Vec<String>,
}

/// Why a repository cannot be surveyed.
#[derive(Debug, Error)]
pub enum SurveyError {
    /// A call of the forge failed.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// The repository has no commit yet.
    #[error("the default branch `{0}` does not exist: the repository is empty")]
    NoBranch(String),
    /// A pull request has more commits than are looked at, so that a red one could hide among them.
    #[error("pull request #{pull} has {commits} commits, and at most {MAX_COMMITS} are looked at")]
    TooManyCommits {
        /// Its number.
        pull: u64,
        /// How many commits it has.
        commits: usize,
    },
}

/// Looks at a repository.
///
/// # Errors
/// Fails with the call of the forge that failed. Then nothing is known: a part of the heads would show another bake.
pub async fn survey(
    forge: &Forge,
    name: &RepositoryName,
    gate: &Gate,
    depth: Depth,
) -> Result<Survey, SurveyError> {
    let repository = forge.repository(name).await?;
    let default = &repository.default_branch;
    let branch = forge.branch(name, default).await?.ok_or_else(|| SurveyError::NoBranch(default.clone()))?;
    let file = file_at(forge, name, gate, &branch.name).await?;
    let folders = Folders {
        gitea: workflows(forge, name, &branch.name, ".gitea/workflows").await?,
        github: workflows(forge, name, &branch.name, ".github/workflows").await?,
    };
    let mut pulls = forge.pulls(name, PullFilter::All, depth.pulls).await?;
    pulls.retain(|pull| pull.base_ref == branch.name);
    let mut commits: Vec<(Pull, Vec<String>)> = vec![];
    for pull in pulls {
        let shas =
            if depth.all_heads { heads_of(forge, name, &pull).await? } else { vec![pull.head.clone()] };
        commits.push((pull, shas));
    }
    let known: BTreeSet<&str> =
        commits.iter().flat_map(|(_, shas)| shas.iter().map(String::as_str)).collect();
    let oldest = commits.iter().filter_map(|(pull, _)| pull.created).min();
    let listed = runs(forge, name, &known, oldest).await?;
    let lost = lost(&listed, &known);
    let runs = Runs { listed: &listed, trust_statuses: depth.trust_statuses };
    let (mut histories, mut heads, mut other_file) = (vec![], vec![], vec![]);
    for (pull, shas) in &commits {
        let mut of_gate = vec![];
        for sha in shas {
            let statuses = forge.statuses(name, sha).await?;
            if let Some(head) = evidence::head(gate, sha, &statuses, runs) {
                if file_at(forge, name, gate, sha).await? == FileState::Identical {
                    of_gate.push((evidence::first(gate, &statuses), head));
                } else {
                    other_file.push(sha.clone());
                }
            }
            if *sha == pull.head {
                heads.push((sha.clone(), statuses));
            }
        }
        // the order in which forges list commits differs, and says nothing of when they were pushed
        of_gate.sort_by_key(|(first, _)| *first);
        let of_gate = of_gate.into_iter().map(|(_, head)| head).collect();
        histories.push(PullHistory { number: pull.number, fate: fate(pull), heads: of_gate });
    }
    Ok(Survey { repository, branch, file, folders, pulls: histories, heads, other_file, lost })
}

/// Returns the commits that were or may have been the head.
async fn heads_of(forge: &Forge, name: &RepositoryName, pull: &Pull) -> Result<Vec<String>, SurveyError> {
    let mut shas = forge.pull_commits(name, pull.number).await?;
    if !shas.contains(&pull.head) {
        shas.push(pull.head.clone());
    }
    if shas.len() > MAX_COMMITS && fate(pull) == Fate::Closed {
        // its red heads would be explained anyway
        return Ok(vec![pull.head.clone()]);
    }
    if shas.len() > MAX_COMMITS {
        return Err(SurveyError::TooManyCommits { pull: pull.number, commits: shas.len() });
    }
    Ok(shas)
}

async fn runs(
    forge: &Forge,
    name: &RepositoryName,
    heads: &BTreeSet<&str>,
    since: Option<Timestamp>,
) -> Result<ProvenRuns, ForgeError> {
    let heads: Vec<&str> = heads.iter().copied().collect();
    forge.proven_runs(name, &heads, since).await
}

/// Returns the commits with a run of the gate for a pull request that holds them no more. Only what the forge lists can be
/// known.
fn lost(listed: &ProvenRuns, known: &BTreeSet<&str>) -> Vec<String> {
    let ProvenRuns::Listed(runs) = listed else { return vec![] };
    let of_pulls = runs.iter().filter(|run| run.job == NAME && run.event.as_deref() == Some("pull_request"));
    let lost: BTreeSet<&str> =
        of_pulls.map(|run| run.head.as_str()).filter(|head| !known.contains(head)).collect();
    lost.into_iter().map(str::to_owned).collect()
}

async fn file_at(
    forge: &Forge,
    name: &RepositoryName,
    gate: &Gate,
    reference: &str,
) -> Result<FileState, ForgeError> {
    let file = forge.read_file(name, reference, gate.path()).await?;
    Ok(gate.compare(file.as_ref().map(|file| file.content.as_slice())))
}

async fn workflows(
    forge: &Forge,
    name: &RepositoryName,
    reference: &str,
    folder: &str,
) -> Result<Vec<String>, ForgeError> {
    let entries = forge.list_folder(name, reference, folder).await?.unwrap_or_default();
    let is_workflow = |name: &str| name.ends_with(".yml") || name.ends_with(".yaml");
    let files = entries.into_iter().filter(|entry| entry.kind == EntryKind::File && is_workflow(&entry.name));
    Ok(files.map(|entry| entry.name).collect())
}

fn fate(pull: &Pull) -> Fate {
    match (pull.merged, pull.state) {
        (true, _) => Fate::Merged,
        (false, PullState::Open) => Fate::Open,
        (false, PullState::Closed) => Fate::Closed,
    }
}
