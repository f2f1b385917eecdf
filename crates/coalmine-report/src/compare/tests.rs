use coalmine::event::{
    AgainstBaseline, CanaryReport, Code, Diagnosis, Finding, Rounds, Severity, Verdict, is_hidden,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{Change, Comparison, ComparisonFormat, compare};
use crate::{
    Summary, fold,
    tests::{hostile::hostile, sample},
};

/// Returns the summary of a run with these canaries.
fn run(canaries: Vec<CanaryReport>) -> Summary {
    let mut summary = fold(&sample::green().events).unwrap();
    summary.canaries = canaries;
    summary
}

fn canary(id: &str, verdict: Verdict, code: Option<Code>) -> CanaryReport {
    let diagnosis = code.map(|code| Diagnosis::new(code, format!("{id} broke")));
    CanaryReport { id: id.into(), verdict, diagnosis, ..sample::pass(0) }
}

fn passed(id: &str) -> CanaryReport {
    canary(id, Verdict::Pass, None)
}

fn failed(id: &str, code: Code) -> CanaryReport {
    canary(id, Verdict::Fail, Some(code))
}

fn repeated(passed: u32, judged: u32, verdict: Verdict) -> CanaryReport {
    let rounds = Rounds { passed, judged, asked: judged, low: 9.0, high: -9.0, min_pass: 1.0, shown: 1 };
    CanaryReport { rounds: Some(rounds), ..canary("a", verdict, Some(Code::ReplyEcho)) }
}

/// Returns the change of the only canary, and the exit code.
fn change(old: &[CanaryReport], new: &[CanaryReport]) -> (Change, u8) {
    // a second canary, so that the runs have one in common
    let with = |canaries: &[CanaryReport]| run([canaries, &[passed("other")]].concat());
    let comparison = compare(&with(old), &with(new), false);
    let changed = comparison.canaries.iter().find(|canary| canary.id == "a").unwrap();
    (changed.change, comparison.exit_code())
}

#[test]
fn only_what_is_worse_regresses() {
    use Verdict::{Error, Skip, Xfail, Xpass};
    let (lost, echo) = (Code::PromptHistoryMissing, Code::ReplyEcho);
    let (pass, fail) = (passed("a"), failed("a", lost));
    let skip = canary("a", Skip, None);
    let error = canary("a", Error, Some(Code::WireTimeout));
    let xfail = canary("a", Xfail, Some(lost));
    let xpass = canary("a", Xpass, None);
    let excused = CanaryReport { baseline: Some(AgainstBaseline::StillBroken), ..xfail.clone() };
    for (old, new, expected) in [
        (&pass, &fail, Change::Regressed),
        (&pass, &error, Change::Regressed),
        (&pass, &xfail, Change::Regressed),
        (&skip, &fail, Change::Regressed),
        (&skip, &error, Change::Regressed),
        (&error, &fail, Change::Regressed),
        (&fail, &pass, Change::Improved),
        (&error, &pass, Change::Improved),
        (&xfail, &xpass, Change::Improved),
        (&pass, &skip, Change::Weaker),
        (&fail, &skip, Change::Weaker),
        (&skip, &pass, Change::Stronger),
        (&fail, &failed("a", echo), Change::Changed),
        (&fail, &xfail, Change::Changed),
        (&fail, &error, Change::Changed),
        (&pass, &xpass, Change::Changed),
        (&error, &skip, Change::Changed),
        (&pass, &pass, Change::Unchanged),
        (&fail, &fail, Change::Unchanged),
        (&fail, &excused, Change::Unchanged),
        (&pass, &excused, Change::Regressed),
    ] {
        let found = change(std::slice::from_ref(old), std::slice::from_ref(new));
        assert_eq!(found, (expected, u8::from(expected == Change::Regressed)), "{old:?} {new:?}");
    }
}

#[test]
fn a_reason_of_the_old_run_says_so() {
    let text = |old: CanaryReport, new: CanaryReport| {
        let comparison = compare(&run(vec![old]), &run(vec![new]), false);
        ComparisonFormat::Text.render(&comparison).unwrap()
    };
    let (echo, leak) = (failed("a", Code::ReplyEcho), failed("a", Code::ReplyLeak));
    let sentence = |canary: &CanaryReport| canary.diagnosis.as_ref().unwrap().sentence.clone();
    let mended = text(echo.clone(), passed("a"));
    assert!(mended.contains(&format!("\n      before: {}\n", sentence(&echo))), "{mended}");
    let broken = text(passed("a"), echo.clone());
    assert!(broken.contains(&format!("\n      {}\n", sentence(&echo))), "{broken}");
    let mut other = leak.clone();
    other.diagnosis.as_mut().unwrap().sentence = "it leaks".into();
    let changed = text(echo.clone(), other);
    assert!(changed.contains(&format!("before: {}; now: it leaks\n", sentence(&echo))), "{changed}");
}

#[test]
fn a_canary_of_one_run_is_new_or_gone() {
    let (pass, fail) = (passed("a"), failed("a", Code::ReplyEcho));
    let skip = canary("a", Verdict::Skip, None);
    assert_eq!(change(&[], std::slice::from_ref(&fail)), (Change::Regressed, 1));
    assert_eq!(change(&[], std::slice::from_ref(&pass)), (Change::New, 0));
    assert_eq!(change(&[], std::slice::from_ref(&skip)), (Change::New, 0));
    assert_eq!(change(std::slice::from_ref(&pass), &[]), (Change::Weaker, 0));
    assert_eq!(change(std::slice::from_ref(&fail), &[]), (Change::Gone, 0));
    assert_eq!(change(std::slice::from_ref(&skip), &[]), (Change::Gone, 0));
}

#[test]
fn a_lost_pass_is_seen_and_fails_if_strict() {
    let (old, new) = (run(vec![passed("a"), passed("b")]), run(vec![passed("a")]));
    let comparison = compare(&old, &new, false);
    let text = ComparisonFormat::Text.render(&comparison).unwrap();
    assert!(text.contains("! Nothing regressed, but less is judged: 1 weaker, 1 unchanged\n"), "{text}");
    assert_eq!(compare(&old, &new, true).exit_code(), 1);
    assert_eq!(compare(&old, &old, true).exit_code(), 0);
}

#[test]
fn rates_are_compared_by_interval() {
    use Verdict::{Fail, Pass};
    let of = |old: CanaryReport, new: CanaryReport| change(&[old], &[new]);
    assert_eq!(of(repeated(20, 20, Pass), repeated(19, 20, Fail)), (Change::Changed, 0));
    assert_eq!(of(repeated(20, 20, Pass), repeated(4, 20, Fail)), (Change::Regressed, 1));
    assert_eq!(of(repeated(100, 100, Pass), repeated(82, 100, Pass)), (Change::Regressed, 1));
    assert_eq!(of(repeated(4, 20, Fail), repeated(20, 20, Pass)), (Change::Improved, 0));
    assert_eq!(of(repeated(19, 20, Fail), repeated(18, 20, Fail)), (Change::Unchanged, 0));
    // no round was judged, so a rate cannot be stated
    assert_eq!(of(repeated(20, 20, Pass), repeated(0, 0, Verdict::Error)), (Change::Regressed, 1));
    // one round does not make a rate
    assert_eq!(of(passed("a"), repeated(19, 20, Fail)), (Change::Regressed, 1));
}

#[test]
fn too_few_rounds_to_tell_are_compared_by_verdict() {
    use Verdict::{Fail, Pass};
    let of = |old: CanaryReport, new: CanaryReport| change(&[old], &[new]);
    for judged in 1..=3 {
        let (all, none) = (repeated(judged, judged, Pass), repeated(0, judged, Fail));
        assert_eq!(of(all.clone(), none.clone()), (Change::Regressed, 1), "{judged}");
        assert_eq!(of(none, all), (Change::Improved, 0), "{judged}");
    }
    assert_eq!(of(repeated(3, 3, Pass), repeated(2, 3, Fail)), (Change::Regressed, 1));
    assert_eq!(of(repeated(1, 3, Fail), repeated(2, 3, Fail)), (Change::Unchanged, 0));
    // from four rounds on, the intervals of all and none do not overlap
    assert_eq!(of(repeated(4, 4, Pass), repeated(0, 4, Fail)), (Change::Regressed, 1));
    assert_eq!(of(repeated(4, 4, Pass), repeated(3, 4, Fail)), (Change::Changed, 0));
}

#[test]
fn a_new_run_that_judged_nothing_is_not_green() {
    let error = |id| canary(id, Verdict::Error, Some(Code::BootStartFailed));
    let old = run(vec![failed("a", Code::ReplyEcho)]);
    let unbooted = compare(&old, &run(vec![error("a")]), false);
    assert_eq!((unbooted.exit_code(), unbooted.counts.changed), (2, 1));
    assert_eq!(unbooted.problem.as_deref(), Some("no canary of the new run was judged"));
    assert_eq!(compare(&old, &run(vec![error("a"), passed("b")]), false).exit_code(), 0);
    // what is proven stays
    assert_eq!(compare(&run(vec![passed("a")]), &run(vec![error("a")]), false).exit_code(), 1);
}

#[test]
fn a_file_may_say_more_passed_than_were_judged() {
    assert_eq!(
        change(&[repeated(30, 20, Verdict::Pass)], &[repeated(30, 20, Verdict::Pass)]),
        (Change::Unchanged, 0)
    );
}

#[test]
fn runs_without_a_common_canary_are_not_compared() {
    let comparison = compare(&run(vec![passed("a")]), &run(vec![passed("b")]), false);
    assert_eq!((comparison.exit_code(), comparison.verdict), (2, Verdict::Error));
    let empty = compare(&run(vec![passed("a")]), &run(vec![]), false);
    assert_eq!(empty.exit_code(), 2);
}

#[test]
fn a_new_run_that_was_cut_off_is_not_green() {
    let old = run(vec![passed("a")]);
    let mut new = old.clone();
    new.run.complete = false;
    assert_eq!(compare(&old, &new, false).exit_code(), 2);
    let mut crashed = old.clone();
    crashed.verdict = Verdict::Error;
    assert_eq!(compare(&old, &crashed, false).exit_code(), 2);
}

#[test]
fn a_new_finding_that_fails_the_run_is_a_regression() {
    let finding = |canary: &str| Finding {
        code: Code::RunFailedBesideOthers,
        severity: Severity::Fail,
        sentence: "it failed".into(),
        canary: Some(canary.into()),
    };
    let old = run(vec![passed("a")]);
    let new = Summary { findings: vec![finding("a")], ..old.clone() };
    let other = Summary { findings: vec![finding("b")], ..old.clone() };
    assert_eq!(compare(&old, &new, false).exit_code(), 1);
    assert_eq!(compare(&new, &other, false).exit_code(), 1);
    assert_eq!(compare(&new, &old, false).exit_code(), 0);
    assert_eq!(compare(&new, &new, false).exit_code(), 0);
}

#[test]
fn hostile_text_is_shown_as_text() {
    let old = fold(&sample::green().events).unwrap();
    let new = fold(&hostile().events).unwrap();
    let comparison = compare(&old, &new, false);
    let shown = |format: ComparisonFormat| format.render(&comparison).unwrap();
    for format in ComparisonFormat::ALL {
        let text = shown(format);
        assert_eq!(text.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None, "{format}");
    }
    let html = shown(ComparisonFormat::Html);
    assert!(!html.contains("<script") && html.contains("Content-Security-Policy"), "{html}");
    assert!(!shown(ComparisonFormat::Markdown).contains("<script"));
    assert!(!shown(ComparisonFormat::Text).contains("::"));
    let parsed: Comparison = serde_json::from_str(&shown(ComparisonFormat::Json)).unwrap();
    assert_eq!(parsed, comparison);
}

fn any_canary() -> impl Strategy<Value = CanaryReport> {
    use Verdict::{Error, Fail, Pass, Skip, Xfail, Xpass};
    let verdict = select(vec![Pass, Fail, Error, Skip, Xfail, Xpass]);
    let code = option::of(select(vec![Code::ReplyEcho, Code::SessionSplit]));
    let rounds = option::of((0_u32..30, 0_u32..30).prop_map(|(passed, judged)| Rounds {
        passed,
        judged,
        asked: 30,
        low: 0.0,
        high: 1.0,
        min_pass: 1.0,
        shown: 1,
    }));
    (select(vec!["a", "b", "c", "d"]), verdict, code, rounds)
        .prop_map(|(id, verdict, code, rounds)| CanaryReport { rounds, ..canary(id, verdict, code) })
}

fn any_run() -> impl Strategy<Value = Summary> {
    vec(any_canary(), 0..5).prop_map(|mut canaries| {
        canaries.sort_by(|one, next| one.id.cmp(&next.id));
        canaries.dedup_by(|one, next| one.id == next.id);
        run(canaries)
    })
}

proptest! {
    #[test]
    fn a_run_is_as_itself(one in any_run()) {
        let comparison = compare(&one, &one, true);
        prop_assert_eq!(comparison.counts.unchanged as usize, one.canaries.len());
        let is_judged = one.canaries.iter().any(|one| !matches!(one.verdict, Verdict::Skip | Verdict::Error));
        prop_assert_eq!(comparison.exit_code(), if is_judged { 0 } else { 2 });
    }

    /// What was skipped, not judged or not there on one side aside, exchanging the runs exchanges the words.
    #[test]
    fn swapped_runs_swap_the_changes(one in any_run(), other in any_run()) {
        let (there, back) = (compare(&one, &other, false), compare(&other, &one, false));
        for change in &there.canaries {
            let opposite = back.canaries.iter().find(|canary| canary.id == change.id).unwrap().change;
            let expected = match change.change {
                Change::Regressed => vec![Change::Improved, Change::Weaker, Change::Changed, Change::Gone],
                Change::Improved => vec![Change::Regressed],
                Change::Weaker => vec![Change::Stronger, Change::Regressed, Change::New],
                Change::Stronger => vec![Change::Weaker],
                Change::New => vec![Change::Weaker, Change::Gone],
                Change::Gone => vec![Change::Regressed, Change::New],
                Change::Changed => vec![Change::Changed, Change::Regressed],
                Change::Unchanged => vec![Change::Unchanged],
            };
            prop_assert!(expected.contains(&opposite), "{:?} {:?}", change, opposite);
            let judged = |side: &Option<super::ComparedCanary>| {
                side.as_ref().is_some_and(|side| !matches!(side.verdict, Verdict::Skip | Verdict::Error))
            };
            if change.change == Change::Regressed && judged(&change.old) && judged(&change.new) {
                prop_assert_eq!(opposite, Change::Improved);
            }
        }
    }
}
