use coalmine::event::*;

use super::sample::{self, Stream};
use crate::{fold, text::rate};

fn rounds(passed: u32, judged: u32, asked: u32) -> Rounds {
    let (low, high) = coalmine::judge::rounds::wilson(passed, judged);
    Rounds { passed, judged, asked, low, high, min_pass: 0.95, shown: 1 }
}

#[test]
fn the_rate_and_its_interval_are_in_percent() {
    assert_eq!(rate(&rounds(19, 20, 20)), "19/20 passed (95 %, 76–99 %)");
    assert_eq!(rate(&rounds(199, 200, 200)), "199/200 passed (99.5 %, 97–100 %)");
    assert_eq!(rate(&rounds(0, 3, 5)), "0/3 passed (0 %, 0–56 %); 2 of 5 not judged");
    assert_eq!(rate(&rounds(0, 0, 5)), "none was judged; 5 of 5 not judged");
}

fn strict() -> RunStarted {
    let mut started = sample::started();
    started.run.strict = true;
    started
}

#[test]
fn a_skip_fails_a_strict_run_and_no_other() {
    let skipped = || CanaryReport { verdict: Verdict::Skip, ..sample::pass(1) };
    let all =
        |stream: Stream| stream.canary(sample::pass(0)).canary(skipped()).canary(sample::pass(2)).ended();
    let lenient = fold(&all(Stream::started()).events).unwrap();
    assert_eq!((lenient.verdict, lenient.exit_code()), (Verdict::Pass, 0));
    let summary = fold(&all(Stream::of(strict())).events).unwrap();
    assert_eq!((summary.verdict, summary.exit_code(), summary.counts.skip), (Verdict::Fail, 1, 1));
    assert_eq!(summary.canaries[1].verdict, Verdict::Skip);
    let green = Stream::of(strict()).canary(sample::pass(0)).canary(sample::pass(1)).canary(sample::pass(2));
    assert_eq!(fold(&green.ended().events).unwrap().exit_code(), 0);
}
