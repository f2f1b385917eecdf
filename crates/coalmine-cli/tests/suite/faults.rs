//! Each fault of the catalogue turns the canaries red that it says, with its diagnosis, and none besides.

use coalmine_runtime::fault::{CATALOGUE, FaultInfo};
use serde_json::Value;

use crate::support::{Place, red, verdicts};

#[tokio::test]
async fn every_fault_is_found_at_its_layer_by_its_canaries_and_by_no_other() {
    let mut wrong = vec![];
    for info in CATALOGUE {
        let place = Place::new();
        let done = place.run(&["--fault", info.id, "--timeout", "2s"]).await;
        let summary = place.summary();
        let mut problems = judge(info, &summary);
        let expected = if info.layer == "boot" { 2 } else { 1 };
        if done.status.code() != Some(expected) {
            problems.push(format!("it ended with {} instead of {expected}", done.status));
        }
        wrong.extend(problems.iter().map(|problem| format!("{}: {problem}", info.id)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn judge(info: &FaultInfo, summary: &Value) -> Vec<String> {
    let mut problems = vec![];
    let all = verdicts(summary);
    let mut crashed = false;
    for (id, verdict) in &all {
        crashed |= verdict == "error";
        let expected = match info.canaries {
            // what was judged before the end stays judged
            ["*"] if info.code == "boot.crashed" && !crashed => "pass",
            ["*"] => "error",
            named if named.contains(&id.as_str()) => "fail",
            _ => "pass",
        };
        if verdict != expected {
            problems.push(format!("`{id}` is {verdict} instead of {expected}"));
        }
    }
    if info.canaries == ["*"] && !crashed {
        problems.push("nothing ended in error".into());
    }
    for named in info.canaries.iter().filter(|named| **named != "*") {
        if !all.iter().any(|(id, _)| id == named) {
            problems.push(format!("the catalogue names the canary `{named}`, which did not run"));
        }
    }
    let red = red(summary);
    if let Some(first) = red.first()
        && first["diagnosis"]["code"] != info.code
    {
        problems
            .push(format!("the first diagnosis is {} instead of {}", first["diagnosis"]["code"], info.code));
    }
    for canary in &red {
        if canary["diagnosis"]["layer"] != info.layer {
            let found = &canary["diagnosis"];
            problems.push(format!("{} is told to be {} of {}", canary["id"], found["code"], found["layer"]));
        }
    }
    problems
}

#[tokio::test]
async fn a_canary_can_be_judged_alone_against_a_fault() {
    let place = Place::new();
    place.run(&["--fault", "session.global", "--canary", "file-only", "file-caption"]).await.code(0);
    let place = Place::new();
    place.run(&["--fault", "session.global", "--canary", "file-only", "name-recall"]).await.code(1);
    let ids: Vec<_> = verdicts(&place.summary()).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["name-recall", "file-only"]);
}
