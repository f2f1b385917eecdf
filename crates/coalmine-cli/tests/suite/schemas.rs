//! Files for programs match the schemas that the binary prints.

use jsonschema::Validator;
use serde_json::Value;

use crate::support::{Sandbox, read_json};

async fn validator(name: &str) -> Validator {
    let schema = Sandbox::new().coalmine(&["schema", name]).await.code(0).stdout.clone();
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value}");
}

/// Arguments of a run that passes, one that fails, one that cannot judge some canaries, and one that does not
/// start.
const RUNS: [&[&str]; 4] = [
    &[],
    &["--fault", "reply.echo-everything"],
    &["--fault", "boot.crash-on-message"],
    &["--fault", "boot.never-ready", "--timeout", "300ms"],
];

#[tokio::test]
async fn summary_on_stdout_matches_the_file_and_the_schema() {
    let validator = validator("summary").await;
    for arguments in RUNS {
        let sandbox = Sandbox::new();
        let done = sandbox.run(&[arguments, &["--json"]].concat()).await;
        let printed: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_valid(&validator, &printed);
        assert_eq!(printed, sandbox.summary());
        assert_eq!(done.stdout, std::fs::read_to_string(sandbox.path("out/summary.json")).unwrap());
    }
}

#[tokio::test]
async fn summary_without_a_field_violates_the_schema() {
    let validator = validator("summary").await;
    let sandbox = Sandbox::new();
    sandbox.run(&["--canary", "name-recall"]).await.code(0);
    for field in ["schema", "run", "target", "verdict", "counts", "canaries", "findings"] {
        let mut summary = sandbox.summary();
        summary.as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&summary), "without `{field}`");
    }
}

#[tokio::test]
async fn events_match_the_schema_and_are_numbered() {
    let validator = validator("event").await;
    for arguments in RUNS {
        let sandbox = Sandbox::new();
        sandbox.run(arguments).await;
        let lines = std::fs::read_to_string(sandbox.path("out/events.ndjson")).unwrap();
        let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (at, event) in events.iter().enumerate() {
            assert_valid(&validator, event);
            assert_eq!(event["seq"], at, "{event}");
        }
        let ended = events.iter().filter(|event| event["event"] == "canary-ended").count();
        let canaries = sandbox.summary()["canaries"].as_array().unwrap().len();
        assert_eq!(ended, canaries, "{lines}");
    }
}

#[tokio::test]
async fn canaries_and_profiles_match_their_schemas() {
    for (name, folder) in [("canary", "canaries"), ("profile", "profiles")] {
        let validator = validator(name).await;
        let folder = format!("{}/../../{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                let value: toml::Value = toml::from_str(&text).unwrap();
                assert_valid(&validator, &serde_json::to_value(value).unwrap());
                seen += 1;
            }
        }
        assert!(seen > 1, "{name}");
    }
}

/// Collects the keys of an object and of the objects in it, each with its parent key.
fn keys(schema: &Value, object: &Value, all: &mut Vec<(String, String)>) {
    for (key, value) in object["properties"].as_object().into_iter().flatten() {
        let alternatives = value["anyOf"].as_array().into_iter().flatten();
        let inside =
            [value, &value["items"]].into_iter().chain(alternatives).filter_map(|it| it["$ref"].as_str());
        for name in inside.map(|path| path.trim_start_matches("#/$defs/")) {
            let mut below = vec![];
            keys(schema, &schema["$defs"][name], &mut below);
            all.extend(below.into_iter().map(|(_, inner)| (key.clone(), inner)));
        }
        all.push((key.clone(), key.clone()));
    }
}

#[tokio::test]
async fn every_key_of_a_profile_is_documented() {
    let printed = Sandbox::new().coalmine(&["schema", "profile"]).await.code(0).stdout.clone();
    let schema: Value = serde_json::from_str(&printed).unwrap();
    let mut all = vec![];
    keys(&schema, &schema, &mut all);
    assert!(all.len() > 30, "{all:?}");
    let table =
        include_str!("../../../../docs/profiles.md").split("\n\n").find(|part| part.contains("| `port` |"));
    let rows: Vec<&str> = table.unwrap().lines().collect();
    // the words in back-ticks
    let names = |text: &str, word: &str| {
        let code = text.split('`').skip(1).step_by(2);
        code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '-')).any(|name| name == word)
    };
    for (key, inner) in all {
        let row = rows.iter().find(|row| names(row.split(" | ").next().unwrap(), &key));
        assert!(row.is_some_and(|row| names(row, &inner)), "`{key}`: `{inner}`");
    }
}

#[tokio::test]
async fn junit_counts_match_the_summary() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--fault", "session.global"]).await.code(1);
    let junit = std::fs::read_to_string(sandbox.path("out/junit.xml")).unwrap();
    let summary = read_json(&sandbox.path("out/summary.json"));
    assert_eq!(junit.matches("<testcase ").count(), summary["canaries"].as_array().unwrap().len());
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
    assert_eq!(summary["counts"]["fail"], 1);
}
