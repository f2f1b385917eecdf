//! The reports of a run can be rebuilt from its events, and a run that was killed never passes.

use crate::support::{Output, Sandbox, assert_shown};

const FILES: [&str; 3] = ["summary.json", "junit.xml", "report.html"];

fn read(sandbox: &Sandbox, name: &str) -> String {
    std::fs::read_to_string(sandbox.path("out").join(name)).unwrap()
}

/// Cuts the events after `keep` bytes, removes the reports, and rebuilds them.
async fn rebuild_from(sandbox: &Sandbox, keep: usize) -> Output {
    let events = read(sandbox, "events.ndjson");
    std::fs::write(sandbox.path("out/events.ndjson"), &events[..keep]).unwrap();
    for name in FILES {
        std::fs::remove_file(sandbox.path("out").join(name)).unwrap();
    }
    sandbox.coalmine(&["report", "--verbose", "out"]).await
}

#[tokio::test]
async fn rebuilt_reports_are_identical() {
    let runs: [(&[&str], i32); 4] = [
        (&[], 0),
        (&["--fault", "session.global"], 1),
        (&["--fault", "boot.crash-on-message"], 2),
        (&["--fault", "boot.never-ready", "--timeout", "300ms"], 2),
    ];
    for (arguments, code) in runs {
        let sandbox = Sandbox::new();
        let ran = sandbox.run(arguments).await;
        ran.code(code);
        let before = FILES.map(|name| read(&sandbox, name));
        let whole = read(&sandbox, "events.ndjson").len();
        let done = rebuild_from(&sandbox, whole).await;
        done.code(code);
        assert_eq!(FILES.map(|name| read(&sandbox, name)), before, "{arguments:?}");
        assert!(done.stderr.contains(ran.stderr.lines().next().unwrap()), "{}", done.stderr);
    }
}

#[tokio::test]
async fn events_cut_within_a_line_give_an_error_and_a_warning() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--seed", "7"]).await.code(0);
    let events = read(&sandbox, "events.ndjson");
    let third = events.match_indices("\"canary-ended\"").nth(2).unwrap().0;
    let done = rebuild_from(&sandbox, third).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed 7
    ✓ pass    agent-card          The agent card is served and names a JS…  [time]
    ✓ pass  1 name-recall         A name given in turn 1 is known in turn…  [time]
    ! error 2 file-only           A file without a caption is not dropped
            reason: the events stop before this canary ended: the run was killed
    ! error 3 file-caption        A file and its caption are both answered
            reason: the events stop before this canary ended: the run was killed
    ! error 4 memory-recall       A fact committed to memory is known in …
            reason: the events stop before this canary ended: the run was killed
    ! error   same-context-twice  Two turns of one context are in one ses…
            reason: the events stop before this canary ended: the run was killed
    ! error   memory-root         The memory root exists and is writable
            reason: the events stop before this canary ended: the run was killed

    not judged: file-only, file-caption, memory-recall, same-context-twice,
                memory-root
    cut off: 2 passed, 5 errors in [time]
    evidence: out
    warning: line 27 of the events is incomplete and was ignored: the run was killed
    ");
    let summary = sandbox.summary();
    assert_eq!((&summary["verdict"], &summary["run"]["complete"]), (&"error".into(), &false.into()));
    assert_eq!((&summary["counts"]["pass"], &summary["counts"]["error"]), (&2.into(), &5.into()));
    let junit = read(&sandbox, "junit.xml");
    assert_eq!(junit.matches("<testcase ").count(), 7, "{junit}");
    assert_eq!(junit.matches("<error").count(), 5, "{junit}");
}

#[tokio::test]
async fn events_cut_between_lines_never_pass() {
    let sandbox = Sandbox::new();
    sandbox.run(&[]).await.code(0);
    let events = read(&sandbox, "events.ndjson");
    let ends: Vec<usize> = events.match_indices('\n').map(|(at, _)| at + 1).collect();
    assert!(ends.len() > 10, "{events}");
    for end in ends.iter().rev().skip(1) {
        let done = rebuild_from(&sandbox, *end).await;
        done.code(2);
        let summary = sandbox.summary();
        assert_eq!((&summary["verdict"], &summary["run"]["complete"]), (&"error".into(), &false.into()));
    }
}

#[tokio::test]
async fn failure_before_a_kill_stays_a_failure() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--fault", "prompt.history-dropped"]).await.code(1);
    let events = read(&sandbox, "events.ndjson");
    let end = events.lines().position(|line| line.contains("prompt.history-missing")).unwrap() + 1;
    let keep = events.lines().take(end).map(|line| line.len() + 1).sum();
    rebuild_from(&sandbox, keep).await.code(1);
    assert_eq!(
        sandbox.summary()["counts"],
        serde_json::json!({ "pass": 1, "fail": 1, "error": 5, "skip": 0, "xfail": 0, "xpass": 0 })
    );
}

#[tokio::test]
async fn missing_and_invalid_events_are_rejected() {
    let sandbox = Sandbox::new();
    let done = sandbox.coalmine(&["report", "nowhere"]).await;
    done.code(2);
    assert!(
        done.stderr.contains("nowhere/events.ndjson") && done.stderr.contains("hint: "),
        "{}",
        done.stderr
    );
    sandbox.run(&["--canary", "name-recall"]).await.code(0);
    let events = read(&sandbox, "events.ndjson");
    let summary = read(&sandbox, "summary.json");
    std::fs::write(sandbox.path("out/events.ndjson"), events.replacen("{\"", "<\"", 2)).unwrap();
    let done = sandbox.coalmine(&["report", "out"]).await;
    done.code(2);
    assert!(done.stderr.contains("line 1"), "{}", done.stderr);
    assert_eq!(read(&sandbox, "summary.json"), summary, "nothing is written over");
}

#[tokio::test]
async fn formats_go_to_stdout_and_files() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--canary", "name-recall", "--fault", "prompt.history-dropped"]).await.code(1);
    let done = sandbox.coalmine(&["report", "out", "--format", "line", "--format", "badge=badge.svg"]).await;
    done.code(1);
    assert_eq!(
        done.stdout,
        "✗ FAILED: the reference runtime with the fault prompt.history-dropped: 1 FAILED; prompt.history-missing: what was said in \
         turn 1 did not reach the model in turn 2\n"
    );
    assert_eq!(done.stderr, "");
    assert!(std::fs::read_to_string(sandbox.path("badge.svg")).unwrap().contains("1 failed"));
    let json = sandbox.coalmine(&["report", "out", "--format", "json=-"]).await;
    assert_eq!(json.stdout, read(&sandbox, "summary.json"));
    let html = sandbox.coalmine(&["report", "out", "--format", "html"]).await;
    assert_eq!(html.stdout, read(&sandbox, "report.html"));
}

#[tokio::test]
async fn a_format_that_is_unknown_or_cannot_be_written_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--canary", "name-recall"]).await.code(0);
    let done = sandbox.coalmine(&["report", "out", "--format", "pdf"]).await;
    done.code(2);
    assert!(done.stderr.contains("unknown format `pdf`: expected one of `line`"), "{}", done.stderr);
    let done = sandbox.coalmine(&["report", "out", "--format", "line=/nonexistent/file"]).await;
    done.code(2);
    assert!(done.stderr.contains("the report `line` is incomplete"), "{}", done.stderr);
}
