//! What there is to run, to read and to break.

use coalmine_runtime::fault::CATALOGUE;
use serde_json::Value;

use crate::support::{Place, assert_shown};

#[tokio::test]
async fn the_canaries_are_listed_in_the_order_in_which_they_run() {
    let place = Place::new();
    let done = place.coalmine(&["list", "canaries"]).await;
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
    ");
    let json = place.coalmine(&["list", "canaries", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    place.run(&[]).await.code(0);
    let summary = place.summary();
    let ran: Vec<&Value> = summary["canaries"].as_array().unwrap().iter().map(|c| &c["id"]).collect();
    assert_eq!(listed.iter().map(|canary| &canary["id"]).collect::<Vec<_>>(), ran);
}

#[tokio::test]
async fn the_faults_are_listed_with_what_they_turn_red() {
    let place = Place::new();
    let done = place.coalmine(&["list", "faults"]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    --- stdout
    boot.never-ready          boot.not-ready           *                                                    It listens and answers 503 to everything, for ever
    boot.crash-on-message     boot.crashed             *                                                    The first message ends the process
    wire.context-replaced     wire.context-replaced    name-recall, same-context-twice                      The client's contextId is ignored; each message opens a new context
    session.keyed-by-task     session.split            name-recall, same-context-twice                      Sessions are kept by task, so each turn begins an empty one
    session.global            session.shared           name-recall                                          All contexts share one session
    prompt.history-dropped    prompt.history-missing   name-recall                                          The session is kept but earlier turns never reach the prompt
    prompt.file-dropped       prompt.file-missing      file-caption                                         A file that comes with a text is left out of the prompt
    prompt.file-only-refused  prompt.empty-prompt      file-only                                            A file without a text is taken for an empty prompt
    tool.memory-not-written   tool.memory-not-written  memory-recall                                        The memory tool says it has written and has not
    reply.dropped             reply.empty              name-recall, file-only, file-caption, memory-recall  The task completes without the model's answer
    reply.constant            reply.answer-lost        name-recall, file-only, file-caption, memory-recall  Every answer delivered is the same sentence
    reply.echo-everything     reply.echo               name-recall, file-only, file-caption, memory-recall  Every text ever seen in any session is delivered with the answer
    ");
    let json = place.coalmine(&["list", "faults", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    let ids: Vec<_> = listed.iter().map(|fault| fault["id"].as_str().unwrap()).collect();
    assert_eq!(ids, CATALOGUE.iter().map(|info| info.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_profile_listed_can_be_checked_and_named() {
    let place = Place::new();
    let json = place.coalmine(&["list", "profiles", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert!(listed.iter().any(|profile| profile["name"] == "reference"), "{json}");
    for profile in listed {
        let file = format!(
            "{}/../../profiles/{}.toml",
            env!("CARGO_MANIFEST_DIR"),
            profile["name"].as_str().unwrap()
        );
        let done = place.coalmine(&["check", &file]).await;
        done.code(0);
        assert!(done.stdout.contains("profile `"), "{}", done.stdout);
    }
}

#[tokio::test]
async fn every_code_of_the_catalogue_has_a_page() {
    let place = Place::new();
    let all = place.coalmine(&["explain"]).await.code(0).stdout.clone();
    for info in CATALOGUE {
        let page = place.coalmine(&["explain", info.code]).await.code(0).stdout.clone();
        assert!(page.contains(info.code) && page.lines().count() > 5, "{page}");
        assert!(all.lines().any(|line| line.split_whitespace().next() == Some(info.code)), "{all}");
    }
}
