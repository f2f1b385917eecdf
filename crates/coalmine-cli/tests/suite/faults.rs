//! Each fault of the reference runtime turns exactly its canaries red, at its layer: the gate is itself gated.

use coalmine_runtime::fault::{CATALOGUE, FaultInfo};
use serde_json::Value;

use crate::support::{Place, red, verdicts};

/// A file of megabytes takes its time; the others need not wait for it.
const SLOW: &str = "large-file";
/// Needs a container: skipped here, and seen red by the tests with containers.
const CONTAINED: &str = "recreate-recall";

macro_rules! layers {
    ($($name:ident: $layer:literal),* $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            check($layer).await;
        })*

        #[test]
        fn no_layer_is_forgotten() {
            for info in CATALOGUE {
                assert!([$($layer),*].contains(&info.layer), "{}", info.id);
            }
        }
    };
}

layers! {
    faults_of_the_boot: "boot",
    faults_of_the_wire: "wire",
    faults_of_the_session: "session",
    faults_of_the_prompt: "prompt",
    faults_of_the_tools: "tool",
    faults_of_the_reply: "reply",
}

async fn check(layer: &str) {
    let mut wrong = vec![];
    let here = |info: &&FaultInfo| info.layer == layer && !info.canaries().eq([CONTAINED]);
    for info in CATALOGUE.iter().filter(here) {
        let place = Place::new();
        let canaries = canaries(&place, info).await;
        // some faults let a turn hang, others let a slow one end
        let turn = if info.canaries().any(|named| named == SLOW) { "60s" } else { "5s" };
        let bounds = ["--timeout", "2s", "--turn-timeout", turn];
        let done = place.run(&[&["--fault", info.id, "--canary", &canaries], &bounds[..]].concat()).await;
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

/// All canaries, but the slow one only where the fault is about it.
async fn canaries(place: &Place, info: &FaultInfo) -> String {
    let listed = place.coalmine(&["list", "canaries", "--json"]).await;
    let listed: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
    let ids = listed.iter().map(|canary| canary["id"].as_str().unwrap());
    ids.filter(|id| *id != SLOW || info.canaries().any(|named| named == SLOW)).collect::<Vec<_>>().join(",")
}

fn judge(info: &FaultInfo, summary: &Value) -> Vec<String> {
    let mut problems = vec![];
    let all = verdicts(summary);
    let named: Vec<&str> = info.canaries().collect();
    let mut crashed = false;
    for (id, verdict) in &all {
        crashed |= verdict == "error";
        let expected = match named.as_slice() {
            // what was judged before the end stays judged
            ["*"] if info.code == "boot.crashed" && !crashed => "pass",
            ["*"] => "error",
            _ if id == CONTAINED => "skip",
            named if named.contains(&id.as_str()) => "fail",
            _ => "pass",
        };
        if verdict != expected && !(expected == "error" && verdict == "skip") {
            problems.push(format!("`{id}` is {verdict} instead of {expected}"));
        }
    }
    if named == ["*"] && !crashed {
        problems.push("nothing ended in error".into());
    }
    for named in named.iter().filter(|named| **named != "*") {
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

/// One job or many, the verdicts and the diagnoses are the same.
#[tokio::test]
async fn canaries_at_once_are_judged_as_one_after_the_other() {
    for fault in
        ["prompt.history-dropped", "session.global", "prompt.runs-on-after-hangup", "reply.failure-hidden"]
    {
        let mut seen = vec![];
        for jobs in ["1", "8"] {
            let place = Place::new();
            let chosen = "name-recall,long-history,corrected-fact,interleaved,non-ascii,file-next-turn,two-files,cancel,\
                          stream-hangup,provider-failure,parallel-turns,isolation";
            place.run(&["--fault", fault, "--canary", chosen, "--jobs", jobs, "--seed", "7"]).await.code(1);
            let codes: Vec<_> =
                red(&place.summary()).iter().map(|canary| canary["diagnosis"]["code"].clone()).collect();
            seen.push((verdicts(&place.summary()), codes));
        }
        assert_eq!(seen[0], seen[1], "{fault}");
    }
}

/// With this fault only conversations that go on beside each other go wrong.
#[tokio::test]
async fn what_fails_beside_others_and_passes_alone_is_told() {
    let place = Place::new();
    let chosen = "name-recall,long-history,corrected-fact,three-sessions,file-next-turn";
    place.run(&["--fault", "session.last-context-wins", "--canary", chosen]).await.code(0);
    assert!(place.summary().to_string().contains("run.failed-beside-others"), "{}", place.summary());
}
