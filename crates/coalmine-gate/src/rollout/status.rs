//! Where a fleet stands: what is next for each repository, and who has to do it.

use serde::Serialize;

use super::{bake::Bake, gate::FileState, history::Head};

/// Where one repository stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// The gate's file on the default branch.
    pub file: FileState,
    /// The open pull request that brings the file, if there is one.
    pub onboarding: Option<u64>,
    /// The last head that the gate said anything about.
    pub last: Option<Head>,
    /// How far the bake has come.
    pub bake: Bake,
    /// Whether the default branch requires the gate, and enforces that.
    pub required: bool,
}

/// What is next for a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Next {
    /// Who has to act.
    pub who: Who,
    /// What to do.
    pub what: String,
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Who rolls out the gate.
    Operator,
    /// Who maintains the repository.
    Maintainer,
    /// Nobody: it takes time.
    Nobody,
}

impl Who {
    /// Returns the word for tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Maintainer => "maintainer",
            Self::Nobody => "nobody",
        }
    }
}

/// Returns what is next for each repository, which stand in cascade order.
pub fn next(fleet: &[Standing]) -> Vec<Next> {
    let mut blocked_by: Option<&str> = None;
    let mut steps = vec![];
    for standing in fleet {
        steps.push(next_of(standing, blocked_by));
        if blocked_by.is_none() && !is_through(standing) {
            blocked_by = Some(&standing.name);
        }
    }
    steps
}

/// Returns whether the next repository in the cascade may follow.
pub fn is_through(standing: &Standing) -> bool {
    standing.file == FileState::Identical && (standing.required || standing.bake.is_done())
}

fn next_of(standing: &Standing, blocked_by: Option<&str>) -> Next {
    let step = |who, what: String| Next { who, what };
    if let Some(number) = standing.onboarding {
        return step(Who::Maintainer, format!("merge pull request #{number}"));
    }
    match standing.file {
        FileState::Differs => step(Who::Operator, "`gate onboard`: its workflow differs".to_owned()),
        FileState::Missing => match blocked_by {
            Some(before) => step(Who::Nobody, format!("waits for the bake of {before}")),
            None => step(Who::Operator, "`gate onboard`".to_owned()),
        },
        FileState::Identical if standing.required => step(Who::Nobody, "done".to_owned()),
        FileState::Identical if standing.bake.is_done() => step(Who::Operator, "`gate require`".to_owned()),
        FileState::Identical => match &standing.bake.restarted_by {
            Some(red) if standing.bake.green.is_empty() => {
                step(Who::Maintainer, format!("explain the red head of #{}", red.pull))
            }
            _ => step(Who::Nobody, format!("bakes: {}", standing.bake.missing.join(", "))),
        },
    }
}
