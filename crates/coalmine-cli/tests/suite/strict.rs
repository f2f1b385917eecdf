//! Runs with `--only` and `--strict`.

use crate::support::{Sandbox, assert_shown, verdicts};

const ONE_SKIPPED: [&str; 4] = ["--canary", "agent-card", "name-recall", "recreate-recall"];

#[tokio::test]
async fn skipped_canary_fails_a_strict_run() {
    let sandbox = Sandbox::new();
    sandbox.run(&ONE_SKIPPED).await.code(0);
    let done = sandbox.run(&[&ONE_SKIPPED[..], &["--strict"]].concat()).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    - skip    recreate-recall  Earlier turns survive recreating the conta…
            reason: recreating the runtime needs a container (`--image`)

    2 passed, 1 skipped in [time]; FAILED, because with `--strict` skipped canaries count: recreate-recall
    evidence: out/report.html
    ");
    let summary = sandbox.summary();
    assert_eq!((&summary["verdict"], &summary["run"]["strict"]), (&"fail".into(), &true.into()));
    assert_eq!(verdicts(&summary)[2], ("recreate-recall".to_owned(), "skip".to_owned()));
    let rebuilt = sandbox.coalmine(&["report", "out"]).await;
    assert_eq!(rebuilt.code(1).stderr, done.stderr);
    assert_eq!(sandbox.summary(), summary);
}

#[tokio::test]
async fn strict_run_passes_only_without_skips() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--strict", "--canary", "name-recall"]).await.code(0);
    sandbox.run(&["--strict", "--quiet", "--canary", "recreate-recall"]).await.code(1);
    sandbox.coalmine(&["report", "out"]).await.code(1);
    sandbox.run(&["--canary", "recreate-recall"]).await.code(2);
}

#[tokio::test]
async fn canaries_are_selected_by_level_and_by_id() {
    let sandbox = Sandbox::new();
    let ids =
        |sandbox: &Sandbox| verdicts(&sandbox.summary()).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    sandbox.run(&["--only", "must"]).await.code(0);
    assert_eq!(ids(&sandbox), ["agent-card", "context-rules"]);
    let asked = ["--canary", "agent-card,name-recall,cancel"];
    sandbox.run(&[&asked[..], &["--only", "must,continuity"]].concat()).await.code(0);
    assert_eq!(ids(&sandbox), ["agent-card", "name-recall"]);
    let done = Sandbox::new().run(&["--canary", "name-recall", "--only", "must"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: no canary matches both `--canary` and `--only`

    hint: see the level of each canary with `coalmine list canaries --json`
    ");
}
