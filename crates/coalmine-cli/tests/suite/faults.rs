//! Each fault of the reference runtime fails exactly the canaries that the catalogue names, at its layer.

use coalmine_runtime::fault::{CATALOGUE, FaultInfo};
use serde_json::Value;

use crate::support::{Sandbox, red, verdicts};

/// The canary with a file of megabytes, which runs only against its own faults.
const SLOW: &str = "large-file";
/// The canary that needs a container. It is skipped here; the tests with containers cover it.
const CONTAINED: &str = "recreate-recall";

macro_rules! layers {
    ($($name:ident: $layer:literal),* $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            check($layer).await;
        })*

        #[test]
        fn every_layer_has_a_test() {
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
    let mut all_problems = vec![];
    let here = |info: &&FaultInfo| info.layer == layer && !info.canaries().eq([CONTAINED]);
    for info in CATALOGUE.iter().filter(here) {
        let sandbox = Sandbox::new();
        let canaries = canaries(&sandbox, info).await;
        // short, because some faults let turns hang; long, if a slow turn must end
        let turn = if info.canaries().any(|named| named == SLOW) { "60s" } else { "5s" };
        let bounds = ["--timeout", "2s", "--turn-timeout", turn];
        let done = sandbox.run(&[&["--fault", info.id, "--canary", &canaries], &bounds[..]].concat()).await;
        let summary = sandbox.summary();
        let mut problems = judge(info, &summary);
        let expected = if info.layer == "boot" { 2 } else { 1 };
        if done.status.code() != Some(expected) {
            problems.push(format!("the run ended with {} instead of {expected}", done.status));
        }
        all_problems.extend(problems.iter().map(|problem| format!("{}: {problem}", info.id)));
    }
    assert!(all_problems.is_empty(), "\n{}", all_problems.join("\n"));
}

/// Returns all canaries; the slow one only if the fault is about it.
async fn canaries(sandbox: &Sandbox, info: &FaultInfo) -> String {
    let listed = sandbox.coalmine(&["list", "canaries", "--json"]).await;
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
            // verdicts from before the crash stay
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
            problems.push(format!(
                "{} got the diagnosis {} of the layer {}",
                canary["id"], found["code"], found["layer"]
            ));
        }
    }
    problems
}

#[tokio::test]
async fn canary_can_be_judged_alone_against_a_fault() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--fault", "session.global", "--canary", "file-only", "file-caption"]).await.code(0);
    let sandbox = Sandbox::new();
    sandbox.run(&["--fault", "session.global", "--canary", "file-only", "name-recall"]).await.code(1);
    let ids: Vec<_> = verdicts(&sandbox.summary()).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["name-recall", "file-only"]);
}

/// Verdicts and diagnoses do not depend on the number of jobs.
#[tokio::test]
async fn parallel_canaries_get_the_same_verdicts() {
    for fault in
        ["prompt.history-dropped", "session.global", "prompt.runs-on-after-hangup", "reply.failure-hidden"]
    {
        let mut seen = vec![];
        for jobs in ["1", "8"] {
            let sandbox = Sandbox::new();
            let chosen = "name-recall,long-history,corrected-fact,interleaved,non-ascii,file-next-turn,two-files,cancel,\
                          stream-hangup,provider-failure,parallel-turns,isolation";
            sandbox.run(&["--fault", fault, "--canary", chosen, "--jobs", jobs, "--seed", "7"]).await.code(1);
            let codes: Vec<_> =
                red(&sandbox.summary()).iter().map(|canary| canary["diagnosis"]["code"].clone()).collect();
            seen.push((verdicts(&sandbox.summary()), codes));
        }
        assert_eq!(seen[0], seen[1], "{fault}");
    }
}

/// This fault breaks only conversations that run in parallel.
#[tokio::test]
async fn failure_only_in_parallel_fails_the_run() {
    let sandbox = Sandbox::new();
    let chosen = "name-recall,long-history,corrected-fact,three-sessions,file-next-turn";
    sandbox.run(&["--fault", "session.last-context-wins", "--canary", chosen]).await.code(1);
    let summary = sandbox.summary();
    assert_eq!((&summary["verdict"], &summary["counts"]["fail"]), (&"fail".into(), &0.into()));
    let findings = summary["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["code"] == "run.failed-beside-others").unwrap();
    assert_eq!(finding["severity"], "fail");
    let junit = std::fs::read_to_string(sandbox.path("out/junit.xml")).unwrap();
    assert!(junit.contains("<failure"), "{junit}");
    // alone, nothing of it is seen
    let alone = Sandbox::new();
    let done = alone.run(&["--fault", "session.last-context-wins", "--canary", chosen, "--jobs", "1"]).await;
    done.code(0);
    assert!(done.stderr.contains("nothing was tried beside other conversations"), "{}", done.stderr);
}
