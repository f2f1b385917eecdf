use camino::Utf8Path;
use coalmine::event::{CanaryReport, Rounds, Verdict};

use super::sample::{self, Stream};
use crate::{Junit, Reporter};

/// Returns the `junit.xml` of a stream.
pub(super) fn xml(stream: &Stream) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    let mut junit = Junit::new(path);
    stream.events.iter().for_each(|envelope| junit.event(envelope).unwrap());
    junit.finish().unwrap();
    std::fs::read_to_string(path.join("junit.xml")).unwrap()
}

#[test]
fn a_red_run_has_a_failure_and_a_skip() {
    insta::assert_snapshot!(xml(&sample::red()));
}

#[test]
fn what_could_not_be_judged_is_an_error_and_not_a_failure() {
    let xml = xml(&sample::not_ready());
    assert_eq!((xml.matches("<error ").count(), xml.matches("<failure").count()), (3, 0), "{xml}");
    assert!(xml.contains(r#"tests="3" skipped="0" failures="0" errors="3""#), "{xml}");
}

#[test]
fn canaries_of_a_killed_run_that_never_ended_are_errors() {
    let xml = xml(&Stream::started().canary(sample::pass(0)));
    assert_eq!(xml.matches(r#"message="the events stop before this canary ended"#).count(), 2, "{xml}");
}

#[test]
fn a_file_of_many_failed_checks_is_bounded() {
    let mut canary = sample::failed();
    canary.turns = (1..=5000).map(|number| sample::turn(number, &"é".repeat(9000), "x")).collect();
    canary.checks = std::iter::repeat_n(canary.checks[0].clone(), 5000).collect();
    let rest = [sample::pass(1), sample::pass(2)];
    let xml = xml(&rest.into_iter().fold(Stream::started().canary(canary), Stream::canary).ended());
    assert!(xml.len() < 100_000, "{} bytes", xml.len());
}

fn stream_of(verdict: Verdict, passed: u32) -> Stream {
    let (low, high) = coalmine::judge::rounds::wilson(passed, 20);
    let rounds = Rounds { passed, judged: 20, asked: 20, low, high, min_pass: 0.9, shown: 15 };
    let canary = CanaryReport { verdict, rounds: Some(rounds), ..sample::failed() };
    Stream::started().canary(canary).canary(sample::pass(1)).canary(sample::pass(2)).ended()
}

fn repeated(verdict: Verdict, passed: u32) -> String {
    xml(&stream_of(verdict, passed))
}

#[test]
fn failed_rounds_of_a_pass_are_flaky_failures() {
    let xml = repeated(Verdict::Pass, 18);
    assert_eq!(xml.matches("<flakyFailure ").count(), 2, "{xml}");
    assert!(xml.contains("message=\"round 15 of 20: prompt.history-missing: "), "{xml}");
    assert!(
        xml.contains(r#"failures="0""#) && !xml.contains("<failure") && !xml.contains("rerunFailure"),
        "{xml}"
    );
    assert!(!repeated(Verdict::Pass, 20).contains("flakyFailure"));
}

#[test]
fn a_comment_says_how_many_rounds_passed() {
    let markdown = |passed, verdict| {
        let mut record = crate::Record::default();
        stream_of(verdict, passed).events.iter().for_each(|envelope| record.push(envelope).unwrap());
        String::from_utf8(crate::Format::Markdown.render(&record, "/nonexistent".into()).unwrap()).unwrap()
    };
    for (passed, verdict) in [(18, Verdict::Pass), (17, Verdict::Fail)] {
        let page = markdown(passed, verdict);
        let line = format!("### Rounds that did not all pass\n\n- `name-recall`: {passed}/20 passed");
        assert!(page.contains(&line), "{page}");
    }
    assert!(!markdown(20, Verdict::Pass).contains("Rounds"));
}

#[test]
fn failed_rounds_of_a_failure_are_reruns() {
    let xml = repeated(Verdict::Fail, 17);
    assert_eq!((xml.matches("<failure ").count(), xml.matches("<rerunFailure ").count()), (1, 2), "{xml}");
    assert!(
        xml.contains(r#"tests="3" skipped="0" failures="1" errors="0""#) && !xml.contains("flaky"),
        "{xml}"
    );
    assert_eq!(repeated(Verdict::Fail, 19).matches("rerunFailure").count(), 0);
    let many = repeated(Verdict::Fail, 0);
    assert_eq!(many.matches("<rerunFailure ").count(), 19, "{many}");
}
