//! Runs with a baseline, as each report shows them.

use coalmine::event::{AgainstBaseline, BaselineUsed, Severity, *};

use super::sample::{self, Stream};
use crate::{Ci, CiLog, Format, Record, Reporter, StreamError, Summary, fold};

fn started() -> RunStarted {
    let used = BaselineUsed {
        run: "old".into(),
        started_at: "2026-11-20T01:01:01Z".into(),
        target: "image x:1".into(),
        digest: "d".into(),
        absent: vec!["restart-recall".into()],
    };
    RunStarted { baseline: Some(used), ..sample::started() }
}

fn still_broken() -> CanaryReport {
    let reason = Some("still broken, as in the baseline of 2026-11-20".into());
    let baseline = Some(AgainstBaseline::StillBroken);
    CanaryReport { verdict: Verdict::Xfail, baseline, reason, ..sample::failed() }
}

/// Returns a run in which the first canary is still broken, and which says that its verdict is `verdict`.
fn run(second: CanaryReport, verdict: Verdict) -> Stream {
    let stream = Stream::of(started()).ready().canary(still_broken()).canary(second).canary(sample::pass(2));
    stream.ended_with(|end| end.verdict = verdict)
}

fn summary(stream: &Stream) -> Summary {
    fold(&stream.events).unwrap()
}

fn render(format: Format, stream: &Stream) -> String {
    let mut record = Record::default();
    stream.events.iter().for_each(|envelope| record.push(envelope).unwrap());
    String::from_utf8(format.render(&record, "/nonexistent".into()).unwrap()).unwrap()
}

fn weaker() -> CanaryReport {
    CanaryReport { verdict: Verdict::Skip, baseline: Some(AgainstBaseline::Weaker), ..sample::pass(1) }
}

#[test]
fn a_run_that_is_still_broken_is_no_pass() {
    let green = summary(&run(sample::pass(1), Verdict::Xfail));
    assert_eq!((green.verdict, green.exit_code()), (Verdict::Xfail, 0));
    // a last event that claims more does not belong to this run
    let claimed = fold(&run(sample::pass(1), Verdict::Pass).events).unwrap_err();
    assert!(matches!(claimed, StreamError::Verdict { .. }));
    let mut cut = run(sample::pass(1), Verdict::Xfail);
    cut.events.pop();
    assert_eq!(summary(&cut).exit_code(), 2);
    let judged = run(sample::pass(1), Verdict::Error);
    assert_eq!(summary(&judged).exit_code(), 2, "the run as a whole could not be judged");
}

#[test]
fn an_excuse_covers_nothing_else() {
    let failed = CanaryReport { id: "file-only".into(), ..sample::failed() };
    assert_eq!(summary(&run(failed, Verdict::Fail)).exit_code(), 1);
    let error = CanaryReport { verdict: Verdict::Error, ..sample::pass(1) };
    assert_eq!(summary(&run(error, Verdict::Error)).exit_code(), 2);
    assert_eq!(summary(&run(weaker(), Verdict::Fail)).exit_code(), 1);
    let finding = Finding {
        code: Code::RunFailedBesideOthers,
        severity: Severity::Fail,
        sentence: "it failed".into(),
        canary: None,
    };
    let stream = Stream::of(started()).canary(still_broken()).canary(sample::pass(1));
    let stream = stream.then(Event::Finding(finding)).canary(sample::pass(2));
    assert_eq!(summary(&stream.ended_with(|end| end.verdict = Verdict::Fail)).exit_code(), 1);
}

