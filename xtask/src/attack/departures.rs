//! How a run departs from what must come of a mode.

use serde_json::Value;

use super::{subject::Measured, truth::Expected};

/// Returns how a run departs from the truth, one sentence for each departure.
pub(super) fn of(expected: &Expected, measured: &Measured) -> Vec<String> {
    let mut departures = vec![];
    let mut depart = |is_wrong: bool, sentence: String| {
        if is_wrong {
            departures.push(sentence);
        }
    };
    match measured.code {
        None => depart(true, "it did not end and was killed".to_owned()),
        Some(code) => {
            depart(!expected.takes(code), format!("exit code: expected {:?}, got {code}", expected.codes()))
        }
    }
    let seconds = measured.took.as_secs_f64();
    depart(seconds > expected.seconds, format!("seconds: at most {}, got {seconds:.1}", expected.seconds));
    for (what, most, bytes) in
        [("memory", expected.memory, measured.memory), ("disk", expected.disk, measured.disk)]
    {
        let megabytes = bytes.div_ceil(1 << 20);
        depart(megabytes > most, format!("{what}: at most {most} MiB, got {megabytes} MiB"));
    }
    depart(measured.memory == 0, "the memory was not measured".to_owned());
    // what was interrupted is red without a diagnosis
    let is_over = measured.code.is_some_and(|code| code <= 2);
    let Some(summary) = measured.summary.as_ref().filter(|_| is_over) else { return departures };
    let red = red(summary);
    let is_red = matches!(measured.code, Some(1 | 2));
    depart(is_red && red.is_empty() && !expected.diagnosis.is_empty(), "no canary is red".to_owned());
    for (name, code) in red {
        let is_right = expected.diagnosis.iter().any(|right| code == right || is_in_layer(code, right));
        depart(!is_right, format!("{name}: expected {}, got {code}", expected.diagnosis.join(" or ")));
    }
    for finding in &expected.findings {
        let found =
            summary["findings"].as_array().into_iter().flatten().any(|other| other["code"] == **finding);
        depart(!found, format!("there is no finding {finding}"));
    }
    departures
}

/// Returns the codes of what is red: of canaries by their ids, and of the run.
pub(super) fn red(summary: &Value) -> Vec<(&str, &str)> {
    let canaries = summary["canaries"].as_array().into_iter().flatten();
    let is_red = |canary: &&Value| matches!(canary["verdict"].as_str(), Some("fail" | "error"));
    let mut red = vec![];
    for canary in canaries.filter(is_red) {
        red.push((
            canary["id"].as_str().unwrap_or_default(),
            canary["diagnosis"]["code"].as_str().unwrap_or("none"),
        ));
    }
    if let Some(code) = summary["diagnosis"]["code"].as_str() {
        red.push(("the run", code));
    }
    red
}

fn is_in_layer(code: &str, layer: &str) -> bool {
    code.split_once('.').is_some_and(|(own, _)| own == layer)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn expected(text: &str) -> Expected {
        toml::from_str(&format!("about = 'x'\n{text}")).unwrap()
    }

    fn measured(code: i32, summary: Value) -> Measured {
        let took = Duration::from_millis(1500);
        Measured {
            code: Some(code),
            took,
            memory: 30 << 20,
            disk: 1 << 20,
            summary: Some(summary),
            ..Measured::default()
        }
    }

    fn failed(code: &str) -> Value {
        json!({ "canaries": [{ "id": "a", "verdict": "fail", "diagnosis": { "code": code } }], "findings": [] })
    }

    #[test]
    fn what_is_expected_does_not_depart() {
        let none: [String; 0] = [];
        assert_eq!(
            of(&expected("exit = 1\ndiagnosis = ['wire']"), &measured(1, failed("wire.timeout"))),
            none
        );
        assert_eq!(
            of(&expected("exit = 1\ndiagnosis = ['wire.timeout']"), &measured(1, failed("wire.timeout"))),
            none
        );
        let green =
            json!({ "canaries": [{ "id": "a", "verdict": "pass" }], "findings": [{ "code": "drift.kind" }] });
        assert_eq!(of(&expected("exit = 0\nfindings = ['drift.kind']"), &measured(0, green)), none);
    }

    #[test]
    fn every_departure_is_named() {
        let strict = expected(
            "exit = 1\ndiagnosis = ['wire']\nfindings = ['run.over-budget']\nseconds = 1.0\nmemory = 20\ndisk = 0",
        );
        let departures = [
            "exit code: expected [1], got 0",
            "seconds: at most 1, got 1.5",
            "memory: at most 20 MiB, got 30 MiB",
            "disk: at most 0 MiB, got 1 MiB",
            "a: expected wire, got prompt.bypassed",
            "there is no finding run.over-budget",
        ];
        assert_eq!(of(&strict, &measured(0, failed("prompt.bypassed"))), departures);
        let green = json!({ "canaries": [{ "id": "a", "verdict": "pass" }] });
        assert_eq!(
            of(&expected("exit = 1\ndiagnosis = ['wire']"), &measured(1, green)),
            ["no canary is red"]
        );
    }

    #[test]
    fn red_canary_that_must_pass_departs() {
        let departures = of(&expected("exit = 0"), &measured(0, failed("wire.timeout")));
        assert_eq!(departures, ["a: expected , got wire.timeout"]);
    }

    #[test]
    fn run_that_does_not_end_departs() {
        let hung = Measured { code: None, ..measured(0, json!({})) };
        assert_eq!(of(&expected("exit = 0"), &hung), ["it did not end and was killed"]);
    }
}
