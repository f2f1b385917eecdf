use coalmine::event::*;

use super::sample::{self, Stream};
use crate::{Reporter, Terminal, TerminalOptions};

pub(super) fn show(stream: &Stream, options: TerminalOptions) -> String {
    let mut shown = Vec::new();
    let mut terminal = Terminal::new(&mut shown, options);
    stream.events.iter().for_each(|envelope| terminal.event(envelope).unwrap());
    terminal.finish().unwrap();
    String::from_utf8(shown).unwrap()
}

fn plain(stream: &Stream) -> String {
    show(stream, TerminalOptions::default())
}

fn quiet(stream: &Stream) -> String {
    show(stream, TerminalOptions { quiet: true, ..TerminalOptions::default() })
}

#[test]
fn a_green_run_is_short() {
    insta::assert_snapshot!(plain(&sample::green()));
}

#[test]
fn a_failure_is_complete() {
    insta::assert_snapshot!(plain(&sample::red()));
}

#[test]
fn a_runtime_that_never_came_up_is_reported_once() {
    let shown = plain(&sample::not_ready());
    assert_eq!(shown.matches("did not become ready").count(), 1);
    insta::assert_snapshot!(shown);
}

#[test]
fn one_canary_that_could_not_be_judged_shows_its_turns() {
    let mut timed_out = sample::failed();
    timed_out.verdict = Verdict::Error;
    timed_out.turns[1].reply = None;
    timed_out.turns[1].error = Some("no answer within 30 s".into());
    let diagnosis = timed_out.diagnosis.as_mut().unwrap();
    diagnosis.code = Code::WireTimeout;
    diagnosis.layer = Layer::Wire;
    diagnosis.sentence = "turn 2 was not answered within 30 s".into();
    let stream = Stream::started().ready().canary(timed_out).canary(sample::pass(1));
    insta::assert_snapshot!(plain(&stream.canary(sample::pass(2)).ended()));
}

#[test]
fn two_causes_are_kept_apart_and_one_is_shown_once() {
    let with = |index, code: Code| {
        let diagnosis = Diagnosis { code, ..sample::never_ready() };
        CanaryReport { verdict: Verdict::Error, diagnosis: Some(diagnosis), ..sample::pass(index) }
    };
    let (late, crashed) = (Code::BootNotReady, Code::BootCrashed);
    let stream = Stream::started().canary(with(0, late)).canary(with(1, crashed)).canary(with(2, crashed));
    let shown = plain(&stream.ended());
    assert_eq!(shown.matches("see `coalmine explain boot.not-ready`").count(), 1, "{shown}");
    assert_eq!(shown.matches("see `coalmine explain boot.crashed`").count(), 1, "{shown}");
    assert!(shown.contains("  canaries: file-only, agent-card\n"), "{shown}");
}

/// A run in which `count` canaries fail for the same reason as the first.
fn red_for_one_reason(count: usize) -> Stream {
    let mut started = sample::started();
    let names: Vec<String> = (1..=count).map(|number| format!("canary-number-{number}")).collect();
    started.canaries = names
        .iter()
        .zip(1..)
        .map(|(id, number)| PlannedCanary {
            id: id.clone(),
            number: Some(number),
            title: "A title that is so long that it cannot fit beside the id of its canary".into(),
            level: Level::Continuity,
        })
        .collect();
    let planned = started.canaries.clone();
    planned.into_iter().fold(Stream::of(started).ready(), |stream, planned| {
        let PlannedCanary { id, number, title, .. } = planned;
        stream.canary(CanaryReport { id, number, title, ..sample::failed() })
    })
}

