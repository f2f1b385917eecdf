//! Which canaries are asked for by their level, and runs in which a skipped one counts.

use crate::support::{Place, assert_shown, verdicts};

const ONE_SKIPPED: [&str; 4] = ["--canary", "agent-card", "name-recall", "recreate-recall"];

#[tokio::test]
async fn a_skipped_canary_fails_a_strict_run_and_the_closing_line_says_so() {
    let place = Place::new();
    place.run(&ONE_SKIPPED).await.code(0);
    let done = place.run(&[&ONE_SKIPPED[..], &["--strict"]].concat()).await;
    assert_shown!(done.transcript(), @r"
    exit 1
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    ✓ pass    agent-card       The agent card is served and names a JSON-RPC interface  [time]
    ✓ pass  1 name-recall      A name told in turn 1 is known in turn 2  [time]
    - skip    recreate-recall  What was said before the container was made anew is known after it
            reason: only a container can be removed and made anew

    2 passed, 1 skipped in [time]; FAILED, because with `--strict` skipped canaries count: recreate-recall
    evidence: out
    ");
    let summary = place.summary();
    assert_eq!((&summary["verdict"], &summary["run"]["strict"]), (&"fail".into(), &true.into()));
    assert_eq!(verdicts(&summary)[2], ("recreate-recall".to_owned(), "skip".to_owned()));
    let rebuilt = place.coalmine(&["report", "out"]).await;
    assert_eq!(rebuilt.code(1).stderr, done.stderr);
    assert_eq!(place.summary(), summary);
}

#[tokio::test]
async fn a_strict_run_is_green_where_nothing_is_skipped_and_red_where_all_is() {
    let place = Place::new();
    place.run(&["--strict", "--canary", "name-recall"]).await.code(0);
    place.run(&["--strict", "--quiet", "--canary", "recreate-recall"]).await.code(1);
    place.coalmine(&["report", "out"]).await.code(1);
    place.run(&["--canary", "recreate-recall"]).await.code(2);
}

#[tokio::test]
async fn canaries_are_chosen_by_level_and_by_id_and_both_must_hold() {
    let place = Place::new();
    let ids = |place: &Place| verdicts(&place.summary()).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    place.run(&["--only", "must"]).await.code(0);
    assert_eq!(ids(&place), ["agent-card", "context-rules"]);
    let asked = ["--canary", "agent-card,name-recall,cancel"];
    place.run(&[&asked[..], &["--only", "must,continuity"]].concat()).await.code(0);
    assert_eq!(ids(&place), ["agent-card", "name-recall"]);
    let done = Place::new().run(&["--canary", "name-recall", "--only", "must"]).await;
    assert_shown!(done.transcript(), @r"
    exit 2
    --- stderr
    error: no canary is left: none of those asked for has a level of `--only`

    hint: `coalmine list canaries --json` tells the level of each
    ");
}
