use camino::Utf8Path;
use coalmine::event::{
    AgainstBaseline, BaselineUsed, CanaryReport, Code, Counts, Diagnosis, Event, Finding, RunStarted,
    Severity, Shard, Verdict,
};

use super::{MergeProblem, Part, check, events::events};
use crate::{
    Record, Summary, fold,
    tests::sample::{self, Stream},
};

/// Returns the first event of a part that has some of the sample's canaries.
fn started(number: u32, of: u32, own: &[usize]) -> RunStarted {
    let mut started = sample::started();
    let all: Vec<String> = started.canaries.iter().map(|planned| planned.id.clone()).collect();
    started.canaries = own.iter().map(|at| started.canaries[*at].clone()).collect();
    started.run.shard = Some(Shard { number, of, digest: "d".into(), profile: "p".into(), canaries: all });
    started
}

fn stream(started: RunStarted, reports: &[CanaryReport]) -> Stream {
    reports.iter().fold(Stream::of(started).ready(), |stream, report| stream.canary(report.clone()))
}

fn part(stream: &Stream) -> Part {
    let mut record = Record::default();
    stream.events.iter().for_each(|envelope| record.push(envelope).unwrap());
    let number = record.started.as_ref().unwrap().run.shard.as_ref().unwrap().number;
    Part::of(Utf8Path::new(&format!("shard-{number}")), &record).unwrap()
}

/// Returns both parts of a run: the first has the second canary, and the second has the others.
fn two(first: &[CanaryReport], second: &[CanaryReport]) -> Vec<Part> {
    vec![
        part(&stream(started(1, 2, &[1]), first).ended()),
        part(&stream(started(2, 2, &[0, 2]), second).ended()),
    ]
}

fn green() -> Vec<Part> {
    two(&[sample::pass(1)], &[sample::pass(0), sample::pass(2)])
}

fn merged(parts: &[Part]) -> Summary {
    check::check(parts).unwrap();
    fold(&events(parts, "merged", "out")).unwrap()
}

fn problem(parts: &[Part]) -> String {
    check::check(parts).unwrap_err().to_string()
}

fn skipped(index: usize) -> CanaryReport {
    CanaryReport { verdict: Verdict::Skip, ..sample::pass(index) }
}

#[test]
fn merged_parts_are_one_run_in_the_order_of_the_plan() {
    let summary = merged(&green());
    let ids: Vec<&str> = summary.canaries.iter().map(|canary| canary.id.as_str()).collect();
    assert_eq!(ids, ["name-recall", "file-only", "agent-card"]);
    assert_eq!((summary.verdict, summary.exit_code(), summary.counts.pass), (Verdict::Pass, 0, 3));
    assert_eq!((summary.run.shard, summary.run.complete), (None, true));
}

#[test]
fn a_failure_in_one_part_fails_the_run() {
    let summary = merged(&two(&[sample::pass(1)], &[sample::failed(), sample::pass(2)]));
    assert_eq!((summary.verdict, summary.causes.len()), (Verdict::Fail, 1));
    let finding = Finding {
        code: Code::RunFailedBesideOthers,
        severity: Severity::Fail,
        sentence: "it failed".into(),
        canary: None,
    };
    let mut parts = green();
    let first = stream(started(1, 2, &[1]), &[sample::pass(1)]).then(Event::Finding(finding));
    parts[0] = part(&first.ended_with(|end| end.verdict = Verdict::Fail));
    assert_eq!(merged(&parts).exit_code(), 1);
}

#[test]
fn a_part_that_was_cut_off_or_could_not_judge_is_never_green() {
    let mut parts = green();
    parts[0] = part(&stream(started(1, 2, &[1]), &[]));
    assert_eq!(merged(&parts).exit_code(), 2);
    parts[0] = part(&stream(started(1, 2, &[1]), &[sample::pass(1)]));
    assert_eq!(merged(&parts).exit_code(), 2, "all canaries ended, and the run did not");
    let interrupted = stream(started(1, 2, &[1]), &[sample::pass(1)]);
    parts[0] = part(&interrupted.ended_with(|end| end.interrupted = true));
    assert_eq!(merged(&parts).exit_code(), 2);
    let crashed = stream(started(1, 2, &[1]), &[sample::pass(1)]);
    parts[0] = part(&crashed.ended_with(|end| {
        end.verdict = Verdict::Error;
        end.diagnosis = Some(Diagnosis::new(Code::BootInternalError, "it crashed"));
    }));
    let summary = merged(&parts);
    assert_eq!(summary.exit_code(), 2);
    assert_eq!(summary.diagnosis.unwrap().code, Code::BootInternalError);
}

#[test]
fn a_part_without_a_conversation_is_judged_by_the_others() {
    let nothing = |stream: Stream| {
        part(&stream.ended_with(|end| {
            end.verdict = Verdict::Error;
            end.diagnosis = Some(Diagnosis::new(Code::BootNothingJudged, "nothing was judged"));
        }))
    };
    let mut parts = green();
    parts[0] = nothing(stream(started(1, 2, &[1]), &[skipped(1)]));
    assert_eq!(merged(&parts).exit_code(), 0);
    // the others looked at the card only, which is not a conversation
    let card = CanaryReport { turns: vec![], ..sample::pass(2) };
    parts[1] = part(&stream(started(2, 2, &[0, 2]), &[skipped(0), card]).ended());
    assert_eq!(merged(&parts).exit_code(), 2);
}

#[test]
fn an_empty_part_changes_nothing() {
    let mut parts = green();
    for part in &mut parts {
        part.shard.of = 3;
    }
    let empty = Stream::of(started(3, 3, &[])).ended_with(|end| {
        end.verdict = Verdict::Pass;
        end.target.dialect = None;
        end.counts = Counts::default();
    });
    assert_eq!(fold(&empty.events).unwrap().exit_code(), 0);
    parts.push(part(&empty));
    assert_eq!(merged(&parts).exit_code(), 0);
}

