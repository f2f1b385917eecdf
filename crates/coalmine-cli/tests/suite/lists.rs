//! The lists of canaries, faults, profiles and codes.

use coalmine_runtime::fault::CATALOGUE;
use serde_json::Value;

use crate::support::{Sandbox, assert_shown};

#[tokio::test]
async fn canaries_are_listed_in_run_order() {
    let sandbox = Sandbox::new();
    let done = sandbox.coalmine(&["list", "canaries"]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    --- stdout
    -  agent-card          The agent card is served and names a JSON-RPC interface
    1  name-recall         A name told in turn 1 is known in turn 2
    2  file-only           A file without a caption is not dropped
    3  file-caption        A file and its caption are both answered
    4  memory-recall       A fact committed to memory is known in another context
    -  same-context-twice  Two turns of one context land in one session
    -  memory-root         The memory root exists and can be written to
    -  three-sessions      Facts told in three sessions are all known in a fourth
    -  long-history        What was said first is known after twenty more turns
    -  corrected-fact      Of a fact that was corrected, the last word counts
    -  interleaved         Two conversations that take turns do not mix
    -  parallel-turns      Two messages at once in one conversation are both answered and both kept
    -  isolation           Many conversations at once keep their secrets
    -  non-ascii           Names in other scripts survive, and control characters break nothing
    -  file-next-turn      What was in a file is known in the next turn
    -  two-files           Of two files in one message both are read
    -  binary-file         A picture and a PDF are read
    -  empty-file          A file with nothing in it does not take the words along
    -  file-by-uri         A file that comes as a link is fetched, and known in the next turn
    -  hostile-file-name   The name of a file leads nowhere
    -  context-rules       The specification's rules for contextId and taskId are kept
    -  task-followup       A message that follows up on a task goes on in its conversation
    -  stream-parity       Streamed and sent turns share the session and say the same
    -  dialect-parity      Both dialects share the session
    -  cancel              A task that is canceled stops, and stays stopped
    -  resubscribe         A client that comes back to a running task gets its answer
    -  stream-hangup       A client that hangs up in the middle of a stream disturbs nobody
    -  duplicate-delivery  A message that is delivered twice is executed once
    -  skill-call          A skill that the runtime was given is used
    -  peer-call           Another agent is asked the right thing, and nothing private goes along
    -  provider-failure    When the model fails the runtime says so, and the next turn still knows
    -  slow-model          A model that takes its time is waited for
    -  key-derivation      Sessions hang on the key that the profile promises
    -  restart-recall      What was said before a restart is known after it
    -  restart-memory      What was committed to memory before a restart is known after it
    -  kill-recall         A kill in the middle of a turn loses nothing of what was said before
    -  recreate-recall     What was said before the container was made anew is known after it
    -  large-file          A file of 5 MB is read to its end
    ");
    let json = sandbox.coalmine(&["list", "canaries", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    // the runtime never answers, and every canary of the plan ends all the same
    sandbox
        .run(&["--fault", "boot.never-ready", "--timeout", "300ms", "--only", "must,should,continuity"])
        .await
        .code(2);
    let summary = sandbox.summary();
    let ran: Vec<&Value> = summary["canaries"].as_array().unwrap().iter().map(|c| &c["id"]).collect();
    assert_eq!(listed.iter().map(|canary| &canary["id"]).collect::<Vec<_>>(), ran);
}

#[tokio::test]
async fn faults_are_listed_with_their_canaries() {
    let sandbox = Sandbox::new();
    let listed = sandbox.coalmine(&["list", "faults"]).await.code(0).stdout.clone();
    assert_eq!(listed.lines().count(), CATALOGUE.len());
    for (line, info) in listed.lines().zip(CATALOGUE) {
        let canaries: Vec<_> = info.canaries().collect();
        let columns: Vec<_> = line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
        assert_eq!(columns, [info.id, info.code, &canaries.join(", "), info.about]);
    }
    let json = sandbox.coalmine(&["list", "faults", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    let ids: Vec<_> = listed.iter().map(|fault| fault["id"].as_str().unwrap()).collect();
    assert_eq!(ids, CATALOGUE.iter().map(|info| info.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn listed_profiles_are_valid() {
    let sandbox = Sandbox::new();
    let json = sandbox.coalmine(&["list", "profiles", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert!(listed.iter().any(|profile| profile["name"] == "reference"), "{json}");
    for profile in listed {
        let file = format!(
            "{}/../../profiles/{}.toml",
            env!("CARGO_MANIFEST_DIR"),
            profile["name"].as_str().unwrap()
        );
        let done = sandbox.coalmine(&["check", &file]).await;
        done.code(0);
        assert!(done.stdout.contains("profile `"), "{}", done.stdout);
    }
}

#[tokio::test]
async fn every_code_has_a_page() {
    let sandbox = Sandbox::new();
    let all = sandbox.coalmine(&["explain"]).await.code(0).stdout.clone();
    for info in CATALOGUE {
        let page = sandbox.coalmine(&["explain", info.code]).await.code(0).stdout.clone();
        assert!(page.contains(info.code) && page.lines().count() > 5, "{page}");
        assert!(all.lines().any(|line| line.split_whitespace().next() == Some(info.code)), "{all}");
    }
}
