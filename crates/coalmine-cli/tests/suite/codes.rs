//! Every code is produced by something that is tested.

use std::path::{Path, PathBuf};

use coalmine::event::Code;
use coalmine_runtime::fault::CATALOGUE;
use serde_json::{Value, json};

use crate::support::{Attack, COALMINE, HostileServer, Sandbox, codes, free_address};

const JSON: &str = "application/json";

/// Adds the test code below a folder to `text`: files of tests, and what follows `#[cfg(test)]` in others.
fn add_test_code(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && name != "node_modules" {
                add_test_code(&path, text);
            }
        } else if name == "expected.toml" {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        } else if name.ends_with(".rs") && name != "code.rs" {
            let code = std::fs::read_to_string(&path).unwrap();
            let is_test = name == "tests.rs" || path.components().any(|part| part.as_os_str() == "tests");
            let from = if is_test { Some(0) } else { code.find("#[cfg(test)]") };
            text.push_str(&code[from.unwrap_or(code.len())..]);
        }
    }
}

/// The drift of each kind is produced by tests of the client, and each kind has its code (`event/code.rs`).
fn is_drift(code: Code) -> bool {
    code.id().starts_with("drift.") && code != Code::DriftCardPath
}

#[test]
fn every_code_is_named_by_a_fault_or_a_test() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut tests = String::new();
    add_test_code(&root.join("crates"), &mut tests);
    add_test_code(&root.join("third-party"), &mut tests);
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !is_drift(**code))
        .filter(|code| !CATALOGUE.iter().any(|fault| fault.code == code.id()))
        .filter(|code| !tests.contains(&format!("\"{code}\"")) && !tests.contains(&format!("Code::{code:?}")))
        .map(|code| code.id())
        .collect();
    assert!(missing.is_empty(), "no fault and no test produces {}", missing.join(", "));
}

fn findings(summary: &Value) -> Vec<&str> {
    summary["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn occupied_address_of_the_world_is_a_failed_start() {
    let (sandbox, address) = (Sandbox::new(), free_address());
    let _occupied = std::net::TcpListener::bind(&address).unwrap();
    let arguments = ["--url", "http://127.0.0.1:1", "--world", &address, "--canary", "name-recall"];
    sandbox.run(&arguments).await.code(2);
    assert_eq!(codes(&sandbox.summary()), ["boot.start-failed"]);
}

#[tokio::test]
async fn runtime_that_never_answers_ends_the_run() {
    let sandbox = Sandbox::new();
    let drip = Attack::Drip { head: "HTTP/1.1 200 OK\r\n\r\n".into(), text: " ".into() };
    let server = HostileServer::answering(drip).await;
    let canaries = ["--canary", "name-recall", "file-only", "file-caption", "interleaved"];
    // in canary mode no model call is expected, so that the runtime counts as wired
    let arguments =
        ["--url", &server.url, "--turn-timeout", "300ms", "--jobs", "1", "--model", "canary-mode"];
    let done = sandbox.run(&[&arguments[..], &canaries].concat()).await;
    assert!(codes(&sandbox.summary()).contains(&"boot.gave-up".to_owned()), "{}", done.stderr);
}

#[tokio::test]
async fn run_without_a_judged_conversation_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--canary", "recreate-recall"]).await.code(2);
    assert_eq!(sandbox.summary()["diagnosis"]["code"], "boot.nothing-judged");
}

#[tokio::test]
async fn runtime_that_starts_only_once_fails_to_restart() {
    let sandbox = Sandbox::new();
    let command = format!(
        "if [ -e started ]; then exit 4; fi; touch started; exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}"
    );
    let arguments = ["--cmd", &command, "--profile", "reference", "--canary", "restart-recall"];
    sandbox.run(&arguments).await.code(2);
    assert_eq!(codes(&sandbox.summary()), ["boot.restart-failed"]);
}

/// Runs `agent-card` against a card, which is served at the path since 0.3 or only at the older one.
async fn judge_card(card: &Value, at_new_path: bool) -> Value {
    let served = Attack::Whole(200, JSON, card.to_string());
    let server = if at_new_path {
        HostileServer::with_card(served).await
    } else {
        HostileServer::start(Some(Attack::Whole(404, JSON, "{}".into())), served).await
    };
    let sandbox = Sandbox::new();
    sandbox.run(&["--url", &server.url, "--canary", "agent-card", "--timeout", "5s"]).await;
    sandbox.summary()
}

#[tokio::test]
async fn cards_are_unusable_incomplete_or_misplaced() {
    let mut card = json!({
        "name": "n", "description": "d", "version": "1", "url": "grpc://localhost:1", "protocolVersion": "0.3.0",
        "preferredTransport": "GRPC", "capabilities": {}, "skills": [], "defaultInputModes": ["text/plain"],
        "defaultOutputModes": ["text/plain"],
    });
    assert_eq!(codes(&judge_card(&card, true).await), ["wire.card-invalid"]);
    card["preferredTransport"] = "JSONRPC".into();
    assert_eq!(findings(&judge_card(&card, false).await), ["drift.card-path"]);
    card.as_object_mut().unwrap().remove("skills");
    assert_eq!(findings(&judge_card(&card, true).await), ["card.incomplete"]);
}

#[tokio::test]
async fn memory_root_must_be_writable() {
    let sandbox = Sandbox::new();
    let profile = "extends = \"reference\"\n[memory]\nroot = \"/proc/no-such-folder\"\n";
    std::fs::write(sandbox.path("profile.toml"), profile).unwrap();
    let command = format!("exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}");
    let arguments = ["--cmd", &command, "--profile", "profile.toml", "--canary", "memory-root"];
    sandbox.run(&arguments).await.code(1);
    assert_eq!(codes(&sandbox.summary()), ["tool.memory-root"]);
}
