//! The lists of canaries, faults, profiles and codes.

use coalmine_runtime::fault::CATALOGUE;
use serde_json::Value;

use crate::support::{Sandbox, assert_shown};

#[tokio::test]
async fn canaries_are_listed_in_run_order() {
    let sandbox = Sandbox::new();
    let done = sandbox.coalmine(&["list", "canaries"]).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stdout
    -  agent-card          The agent card is served and names a JSON-RPC interface
    1  name-recall         A name given in turn 1 is known in turn 2
    2  file-only           A file without a caption is not dropped
    3  file-caption        A file and its caption are both answered
    4  memory-recall       A fact committed to memory is known in another context
    -  same-context-twice  Two turns of one context are in one session
    -  memory-root         The memory root exists and is writable
    -  three-sessions      Facts from three sessions are all known in a fourth
    -  long-history        The first message is still known after twenty more turns
    -  corrected-fact      A corrected fact replaces the old one
    -  interleaved         Two interleaved conversations do not mix
    -  parallel-turns      Two simultaneous messages of one conversation are both kept
    -  isolation           Many parallel conversations keep their secrets
    -  non-ascii           Names in other scripts survive; control characters break nothing
    -  file-next-turn      The content of a file is known in the next turn
    -  two-files           Two files in one message are both read
    -  binary-file         An image and a PDF are read
    -  empty-file          An empty file does not swallow the message text
    -  file-by-uri         A file sent as a link is fetched and known in the next turn
    -  hostile-file-name   A hostile file name cannot escape the runtime's folder
    -  context-rules       The specification's rules for contextId and taskId hold
    -  task-followup       A follow-up to a task continues its conversation
    -  stream-parity       Streamed and plain turns share the session and say the same
    -  dialect-parity      Both A2A dialects share the session
    -  dialect-files       A file is read in both A2A dialects
    -  cancel              A canceled task stops and stays stopped
    -  resubscribe         A client that resubscribes to a running task gets its answer
    -  stream-hangup       A client that hangs up mid-stream disturbs nobody else
    -  duplicate-delivery  A message that is delivered twice is executed once
    -  skill-call          A skill given to the runtime is used
    -  peer-call           Another agent gets the right question and nothing private
    -  provider-failure    After a model failure the runtime says so and forgets nothing
    -  slow-model          The runtime waits for a slow model
    -  key-derivation      Sessions are keyed as the profile declares
    -  restart-recall      Earlier turns survive a restart
    -  restart-memory      Memories survive a restart
    -  kill-recall         A kill in the middle of a turn loses none of the earlier turns
    -  recreate-recall     Earlier turns survive recreating the container
    -  large-file          A file of 5 MB is read to the end
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
    assert_eq!(listed.lines().find(|line| line.len() > 80), None);
    let layers = ["boot", "wire", "session", "prompt", "tool", "reply"];
    let mut lines = listed.lines().filter(|line| !layers.contains(line)).peekable();
    for info in CATALOGUE {
        let shown = match info.canaries().collect::<Vec<_>>()[..] {
            ["*"] => "all canaries".to_owned(),
            [one] => one.to_owned(),
            ref all => format!("{} canaries", all.len()),
        };
        let line = lines.next().unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!((words[0], words[1], words[2..].join(" ")), (info.id, info.code, shown));
        let about = std::iter::from_fn(|| lines.next_if(|line| line.starts_with("    "))).map(str::trim);
        assert_eq!(about.collect::<Vec<_>>().join(" "), info.about);
    }
    assert_eq!(lines.next(), None);
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
