//! Runs with `--model live`. The runtime's own model is another simulated one that the run does not know.

use crate::support::{Child, Sandbox, codes, verdicts};

const SECRET: &str = "sk-it's \"quoted\" \\ odd";

/// Returns a sandbox with a file of credentials, and the model that they are for.
async fn with_model() -> (Sandbox, Child) {
    let sandbox = Sandbox::new();
    let mut model = sandbox.start(&["serve", "world"]);
    let address = model.first_line().await;
    let quoted = SECRET.replace('\\', "\\\\").replace('"', "\\\"");
    let variables =
        format!("# a model\nOPENAI_BASE_URL=http://{address}/v1\nexport OPENAI_API_KEY=\"{quoted}\"\n");
    std::fs::write(sandbox.path("model.env"), variables).unwrap();
    (sandbox, model)
}

const LIVE: [&str; 4] = ["--model", "live", "--env-file", "model.env"];

#[tokio::test]
async fn only_facts_are_judged_with_an_own_model() {
    let (sandbox, _model) = with_model().await;
    let canaries = ["--canary", "name-recall", "file-only", "isolation", "key-derivation", "cancel"];
    sandbox.run(&[&LIVE[..], &canaries].concat()).await.code(0);
    let summary = sandbox.summary();
    assert_eq!(summary["run"]["model"], "live");
    let verdicts = verdicts(&summary).into_iter().map(|(_, verdict)| verdict).collect::<Vec<_>>();
    assert_eq!(verdicts, ["pass", "pass", "pass", "skip", "pass"]);
    let checks: Vec<&str> = summary["canaries"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|canary| canary["checks"].as_array().unwrap())
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    assert!(checks.iter().any(|id| id.ends_with("reply.contains")), "{checks:?}");
    assert!(!checks.iter().any(|id| id.contains(".prompt.") || id.contains(".matches")), "{checks:?}");
    let journal = std::fs::read_to_string(sandbox.path("out/journal.ndjson")).unwrap();
    assert!(!journal.contains("\"kind\":\"model\""), "{journal}");
}

#[tokio::test]
async fn lost_fact_is_reported_with_the_limits_of_the_evidence() {
    let (sandbox, _model) = with_model().await;
    let broken = ["--fault", "prompt.history-dropped", "--canary", "name-recall"];
    let done = sandbox.run(&[&LIVE[..], &broken].concat()).await;
    done.code(1);
    assert_eq!(codes(&sandbox.summary()), ["prompt.history-missing"]);
    assert!(done.stderr.contains("the calls to the runtime's own model are not visible"), "{}", done.stderr);
    assert!(done.stderr.contains("not visible: the runtime asked its own model"), "{}", done.stderr);
}

#[tokio::test]
async fn values_of_an_env_file_are_redacted_everywhere() {
    let (sandbox, _model) = with_model().await;
    // a command that prints its environment, as it is and as JSON
    let command =
        "env; printf '{\"key\": \"%s\"}\\n' \"$(printf %s \"$OPENAI_API_KEY\" | sed 's/[\\\\\"]/\\\\&/g')\"";
    let cmd = ["--cmd", command, "--timeout", "5s", "--canary", "name-recall"];
    let done = sandbox.run(&[&LIVE[..], &cmd].concat()).await;
    done.code(2);
    let log = std::fs::read_to_string(sandbox.path("out/runtime.log")).unwrap();
    assert!(log.contains("OPENAI_API_KEY=[redacted]") && log.contains("{\"key\": \"[redacted]\"}"), "{log}");
    assert!(log.contains("PLATFORM_URL=http://127.0.0.1:"), "{log}");
    for name in ["ANTHROPIC_BASE_URL=", "ANTHROPIC_API_KEY=", "OLLAMA_HOST="] {
        assert!(!log.contains(name), "{log}");
    }
    for entry in std::fs::read_dir(sandbox.path("out")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        assert!(!text.contains("odd") && !text.contains("sk-it"), "{text}");
    }
    assert!(!done.stderr.contains("sk-it"), "{}", done.stderr);
}

#[tokio::test]
async fn invalid_line_of_an_env_file_is_not_quoted() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("model.env"), "A=1\n# fine\ns3cr3t-without-a-name\n").unwrap();
    let done = sandbox.run(&["--env-file", "model.env"]).await;
    crate::support::assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
    error: invalid line 3 of `model.env`: expected `=`

    hint: write `NAME=VALUE`, `NAME="VALUE"` or a comment that begins with `#`
    "#);
}
