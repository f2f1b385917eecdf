//! Runs with a fault in every answer of the model.

use crate::support::Sandbox;

#[tokio::test]
async fn slow_model_passes_and_failing_model_fails() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--canary", "name-recall", "--model-fault", "slow-first:20ms"]).await.code(0);
    let journal = std::fs::read_to_string(sandbox.path("out/journal.ndjson")).unwrap();
    assert!(journal.contains("delayed the first word by 20 ms on purpose"), "{journal}");
    sandbox.run(&["--canary", "name-recall", "--model-fault", "500"]).await.code(1);
}

#[tokio::test]
async fn unknown_model_fault_is_rejected_with_a_list() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["--canary", "name-recall", "--model-fault", "slow"]).await;
    done.code(2);
    assert!(done.stderr.contains("unknown model fault `slow`: expected one of `429`"), "{}", done.stderr);
}
