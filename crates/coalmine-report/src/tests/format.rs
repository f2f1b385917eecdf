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
