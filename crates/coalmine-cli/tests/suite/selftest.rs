//! `coalmine selftest`

use serde_json::{Value, json};

use crate::support::Sandbox;

#[tokio::test]
async fn faults_are_found_as_declared() {
    let sandbox = Sandbox::new();
    let asked = [
        "selftest",
        "--json",
        "--fast",
        "--fault",
        "reply.dropped",
        "session.global",
        "boot.crash-on-message",
    ];
    let done = sandbox.coalmine(&asked).await;
    done.code(0);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(found["correct"]["verdict"], "pass");
    let totals = json!({ "faults": 3, "untried": 0, "killed": 3, "code_right": 3, "layer_right": 3, "missed": 0, "undeclared": 0 });
    assert_eq!(found["totals"], totals);
    // in the order of the catalogue
    let ids: Vec<_> = found["faults"].as_array().unwrap().iter().map(|fault| &fault["id"]).collect();
    assert_eq!(ids, ["boot.crash-on-message", "session.global", "reply.dropped"]);
    assert_eq!(found["faults"][1]["found_code"], "session.shared");
}

#[tokio::test]
async fn correct_runtime_is_green_although_it_is_slow() {
    let sandbox = Sandbox::new();
    // the seed of which model, disk and start are slow
    let done = sandbox.coalmine(&["selftest", "--clean", "1", "--seed", "11"]).await;
    assert_eq!(done.code(0).stdout, "1 run of the correct runtime, no canary failed\n");
}

#[tokio::test]
async fn unknown_fault_is_named() {
    let sandbox = Sandbox::new();
    let done = sandbox.coalmine(&["selftest", "--fault", "session.globl"]).await;
    let said = &done.code(2).stderr;
    assert!(said.contains("unknown fault `session.globl`") && said.contains("`session.global`"), "{said}");
}