#[test]
fn a_run_without_canaries_that_is_no_part_is_not_green() {
    let mut started = started(1, 1, &[]);
    started.run.shard = None;
    let stream = Stream::of(started).ended();
    assert_eq!(fold(&stream.events).unwrap().exit_code(), 2);
}

#[test]
fn missing_and_doubled_parts_are_named() {
    let parts = green();
    assert_eq!(problem(&parts[..1]), "a shard is missing: 2/2");
    assert_eq!(
        problem(&[parts[0].clone(), parts[0].clone()]),
        "shard 1 is there twice: `shard-1` and `shard-1`"
    );
    let mut four = parts.clone();
    four.iter_mut().for_each(|part| part.shard.of = 4);
    assert_eq!(problem(&four), "shards are missing: 3/4, 4/4");
}

#[test]
fn a_canary_in_no_part_or_in_two_is_named() {
    let of = |own: &[usize]| {
        let reports: Vec<CanaryReport> = own.iter().map(|at| sample::pass(*at)).collect();
        part(&stream(started(2, 2, own), &reports).ended())
    };
    let first = green().swap_remove(0);
    let unmade = "they were not made with the same baseline";
    assert_eq!(
        problem(&[first.clone(), of(&[0])]),
        format!("the canary `agent-card` is in none of the shards: {unmade}")
    );
    assert_eq!(
        problem(&[first.clone(), of(&[0, 1, 2])]),
        format!("the canary `file-only` is in 2 of the shards: {unmade}")
    );
    let mut more = of(&[0, 2]);
    more.started.canaries[0].id = "unlisted".into();
    assert!(problem(&[first, more]).contains("`unlisted`, which is not in its list"));
}

#[test]
fn parts_of_other_runs_are_refused_with_both_values() {
    type Changed = fn(&mut Part);
    let changes: [(&str, Changed); 12] = [
        ("the seed is `42` in `shard-1` and `43` in `shard-2`", |part| part.started.run.seed = 43),
        ("the version is `0.1.0`", |part| part.started.run.version = "0.2.0".into()),
        ("the image is `none` in `shard-1` and `x:2`", |part| part.started.target.image = Some("x:2".into())),
        ("the target is `embedded none`", |part| part.started.target.subject = Some("other".into())),
        ("the profile is `reference`", |part| part.started.target.profile = "generic".into()),
        ("the content of the profile is `p` in `shard-1` and `q`", |part| part.shard.profile = "q".into()),
        ("the model is `simulated`", |part| part.started.run.model = coalmine::event::ModelMode::Live),
        ("the dialect is `0.3` in `shard-1` and `1.0`", |part| part.target.dialect = Some("1.0".into())),
        ("the number of shards is `2`", |part| part.shard.of = 3),
        ("the list of all canaries is `d`", |part| part.shard.digest = "e".into()),
        ("the arguments is `--fault", |part| part.started.run.arguments.push("--lenient".into())),
        ("the strictness is `false`", |part| part.started.run.strict = true),
    ];
    for (sentence, change) in changes {
        let mut parts = green();
        change(&mut parts[1]);
        assert!(problem(&parts).contains(sentence), "{sentence}: {}", problem(&parts));
    }
    let mut parts = green();
    parts[0].target.image_digest = Some("sha256:1".into());
    parts[1].target.image_digest = Some("sha256:2".into());
    assert!(
        problem(&parts).contains("the image digest is `sha256:1` in `shard-1` and `sha256:2` in `shard-2`")
    );
    let arguments = ["--shard", "1/2", "--jobs=3", "--lenient"].map(str::to_owned);
    assert_eq!(check::without(&arguments, &["--shard", "--jobs"]), ["--lenient"]);
}

#[test]
fn a_run_that_was_not_spread_is_no_part() {
    let mut record = Record::default();
    sample::green().events.iter().for_each(|envelope| record.push(envelope).unwrap());
    let refused = Part::of(Utf8Path::new("out"), &record).unwrap_err().unwrap();
    assert!(matches!(refused, MergeProblem::NoShard { .. }));
}

#[test]
fn what_is_still_broken_stays_so() {
    let used = BaselineUsed {
        run: "r".into(),
        started_at: "t".into(),
        target: "x".into(),
        digest: "b".into(),
        absent: vec![],
    };
    let with = |mut started: RunStarted| {
        started.baseline = Some(used.clone());
        started
    };
    let broken = CanaryReport {
        verdict: Verdict::Xfail,
        baseline: Some(AgainstBaseline::StillBroken),
        ..sample::failed()
    };
    let weaker = CanaryReport { baseline: Some(AgainstBaseline::Weaker), ..skipped(1) };
    let second = stream(with(started(2, 2, &[0, 2])), &[broken, sample::pass(2)]);
    let second = part(&second.ended_with(|end| end.verdict = Verdict::Xfail));
    let first = part(&stream(with(started(1, 2, &[1])), &[sample::pass(1)]).ended());
    let summary = merged(&[first, second.clone()]);
    assert_eq!((summary.verdict, summary.exit_code()), (Verdict::Xfail, 0));
    assert_eq!(summary.baseline.unwrap().still_broken, ["name-recall"]);
    let first = stream(with(started(1, 2, &[1])), &[weaker]);
    let first = part(&first.ended_with(|end| end.verdict = Verdict::Fail));
    assert_eq!(merged(&[first, second.clone()]).exit_code(), 1);
    // a part that had no baseline is of another run
    let without = part(&stream(started(1, 2, &[1]), &[sample::pass(1)]).ended());
    assert!(problem(&[without, second]).contains("the baseline is `none`"));
}