#[test]
fn no_report_looks_clean() {
    let stream = run(sample::pass(1), Verdict::Xfail);
    assert_eq!(
        render(Format::Line, &stream),
        "! still broken, not worse than the baseline: the reference runtime: 2 passed, 1 failed as expected; \
         NOT CLEAN: 1 canary still broken, as in the baseline\n"
    );
    let badge = render(Format::Badge, &stream);
    assert!(badge.contains("1 still broken") && !badge.contains("#17703f"), "{badge}");
    let markdown = render(Format::Markdown, &stream);
    assert!(markdown.starts_with("## ! Coalmine: Still broken, not worse than the baseline\n"), "{markdown}");
    for part in [
        "NOT CLEAN: 1 canary still broken, as in the baseline.",
        "- **Still broken, as in the baseline** (`name-recall`)",
        "- **In the baseline, not in this run** (`restart-recall`)",
        r"The baseline is run old of 2026-11-20T01:01:01Z \(image x:1\).",
    ] {
        assert!(markdown.contains(part), "{part}: {markdown}");
    }
    let html = render(Format::Html, &stream);
    assert!(
        html.contains("<header class=\"top xfail\">") && !html.contains("What weakens this pass"),
        "{html}"
    );
    let junit = render(Format::Junit, &stream);
    assert!(
        junit.contains("<skipped message=\"baseline: still broken, as in the baseline of 2026-11-20 ("),
        "{junit}"
    );
    let mut log = Vec::new();
    let mut ci = CiLog::new(&mut log, Ci::Github);
    stream.events.iter().for_each(|envelope| ci.event(envelope).unwrap());
    ci.finish().unwrap();
    let log = String::from_utf8(log).unwrap();
    let warning = "\n::warning title=coalmine baseline::still broken, as in the baseline: name-recall\n";
    assert!(log.contains(warning) && !log.contains("::error"), "{log}");
}

#[test]
fn a_known_failure_that_is_skipped_is_no_pass() {
    let reason = "it failed in the baseline with `prompt.history-missing` and is not judged now";
    let hidden = CanaryReport {
        verdict: Verdict::Skip,
        baseline: Some(AgainstBaseline::NotJudged),
        reason: Some(reason.into()),
        ..sample::pass(0)
    };
    let stream = Stream::of(started()).ready().canary(hidden).canary(sample::pass(1)).canary(sample::pass(2));
    let stream = stream.ended_with(|end| end.verdict = Verdict::Xfail);
    let summary = summary(&stream);
    assert_eq!((summary.verdict, summary.exit_code()), (Verdict::Xfail, 0));
    assert_eq!(summary.baseline.unwrap().not_judged, ["name-recall"]);
    let line = render(Format::Line, &stream);
    assert!(
        line.starts_with("! not worse than the baseline, as far as it is judged: ")
            && line.contains("NOT CLEAN: 1 canary failed in the baseline and not judged now"),
        "{line}"
    );
    assert!(render(Format::Badge, &stream).contains("less is judged"));
    for format in [Format::Markdown, Format::Html] {
        let page = render(format, &stream);
        assert!(page.contains("Not worse than the baseline, as far as it is judged"), "{page}");
        assert!(page.contains("ailed in the baseline, not judged now"), "{page}");
    }
    let junit = render(Format::Junit, &stream);
    assert!(junit.contains(&format!("<skipped message=\"{reason}\"")), "{junit}");
    let mut log = Vec::new();
    let mut ci = CiLog::new(&mut log, Ci::Github);
    stream.events.iter().for_each(|envelope| ci.event(envelope).unwrap());
    ci.finish().unwrap();
    let log = String::from_utf8(log).unwrap();
    assert!(
        log.contains(
            "::warning title=coalmine baseline::failed in the baseline, not judged now: name-recall"
        ),
        "{log}"
    );
}

#[test]
fn a_skip_that_fails_the_run_fails_its_test() {
    let stream = run(weaker(), Verdict::Fail);
    let junit = render(Format::Junit, &stream);
    assert!(
        junit.contains("failures=\"1\"") && junit.contains("it passed in the baseline and was skipped"),
        "{junit}"
    );
    let line = render(Format::Line, &stream);
    assert!(
        line.starts_with("✗ FAILED: ") && line.contains("1 canary passed in the baseline and was skipped"),
        "{line}"
    );
}
