//! The reports of a run can be made again from its events, and a run that was killed is never green.

use crate::support::{Done, Place, assert_shown};

const FILES: [&str; 2] = ["summary.json", "junit.xml"];

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.path("out").join(name)).unwrap()
}

/// Leaves only the first `keep` bytes of the events, and none of the reports; makes them again.
async fn rebuild_from(place: &Place, keep: usize) -> Done {
    let events = read(place, "events.ndjson");
    std::fs::write(place.path("out/events.ndjson"), &events[..keep]).unwrap();
    for name in FILES {
        std::fs::remove_file(place.path("out").join(name)).unwrap();
    }
    place.coalmine(&["report", "out"]).await
}

#[tokio::test]
async fn the_reports_made_again_hold_the_same_bytes_and_mean_the_same_exit_code() {
    let runs: [(&[&str], i32); 4] = [
        (&[], 0),
        (&["--fault", "session.global"], 1),
        (&["--fault", "boot.crash-on-message"], 2),
        (&["--fault", "boot.never-ready", "--timeout", "300ms"], 2),
    ];
    for (arguments, code) in runs {
        let place = Place::new();
        let ran = place.run(arguments).await;
        ran.code(code);
        let before = FILES.map(|name| read(&place, name));
        let whole = read(&place, "events.ndjson").len();
        let done = rebuild_from(&place, whole).await;
        done.code(code);
        assert_eq!(FILES.map(|name| read(&place, name)), before, "{arguments:?}");
        assert!(done.stderr.contains(ran.stderr.lines().next().unwrap()), "{}", done.stderr);
    }
}

#[tokio::test]
async fn events_that_stop_in_the_middle_of_a_line_give_an_error_and_a_note() {
    let place = Place::new();
    place.run(&["--seed", "7"]).await.code(0);
    let events = read(&place, "events.ndjson");
    let third = events.match_indices("\"canary-ended\"").nth(2).unwrap().0;
    let done = rebuild_from(&place, third).await;
    assert_shown!(done.transcript(), @r"
    exit 2
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed 7
    ✓ pass    agent-card          The agent card is served and names a JSON-RPC interface  [time]
    ✓ pass  1 name-recall         A name told in turn 1 is known in turn 2  [time]
    ! error 2 file-only           A file without a caption is not dropped
            reason: the events stop before this canary ended: the run was killed
    ! error 3 file-caption        A file and its caption are both answered
            reason: the events stop before this canary ended: the run was killed
    ! error 4 memory-recall       A fact committed to memory is known in another context
            reason: the events stop before this canary ended: the run was killed
    ! error   same-context-twice  Two turns of one context land in one session
            reason: the events stop before this canary ended: the run was killed
    ! error   memory-root         The memory root exists and can be written to
            reason: the events stop before this canary ended: the run was killed

    cut off: 2 passed, 5 errors in [time]
    evidence: out
    warning: line 13 of the events is cut off and was left out: the run was killed
    ");
    let summary = place.summary();
    assert_eq!((&summary["verdict"], &summary["run"]["complete"]), (&"error".into(), &false.into()));
    assert_eq!((&summary["counts"]["pass"], &summary["counts"]["error"]), (&2.into(), &5.into()));
    let junit = read(&place, "junit.xml");
    assert_eq!(junit.matches("<testcase ").count(), 7, "{junit}");
    assert_eq!(junit.matches("<error").count(), 5, "{junit}");
}

#[tokio::test]
async fn events_that_stop_between_two_lines_are_no_pass_wherever_that_is() {
    let place = Place::new();
    place.run(&[]).await.code(0);
    let events = read(&place, "events.ndjson");
    let ends: Vec<usize> = events.match_indices('\n').map(|(at, _)| at + 1).collect();
    assert!(ends.len() > 10, "{events}");
    for end in ends.iter().rev().skip(1) {
        let done = rebuild_from(&place, *end).await;
        done.code(2);
        let summary = place.summary();
        assert_eq!((&summary["verdict"], &summary["run"]["complete"]), (&"error".into(), &false.into()));
    }
}

#[tokio::test]
async fn a_failure_that_was_proven_before_the_run_was_killed_stays_proven() {
    let place = Place::new();
    place.run(&["--fault", "prompt.history-dropped"]).await.code(1);
    let events = read(&place, "events.ndjson");
    let end = events.lines().position(|line| line.contains("prompt.history-missing")).unwrap() + 1;
    let keep = events.lines().take(end).map(|line| line.len() + 1).sum();
    rebuild_from(&place, keep).await.code(1);
    assert_eq!(place.summary()["counts"], serde_json::json!({ "pass": 1, "fail": 1, "error": 5, "skip": 0 }));
}

#[tokio::test]
async fn a_folder_without_events_and_a_line_that_is_none_are_refused() {
    let place = Place::new();
    let done = place.coalmine(&["report", "nowhere"]).await;
    done.code(2);
    assert!(
        done.stderr.contains("nowhere/events.ndjson") && done.stderr.contains("hint: "),
        "{}",
        done.stderr
    );
    place.run(&["--canary", "name-recall"]).await.code(0);
    let events = read(&place, "events.ndjson");
    let summary = read(&place, "summary.json");
    std::fs::write(place.path("out/events.ndjson"), events.replacen("{\"", "<\"", 2)).unwrap();
    let done = place.coalmine(&["report", "out"]).await;
    done.code(2);
    assert!(done.stderr.contains("line 1"), "{}", done.stderr);
    assert_eq!(read(&place, "summary.json"), summary, "nothing is written over");
}

#[tokio::test]
async fn a_second_run_into_the_same_folder_leaves_nothing_of_the_first() {
    let place = Place::new();
    place.run(&["--fault", "prompt.history-dropped"]).await.code(1);
    assert!(place.path("out/wire/same-context-twice-turn-1.request.json").exists());
    place.run(&["--canary", "name-recall"]).await.code(0);
    assert!(!place.path("out/wire/same-context-twice-turn-1.request.json").exists());
    assert!(!place.path("out/runtime-tail.log").exists());
    assert_eq!(read(&place, "junit.xml").matches("<testcase ").count(), 1);
}

#[tokio::test]
async fn without_a_folder_given_one_is_made_for_the_run_and_latest_leads_to_it() {
    let place = Place::new();
    for run in ["first", "second"] {
        place.coalmine(&["run", "--run-id", run, "--canary", "agent-card"]).await.code(0);
        let latest = std::fs::read_link(place.path("coalmine-out/latest")).unwrap();
        assert_eq!(latest.to_str(), Some(run));
        assert_eq!(place.summary_in("coalmine-out/latest")["run"]["id"], run);
    }
    assert!(place.path("coalmine-out/first/summary.json").exists());
}
