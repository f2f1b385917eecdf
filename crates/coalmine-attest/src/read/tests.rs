use serde_json::json;

use super::*;
use crate::testing::{Signer, statement};

fn refused(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn reads_statements_of_both_versions() {
    let mut one = statement();
    for kind in [STATEMENT_V1, STATEMENT_V0_1] {
        one["_type"] = json!(kind);
        for text in [one.to_string(), serde_json::to_string_pretty(&one).unwrap()] {
            let document = read(text.as_bytes()).unwrap();
            assert_eq!(document.statements.len(), 1);
            assert_eq!(document.statements[0].statement.kind, kind);
            assert!(!document.statements[0].is_enveloped());
        }
    }
    one["_type"] = json!("https://in-toto.io/Statement/v2");
    assert_eq!(refused(&one.to_string()), "unknown type `https://in-toto.io/Statement/v2` of a statement");
}

#[test]
fn reads_envelopes_one_a_line() {
    let signer = Signer::p256();
    let line = signer.envelope(&statement());
    assert_eq!(read(line.as_bytes()).unwrap().statements.len(), 1);
    let document = read(format!("{line}\n\n{line}\n").as_bytes()).unwrap();
    assert_eq!(document.statements.len(), 2);
    assert!(document.statements.iter().all(SignedStatement::is_enveloped));
    assert_eq!(
        refused(&format!("{line}\n{{}}\n")),
        "expected a statement of in-toto (`_type`) or an envelope (`payloadType`)"
    );
    assert!(refused(&format!("{line}\n{}", &line[..40])).contains("trailing"));
}

#[test]
fn wrong_payload_type_is_refused() {
    let envelope = Signer::p256().envelope_of("application/json", statement().to_string().as_bytes());
    assert_eq!(
        refused(&envelope),
        "the payload has the type `application/json`: expected `application/vnd.in-toto+json`"
    );
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let text = statement().to_string();
    let twice = text.replacen(r#""result":"PASSED""#, r#""result":"FAILED","result":"PASSED""#, 1);
    assert_ne!(text, twice);
    assert!(refused(&twice).contains("the key `result` stands twice"));
    let envelope = Signer::p256().envelope_of(PAYLOAD_TYPE, twice.as_bytes());
    assert!(refused(&envelope).contains("the key `result` stands twice"));
    let outside = Signer::p256().envelope(&statement()).replacen('{', r#"{"payload":"","#, 1);
    assert!(refused(&outside).contains("the key `payload` stands twice"));
}

#[test]
fn a_statement_that_is_an_envelope_is_refused() {
    let mut both = statement();
    both["payload"] = json!("");
    assert_eq!(refused(&both.to_string()), "it is a statement and an envelope at the same time");
}

#[test]
fn hostile_text_is_bounded_and_escaped() {
    assert!(read(&vec![b' '; MAX_BYTES + 1]).is_err());
    assert_eq!(read(b"\xff").unwrap_err().to_string(), "it is not UTF-8");
    let many = "{}\n".repeat(MAX_STATEMENTS + 1);
    assert_eq!(refused(&many), "it holds more than 1000 statements");
    for text in
        ["", "null", "[]", "3", "{", r#"{"payload":"%","payloadType":"application/vnd.in-toto+json"}"#]
    {
        assert!(!refused(text).is_empty());
    }
    let mut hostile = statement();
    hostile["_type"] = json!(format!("\u{1b}[2J\n::error::{}", "x".repeat(10_000)));
    let shown = refused(&hostile.to_string());
    assert!(!shown.contains(['\u{1b}', '\n']) && shown.len() < 1_000, "{shown}");
}