#[test]
fn a_run_that_is_red_for_one_reason_fits_on_a_screen() {
    let counted = TerminalOptions { counted: true, width: 80, ..TerminalOptions::default() };
    let shown = show(&red_for_one_reason(30).ended(), counted);
    assert!(shown.lines().count() <= 40, "{shown}");
    assert_eq!(shown.matches("again: ").count(), 1, "{shown}");
    assert!((1..=30).all(|number| shown.contains(&format!("canary-number-{number}"))), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn each_row_fits_the_screen() {
    let listed = TerminalOptions { width: 80, ..TerminalOptions::default() };
    let shown = show(&red_for_one_reason(3).ended(), listed);
    let rows: Vec<_> = shown.lines().filter(|line| line.starts_with('✗')).collect();
    assert!(rows.len() == 4 && rows.iter().all(|row| row.chars().count() <= 80), "{shown}");
}

#[test]
fn passes_are_counted_where_nobody_watches() {
    let counted = TerminalOptions { counted: true, ..TerminalOptions::default() };
    let shown = show(&sample::green(), counted.clone());
    assert_eq!(shown.lines().count(), 2, "{shown}");
    assert!(shown.ends_with("\n3 passed in 0.12 s\n"), "{shown}");
    let shown = show(&sample::red(), counted);
    assert!(!shown.contains("✓ pass") && !shown.contains("- skip"), "{shown}");
    assert!(shown.contains("\nskipped: file-only: refuses messages without text"), "{shown}");
}

#[test]
fn skips_are_explained_as_lines_of_a_profile() {
    let skipped = |index| CanaryReport {
        verdict: Verdict::Skip,
        hint_toml: Some("memory.promise = \"kept\"".into()),
        ..sample::pass(index)
    };
    let stream = Stream::started().canary(sample::pass(0)).canary(skipped(1)).canary(skipped(2));
    let shown = plain(&stream.ended());
    let block = "to judge what was skipped, add to the top of the profile:\n  \
                 memory.promise = \"kept\"  # file-only, agent-card\n\
                 or let it be written: coalmine new profile --from-run coalmine-out/20261121-0101-ab12\n";
    assert!(shown.ends_with(block), "{shown}");
}

#[test]
fn the_prompt_is_shown_beside_what_is_missing_in_it() {
    let mut canary = sample::failed();
    canary.turns[1].prompt = vec![
        PromptMessage { role: "system".into(), text: format!("{}the end", "x".repeat(290)) },
        PromptMessage { role: "user".into(), text: "What's my name?".into() },
    ];
    canary.turns[1].missing = vec!["Zorvane-4417".into()];
    canary.turns[1].unwanted = vec!["Morad-1".into(), "Morad-2".into()];
    let shown =
        plain(&Stream::started().canary(canary).canary(sample::pass(1)).canary(sample::pass(2)).ended());
    let block = "    what the model got in turn 2, at the end of its prompt\n";
    let messages = "xthe end\n      user       What's my name?\n      missing    `Zorvane-4417`\n      \
                    unwanted   `Morad-1`, `Morad-2`\n";
    assert!(shown.contains(block) && shown.contains(messages), "{shown}");
    assert!(shown.contains("      system     …xxx"), "{shown}");
}

#[test]
fn a_screen_without_unicode_gets_ascii_signs() {
    let ascii = TerminalOptions { ascii: true, width: 60, ..TerminalOptions::default() };
    let shown = show(&sample::red(), ascii);
    assert!(shown.is_ascii(), "{shown}");
    assert!(shown.contains("x FAIL  1 name-recall") && shown.contains("+ pass"), "{shown}");
    assert!(shown.lines().filter(|line| line.contains(" pass ")).all(|line| line.len() <= 60), "{shown}");
}

#[test]
fn a_cut_stream_lists_what_never_ended() {
    insta::assert_snapshot!(plain(&Stream::started().ready().canary(sample::pass(0))));
}

#[test]
fn there_are_never_two_empty_lines_and_none_at_the_start() {
    let mut last = sample::failed();
    last.id = "agent-card".into();
    let failed_last = Stream::started().canary(sample::pass(0)).canary(sample::pass(1)).canary(last).ended();
    for stream in [failed_last, sample::red(), sample::not_ready()] {
        for shown in [plain(&stream), quiet(&stream)] {
            assert!(!shown.contains("\n\n\n") && !shown.starts_with('\n'), "{shown}");
        }
    }
}

#[test]
fn an_interrupted_run_says_so() {
    let stream = Stream::started().ready().canary(sample::pass(0)).ended_with(|end| end.interrupted = true);
    let shown = plain(&stream);
    assert!(shown.contains("\ninterrupted: 1 passed, 2 errors in 0.12 s\n"), "{shown}");
}

#[test]
fn quiet_shows_failures_only() {
    assert_eq!(quiet(&sample::green()), "");
    let shown = quiet(&sample::red());
    assert!(shown.starts_with("✗ FAIL  1 name-recall"), "{shown}");
    assert!(!shown.contains("agent-card") && !shown.contains("finding"), "{shown}");
    assert!(shown.ends_with(
        "1 passed, 1 FAILED, 1 skipped in 0.12 s\nevidence: coalmine-out/20261121-0101-ab12/report.html\n"
    ));
}

#[test]
fn color_adds_nothing_but_color() {
    let colored = show(&sample::red(), TerminalOptions { color: true, ..TerminalOptions::default() });
    assert!(colored.contains("\x1b["));
    let bare = without_color(&colored);
    assert_eq!(bare, plain(&sample::red()));
}

/// Removes `ESC [ … m`.
fn without_color(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |bare, part| bare + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn a_narrow_screen_cuts_titles_and_nothing_else() {
    let shown = show(&sample::green(), TerminalOptions { width: 60, ..TerminalOptions::default() });
    let lines: Vec<_> = shown.lines().skip(1).collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 60), "{shown}");
    assert!(
        lines[0].contains("A name told") && lines[0].contains('…') && lines[0].ends_with("12 ms"),
        "{shown}"
    );
}

#[test]
fn only_a_ci_log_reports_a_pull_and_only_once() {
    let pull = || {
        Event::Progress(Progress {
            phase: Phase::Pull,
            message: "fetching `example:dev`".into(),
            done: Some(1),
            total: Some(2),
        })
    };
    let stream = Stream::started().then(pull()).then(pull()).ready();
    let ci = show(&stream, TerminalOptions { ci: true, ..TerminalOptions::default() });
    assert_eq!(ci.matches("pull: fetching `example:dev`\n").count(), 1, "{ci}");
    assert!(!plain(&stream).contains("pull:"));
}

#[test]
fn a_long_conversation_is_shown_in_part() {
    let mut canary = sample::failed();
    canary.turns = (1..=60).map(|number| sample::turn(number, &format!("say {number}."), "Noted.")).collect();
    canary.diagnosis.as_mut().unwrap().turn = Some(40);
    let rest = [sample::pass(1), sample::pass(2)];
    let shown = plain(&rest.into_iter().fold(Stream::started().canary(canary), Stream::canary).ended());
    for said in ["say 1.", "say 2.", "say 34.", "say 40.", "say 42."] {
        assert!(shown.contains(said), "{said} is missing in {shown}");
    }
    assert!(!shown.contains("say 20.") && !shown.contains("say 43."), "{shown}");
    assert!(shown.contains("(49 more turns are in `summary.json`)"), "{shown}");
}

#[test]
fn a_folder_that_moved_is_named_at_its_new_place() {
    let options = TerminalOptions { folder: Some("downloads/run".into()), ..TerminalOptions::default() };
    let shown = show(&sample::red(), options);
    assert!(shown.contains("downloads/run/journal.ndjson") && !shown.contains("coalmine-out/"), "{shown}");
}

#[test]
fn findings_are_bounded() {
    let finding = |number: usize| {
        Event::Finding(Finding {
            code: Code::DriftKind,
            severity: Severity::Warn,
            sentence: format!("odd {number}"),
            canary: None,
        })
    };
    let stream = (0..500).fold(Stream::started(), |stream, number| stream.then(finding(number)));
    let shown =
        plain(&stream.canary(sample::pass(0)).canary(sample::pass(1)).canary(sample::pass(2)).ended());
    assert!(shown.contains("finding: 490 more in `summary.json`"), "{shown}");
    assert!(shown.lines().count() < 20, "{shown}");
}

/// Returns a run in which one canary failed as expected and another passed unexpectedly.
fn limited() -> Stream {
    let mut expected = sample::failed();
    (expected.verdict, expected.reason) = (Verdict::Xfail, Some("reads text only".into()));
    let mut unexpected = sample::pass(1);
    (unexpected.verdict, unexpected.reason) = (Verdict::Xpass, Some("it passed".into()));
    Stream::started().ready().canary(expected).canary(unexpected).canary(sample::pass(2)).ended()
}

#[test]
fn known_limits_are_shown_with_their_reasons() {
    let shown = plain(&limited());
    assert!(shown.contains("- xfail") && shown.contains("✗ XPASS"), "{shown}");
    assert!(shown.contains("reason: reads text only\n") && shown.contains("reason: it passed\n"), "{shown}");
    assert!(shown.contains("\n1 passed, 1 PASSED UNEXPECTEDLY, 1 failed as expected in 0.12 s\n"), "{shown}");
    assert!(!quiet(&limited()).contains("xfail") && quiet(&limited()).contains("XPASS"));
    let xml = super::junit::xml(&limited());
    assert!(xml.contains(r#"tests="3" skipped="1" failures="1" errors="0""#), "{xml}");
}
