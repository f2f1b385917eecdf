//! What a survey finds out about the heads of pull requests.

use coalmine_forge_standin::StandIn;
use coalmine_gate::{
    forge::ForgeKind,
    rollout::{
        gate::{Gate, NAME},
        survey::{Depth, Survey, survey},
    },
};

use crate::support::{CONTEXT, admin, gitea, hermes};

const FILE: &str = "session-continuity-e2e.yml";

/// Returns a repository with the gate, and one pull request whose first head was replaced by a force push.
fn force_pushed(version: &str) -> StandIn {
    let gate = Gate::canonical(ForgeKind::Gitea);
    gitea(version)
        .file("main", gate.path(), &gate.content)
        .pull("change")
        .status(CONTEXT, "success", "Successful in 2s")
        .task(FILE, NAME, "pull_request", "success")
        // no branch and no pull request holds it
        .file("replaced", "a", "a")
        .status(CONTEXT, "failure", "Failing after 2s")
        .task(FILE, NAME, "pull_request", "failure")
}

async fn look(standin: StandIn, all_heads: bool) -> (Survey, String) {
    let running = standin.serve();
    let replaced = running.branches("acme/hermes").into_iter().find(|(name, _)| name == "replaced");
    let depth = Depth { pulls: 50, all_heads, trust_statuses: false };
    let gate = Gate::canonical(ForgeKind::Gitea);
    (survey(&admin(&running), &hermes(), &gate, depth).await.unwrap(), replaced.unwrap().1)
}

#[tokio::test]
async fn head_lost_by_a_force_push_is_said() {
    let (seen, replaced) = look(force_pushed("1.23.6"), true).await;
    assert_eq!(seen.lost, [replaced]);
    assert_eq!(seen.pulls.iter().map(|pull| pull.heads.len()).sum::<usize>(), 1);
}

#[tokio::test]
async fn survey_of_last_heads_calls_none_lost() {
    let (seen, _) = look(force_pushed("1.23.6"), false).await;
    assert!(seen.lost.is_empty(), "{:?}", seen.lost);
}

#[tokio::test]
async fn version_without_runs_cannot_say_what_is_lost() {
    let (seen, _) = look(force_pushed("1.22.6"), true).await;
    assert!(seen.lost.is_empty(), "{:?}", seen.lost);
}
