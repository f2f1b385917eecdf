use coalmine::event::*;

use super::sample::{self, Stream};
use crate::{StreamError, Summary, fold};

fn validator() -> jsonschema::Validator {
    let schema = serde_json::to_value(schemars::schema_for!(Summary)).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn a_summary_matches_its_schema() {
    let validator = validator();
    for stream in [sample::green(), sample::red(), sample::not_ready(), Stream::started()] {
        let summary = serde_json::to_value(fold(&stream.events).unwrap()).unwrap();
        assert_eq!(
            validator.iter_errors(&summary).map(|error| error.to_string()).collect::<Vec<_>>(),
            [""; 0]
        );
    }
    assert!(!validator.is_valid(&serde_json::json!({"schema": "coalmine/summary/1"})));
}

#[test]
fn a_red_run_is_summarized() {
    insta::assert_json_snapshot!(fold(&sample::red().events).unwrap());
}

#[test]
fn canaries_are_listed_in_the_order_of_the_plan() {
    let stream =
        Stream::started().canary(sample::pass(2)).canary(sample::pass(0)).canary(sample::pass(1)).ended();
    let summary = fold(&stream.events).unwrap();
    let ids: Vec<_> = summary.canaries.iter().map(|canary| canary.id.as_str()).collect();
    assert_eq!(ids, ["name-recall", "file-only", "agent-card"]);
    assert_eq!(summary.verdict, Verdict::Pass);
}

#[test]
fn every_cut_of_a_green_run_is_an_error_and_never_a_pass() {
    let all = sample::green().events;
    for length in 1..all.len() {
        let summary = fold(&all[..length]).unwrap();
        assert_eq!(summary.verdict, Verdict::Error, "after {length} events");
        assert!(!summary.run.complete);
    }
    assert_eq!(fold(&all).unwrap().verdict, Verdict::Pass);
    assert_eq!(fold([]), Err(StreamError::Empty));
}

#[test]
fn the_exit_code_is_that_of_the_end() {
    for stream in [sample::green(), sample::red(), sample::not_ready()] {
        let Some(Event::RunEnded(end)) = stream.events.last().map(|last| last.event.clone()) else {
            panic!()
        };
        assert_eq!(fold(&stream.events).unwrap().exit_code(), end.exit_code());
    }
    assert_eq!(fold(&Stream::started().events).unwrap().exit_code(), 2);
}

#[test]
fn a_proven_failure_outranks_the_killed_run() {
    let summary = fold(&Stream::started().canary(sample::failed()).events).unwrap();
    assert_eq!((summary.verdict, summary.counts.fail, summary.counts.error), (Verdict::Fail, 1, 2));
}

#[test]
fn canaries_that_never_ended_are_errors_that_say_so() {
    let killed = fold(&Stream::started().canary(sample::pass(0)).events).unwrap();
    assert_eq!(killed.counts, Counts { pass: 1, error: 2, ..Counts::default() });
    assert_eq!(
        killed.canaries[1].reason.as_deref(),
        Some("the events stop before this canary ended: the run was killed")
    );
    let stream = Stream::started().canary(sample::pass(0)).ended_with(|end| end.interrupted = true);
    let interrupted = fold(&stream.events).unwrap();
    assert_eq!((interrupted.verdict, interrupted.exit_code()), (Verdict::Error, 130));
    assert_eq!(
        interrupted.canaries[2].reason.as_deref(),
        Some("the run was interrupted before this canary ended")
    );
}

#[test]
fn an_error_at_the_end_outranks_passed_canaries() {
    let all = (0..3).map(sample::pass).fold(Stream::started(), Stream::canary);
    let summary = fold(&all.ended_with(|end| end.verdict = Verdict::Error).events).unwrap();
    assert_eq!(summary.verdict, Verdict::Error);
}

#[test]
fn events_that_contradict_each_other_are_refused() {
    let refused = |stream: Stream| fold(&stream.events).unwrap_err();
    let id = || "name-recall".to_owned();

    let mut headless = sample::green();
    headless.events.remove(0);
    assert_eq!(refused(headless), StreamError::NotStarted);

    let mut gap = sample::green();
    gap.events.remove(2);
    assert_eq!(refused(gap), StreamError::Gap { expected: 2, found: 3 });

    let again = Stream::started().then(Event::RunStarted(sample::started()));
    assert_eq!(refused(again), StreamError::StartedTwice { seq: 1 });

    let late = sample::green().then(Event::CanaryStarted { id: id() });
    assert_eq!(refused(late), StreamError::AfterEnd { seq: 9 });

    let twice = Stream::started().canary(sample::pass(0)).then(Event::CanaryEnded(sample::pass(0)));
    assert_eq!(refused(twice), StreamError::EndedTwice { seq: 3, id: id() });

    let unplanned = Stream::started().then(Event::CanaryStarted { id: "nobody".into() });
    assert_eq!(refused(unplanned), StreamError::Unplanned { seq: 1, id: "nobody".into() });

    let mut plan = sample::started();
    plan.canaries[2].id = id();
    assert_eq!(refused(Stream::of(plan)), StreamError::PlannedTwice { id: id() });

    let miscounted = Stream::started().canary(sample::pass(0)).ended_with(|end| end.counts.pass = 3);
    assert_eq!(refused(miscounted), StreamError::Counts { seq: 3 });
}

#[test]
fn a_last_line_cannot_turn_a_red_run_green() {
    let all = [sample::failed(), sample::pass(1), sample::pass(2)];
    let stream = all.into_iter().fold(Stream::started(), Stream::canary);
    let lied = stream.ended_with(|end| end.verdict = Verdict::Pass);
    assert_eq!(fold(&lied.events), Err(StreamError::Verdict { seq: 7 }));
    let unfinished = Stream::started().canary(sample::pass(0)).ended();
    assert_eq!(fold(&unfinished.events), Err(StreamError::Verdict { seq: 3 }));
}

#[test]
fn the_diagnosis_is_that_of_the_first_cause() {
    let summary = fold(&sample::red().events).unwrap();
    assert_eq!(summary.diagnosis, sample::failed().diagnosis);
    let [cause] = &summary.causes[..] else { panic!("{:?}", summary.causes) };
    assert_eq!((cause.code, cause.layer), (Code::PromptHistoryMissing, Layer::Prompt));
    assert_eq!((&cause.canaries[..], cause.shown.as_str()), (&["name-recall".to_owned()][..], "name-recall"));
    let not_ready = fold(&sample::not_ready().events).unwrap();
    assert_eq!(not_ready.diagnosis, Some(sample::never_ready()));
    assert!(not_ready.canaries.iter().all(|canary| canary.diagnosis.is_some()));
    assert_eq!(not_ready.causes[0].canaries.len(), 3);
    assert!(fold(&sample::green().events).unwrap().causes.is_empty());
}

#[test]
fn a_summary_without_causes_is_read() {
    let mut summary = serde_json::to_value(fold(&sample::red().events).unwrap()).unwrap();
    summary.as_object_mut().unwrap().remove("causes");
    assert!(serde_json::from_value::<Summary>(summary).unwrap().causes.is_empty());
}

#[test]
fn a_failing_finding_fails_a_run_without_failed_canaries() {
    let finding = Finding {
        code: Code::RunFailedBesideOthers,
        severity: Severity::Fail,
        sentence: "mixed up".into(),
        canary: None,
    };
    let stream = || {
        let green = Stream::started().canary(sample::pass(0)).canary(sample::pass(1)).canary(sample::pass(2));
        green.then(Event::Finding(finding.clone()))
    };
    let red = stream().ended_with(|end| end.verdict = Verdict::Fail);
    assert_eq!(fold(&red.events).unwrap().verdict, Verdict::Fail);
    // a last line that says otherwise contradicts it
    assert!(matches!(fold(&stream().ended().events), Err(StreamError::Verdict { .. })));
}
