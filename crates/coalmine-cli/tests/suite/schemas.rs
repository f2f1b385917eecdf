//! What programs read keeps to the schemas that the binary prints.

use jsonschema::Validator;
use serde_json::Value;

use crate::support::{Place, read_json};

async fn validator(name: &str) -> Validator {
    let schema = Place::new().coalmine(&["schema", name]).await.code(0).stdout.clone();
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

#[track_caller]
fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value}");
}

/// A green run, a red one, one in which some could not be judged, and one that never began.
const RUNS: [&[&str]; 4] = [
    &[],
    &["--fault", "reply.echo-everything"],
    &["--fault", "boot.crash-on-message"],
    &["--fault", "boot.never-ready", "--timeout", "300ms"],
];

#[tokio::test]
async fn the_summary_on_stdout_is_the_file_and_keeps_to_its_schema() {
    let validator = validator("summary").await;
    for arguments in RUNS {
        let place = Place::new();
        let done = place.run(&[arguments, &["--json"]].concat()).await;
        let printed: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_valid(&validator, &printed);
        assert_eq!(printed, place.summary());
        assert_eq!(done.stdout, std::fs::read_to_string(place.path("out/summary.json")).unwrap());
    }
}

#[tokio::test]
async fn a_summary_with_a_field_left_out_does_not_keep_to_the_schema() {
    let validator = validator("summary").await;
    let place = Place::new();
    place.run(&["--canary", "name-recall"]).await.code(0);
    for field in ["schema", "run", "target", "verdict", "counts", "canaries", "findings"] {
        let mut summary = place.summary();
        summary.as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&summary), "without `{field}`");
    }
}

#[tokio::test]
async fn every_event_keeps_to_its_schema_and_they_are_numbered_without_a_gap() {
    let validator = validator("event").await;
    for arguments in RUNS {
        let place = Place::new();
        place.run(arguments).await;
        let lines = std::fs::read_to_string(place.path("out/events.ndjson")).unwrap();
        let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (at, event) in events.iter().enumerate() {
            assert_valid(&validator, event);
            assert_eq!(event["seq"], at, "{event}");
        }
        let ended = events.iter().filter(|event| event["event"] == "canary-ended").count();
        let canaries = place.summary()["canaries"].as_array().unwrap().len();
        assert_eq!(ended, canaries, "{lines}");
    }
}

#[tokio::test]
async fn the_files_of_this_repository_keep_to_the_schemas_of_what_a_person_writes() {
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

/// The keys of an object and of the objects in it, with the key in which they stand.
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
async fn every_key_of_a_profile_stands_in_its_documentation() {
    let printed = Place::new().coalmine(&["schema", "profile"]).await.code(0).stdout.clone();
    let schema: Value = serde_json::from_str(&printed).unwrap();
    let mut all = vec![];
    keys(&schema, &schema, &mut all);
    assert!(all.len() > 30, "{all:?}");
    let table =
        include_str!("../../../../docs/profiles.md").split("\n\n").find(|part| part.contains("| `port` |"));
    let rows: Vec<&str> = table.unwrap().lines().collect();
    // what stands in back-ticks, word by word
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
async fn the_junit_file_counts_as_the_summary_does() {
    let place = Place::new();
    place.run(&["--fault", "session.global"]).await.code(1);
    let junit = std::fs::read_to_string(place.path("out/junit.xml")).unwrap();
    let summary = read_json(&place.path("out/summary.json"));
    assert_eq!(junit.matches("<testcase ").count(), summary["canaries"].as_array().unwrap().len());
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
    assert_eq!(summary["counts"]["fail"], 1);
}
