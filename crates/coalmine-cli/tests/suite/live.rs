//! Runs in which the runtime asks a model of its own: here another simulated one, of which the run knows nothing.

use crate::support::{Live, Place, codes, verdicts};

const SECRET: &str = "sk-it's \"quoted\" \\ odd";

/// A place, a model elsewhere, and a file with the credentials for it.
async fn with_model() -> (Place, Live) {
    let place = Place::new();
    let mut model = place.start(&["serve", "world"]);
    let address = model.first_line().await;
    let quoted = SECRET.replace('\\', "\\\\").replace('"', "\\\"");
    let variables =
        format!("# a model\nOPENAI_BASE_URL=http://{address}/v1\nexport OPENAI_API_KEY=\"{quoted}\"\n");
    std::fs::write(place.path("model.env"), variables).unwrap();
    (place, model)
}

const LIVE: [&str; 4] = ["--model", "live", "--env-file", "model.env"];

#[tokio::test]
async fn the_runtimes_own_model_answers_and_the_facts_alone_are_judged() {
    let (place, _model) = with_model().await;
    let canaries = ["--canary", "name-recall", "file-only", "isolation", "key-derivation", "cancel"];
    place.run(&[&LIVE[..], &canaries].concat()).await.code(0);
    let summary = place.summary();
    assert_eq!(summary["run"]["model"], "live");
    let told = verdicts(&summary).into_iter().map(|(_, verdict)| verdict).collect::<Vec<_>>();
    assert_eq!(told, ["pass", "pass", "pass", "skip", "pass"]);
    let checks: Vec<&str> = summary["canaries"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|canary| canary["checks"].as_array().unwrap())
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    assert!(checks.iter().any(|id| id.ends_with("reply.contains")), "{checks:?}");
    assert!(!checks.iter().any(|id| id.contains(".prompt.") || id.contains(".matches")), "{checks:?}");
    let journal = std::fs::read_to_string(place.path("out/journal.ndjson")).unwrap();
    assert!(!journal.contains("\"kind\":\"model\""), "{journal}");
}

#[tokio::test]
async fn a_fact_that_was_lost_is_told_with_how_far_that_can_be_trusted() {
    let (place, _model) = with_model().await;
    let broken = ["--fault", "prompt.history-dropped", "--canary", "name-recall"];
    let done = place.run(&[&LIVE[..], &broken].concat()).await;
    done.code(1);
    assert_eq!(codes(&place.summary()), ["prompt.history-missing"]);
    assert!(done.stderr.contains("nothing is seen of the runtime's own model"), "{}", done.stderr);
    assert!(done.stderr.contains("not seen: the runtime asked a model of its own"), "{}", done.stderr);
}

#[tokio::test]
async fn what_an_environment_file_holds_is_written_nowhere() {
    let (place, _model) = with_model().await;
    // a command that prints what it was given, in its own words and as JSON
    let command =
        "env; printf '{\"key\": \"%s\"}\\n' \"$(printf %s \"$OPENAI_API_KEY\" | sed 's/[\\\\\"]/\\\\&/g')\"";
    let cmd = ["--cmd", command, "--timeout", "5s", "--canary", "name-recall"];
    let done = place.run(&[&LIVE[..], &cmd].concat()).await;
    done.code(2);
    let log = std::fs::read_to_string(place.path("out/runtime.log")).unwrap();
    assert!(log.contains("OPENAI_API_KEY=[redacted]") && log.contains("{\"key\": \"[redacted]\"}"), "{log}");
    assert!(log.contains("PLATFORM_URL=http://127.0.0.1:"), "{log}");
    for name in ["ANTHROPIC_BASE_URL=", "ANTHROPIC_API_KEY=", "OLLAMA_HOST="] {
        assert!(!log.contains(name), "{log}");
    }
    for entry in std::fs::read_dir(place.path("out")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        assert!(!text.contains("odd") && !text.contains("sk-it"), "{text}");
    }
    assert!(!done.stderr.contains("sk-it"), "{}", done.stderr);
}

#[tokio::test]
async fn a_line_that_is_no_variable_is_refused_and_not_shown() {
    let place = Place::new();
    std::fs::write(place.path("model.env"), "A=1\n# fine\ns3cr3t-without-a-name\n").unwrap();
    let done = place.run(&["--env-file", "model.env"]).await;
    crate::support::assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
    error: model.env, line 3: there is no `=`

    hint: write `NAME=VALUE`, `NAME="VALUE"` or a comment that begins with `#`
    "#);
}
