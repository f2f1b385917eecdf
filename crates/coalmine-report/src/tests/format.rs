//! The formats that are asked for.

use camino::Utf8Path;
use coalmine::event::is_hidden;

use super::{
    hostile::hostile,
    sample::{self, Stream},
};
use crate::{EVENTS_FILE, Fanout, Format, Ndjson, Record, fold, standard_reports};

fn render(format: Format, stream: &Stream) -> String {
    let mut record = Record::default();
    stream.events.iter().for_each(|envelope| record.push(envelope).unwrap());
    String::from_utf8(format.render(&record, Utf8Path::new("/nonexistent")).unwrap()).unwrap()
}

#[test]
fn one_line_says_what_broke() {
    assert_eq!(render(Format::Line, &sample::green()), "✓ passed: the reference runtime: 3 passed\n");
    assert_eq!(
        render(Format::Line, &sample::red()),
        "✗ FAILED: the reference runtime: 1 passed, 1 FAILED, 1 skipped; prompt.history-missing: turn 1 was kept by the runtime \
         and did not reach the model in turn 2\n"
    );
    assert!(
        render(Format::Line, &sample::not_ready())
            .starts_with("! could not judge: the reference runtime: 3 errors; boot.")
    );
}

#[test]
fn a_badge_is_never_greener_than_the_run() {
    for (stream, words) in
        [(sample::green(), "3 passed"), (sample::red(), "1 failed"), (sample::not_ready(), "could not judge")]
    {
        let badge = render(Format::Badge, &stream);
        assert!(badge.contains(&format!("conversations: {words}")), "{badge}");
    }
    let mut cut = sample::green();
    cut.events.pop();
    assert!(render(Format::Badge, &cut).contains("could not judge"));
}

#[test]
fn a_summary_in_markdown_is_one_screen() {
    insta::assert_snapshot!(render(Format::Markdown, &sample::red()));
}

#[test]
fn hostile_text_is_neither_markup_nor_hidden() {
    for format in Format::ALL {
        let shown = render(format, &hostile());
        assert_eq!(shown.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None, "{format}");
    }
    assert_eq!(render(Format::Line, &hostile()).lines().count(), 1);
    let markdown = render(Format::Markdown, &hostile());
    assert!(!markdown.lines().any(|line| line.starts_with("::")), "{markdown}");
}

#[test]
fn a_format_holds_what_the_file_of_the_run_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    let mut fanout = Fanout::new().with(Ndjson::create(path).unwrap()).with_all(standard_reports(path));
    sample::red().events.iter().for_each(|envelope| fanout.event(envelope));
    assert!(fanout.finish().is_empty() && path.join(EVENTS_FILE).exists());
    for (format, file) in
        [(Format::Json, "summary.json"), (Format::Junit, "junit.xml"), (Format::Html, "report.html")]
    {
        let written = std::fs::read_to_string(path.join(file)).unwrap();
        let mut record = Record::default();
        sample::red().events.iter().for_each(|envelope| record.push(envelope).unwrap());
        assert_eq!(String::from_utf8(format.render(&record, path).unwrap()).unwrap(), written, "{file}");
    }
    assert_eq!(
        render(Format::Json, &sample::red()),
        serde_json::to_string_pretty(&fold(&sample::red().events).unwrap()).unwrap() + "\n"
    );
}

#[test]
fn a_format_is_known_by_its_name() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    let error = "pdf".parse::<Format>().unwrap_err();
    assert!(error.contains("unknown format `pdf`") && error.contains("`markdown`"), "{error}");
}

fn issues(stream: &Stream) -> Vec<serde_json::Value> {
    serde_json::from_str(&render(Format::CodeQuality, stream)).unwrap()
}

#[test]
fn an_issue_is_known_by_its_canary_and_code() {
    assert!(issues(&sample::green()).is_empty());
    let red = issues(&sample::red());
    let names: Vec<&str> = red.iter().map(|issue| issue["check_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["prompt.history-missing", "drift.state-names"]);
    assert_eq!((&red[0]["severity"], &red[1]["severity"]), (&"critical".into(), &"info".into()));
    assert_eq!(
        red[0]["location"],
        serde_json::json!({"path": "coalmine/name-recall", "lines": {"begin": 1}})
    );
    // another sentence is the same issue
    let mut other = sample::failed();
    other.diagnosis.as_mut().unwrap().sentence = "in other words".into();
    let stream = Stream::started().canary(other).canary(sample::pass(1)).canary(sample::pass(2)).ended();
    assert_eq!(issues(&stream)[0]["fingerprint"], red[0]["fingerprint"]);
    let prints: std::collections::BTreeSet<_> =
        red.iter().map(|issue| issue["fingerprint"].to_string()).collect();
    assert_eq!(prints.len(), red.len());
}

#[test]
fn a_run_that_did_not_pass_has_an_issue() {
    assert_eq!(issues(&sample::not_ready()).len(), 3);
    let mut cut = sample::green();
    cut.events.pop();
    assert_eq!(issues(&cut)[0]["description"], "the run did not pass");
    let hostile = render(Format::CodeQuality, &hostile());
    assert_eq!(hostile.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
}
