//! A run in which every answer of the model suffers.

use crate::support::Place;

#[tokio::test]
async fn a_slow_model_changes_no_verdict_and_a_failing_one_does() {
    let place = Place::new();
    place.run(&["--canary", "name-recall", "--model-fault", "slow-first:20ms"]).await.code(0);
    let journal = std::fs::read_to_string(place.path("out/journal.ndjson")).unwrap();
    assert!(journal.contains("delayed the first word by 20 ms on purpose"), "{journal}");
    place.run(&["--canary", "name-recall", "--model-fault", "500"]).await.code(1);
}

#[tokio::test]
async fn an_unknown_trouble_is_answered_with_those_that_there_are() {
    let place = Place::new();
    let done = place.run(&["--canary", "name-recall", "--model-fault", "slow"]).await;
    done.code(2);
    assert!(done.stderr.contains("unknown model fault `slow`: expected one of `429`"), "{}", done.stderr);
}
