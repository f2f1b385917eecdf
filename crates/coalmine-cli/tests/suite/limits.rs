//! Known limits: failures that a profile expects.

use crate::support::{Child, Output, Sandbox, verdicts};

const LIMIT: &str = "extends = \"reference\"\n\n[[known-limit]]\ncanary = \"file-caption\"\nreason = \"reads text only\"\n\
                     code = \"prompt.file-missing\"\nuntil = 2027-01-31\n";
const RED: [&str; 2] = ["--fault", "prompt.file-dropped"];

/// Runs two canaries, one of them limited, at a time.
async fn run_at(sandbox: &Sandbox, now: &str, more: &[&str]) -> Output {
    let run = ["run", "--out", "out", "--profile", "mine.toml", "--canary", "name-recall", "file-caption"];
    Child::new(sandbox.command(&[&run[..], more].concat()).env("COALMINE_NOW", now)).done().await
}

fn with_profile(text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("mine.toml"), text).unwrap();
    sandbox
}

#[tokio::test]
async fn expected_failure_leaves_a_strict_run_green() {
    let sandbox = with_profile(LIMIT);
    let done = run_at(&sandbox, "2027-01-31T23:00:00Z", &[&RED[..], &["--strict"]].concat()).await;
    assert!(done.code(0).stderr.contains("reads text only"), "{}", done.stderr);
    assert!(done.stderr.contains("1 passed, 1 failed as expected"), "{}", done.stderr);
    let summary = sandbox.summary();
    assert_eq!(verdicts(&summary)[1], ("file-caption".to_owned(), "xfail".to_owned()));
    assert_eq!(summary["canaries"][1]["diagnosis"]["code"], "prompt.file-missing");
    assert_eq!((&summary["counts"]["xfail"], &summary["counts"]["fail"]), (&1.into(), &0.into()));
    let junit = std::fs::read_to_string(sandbox.path("out/junit.xml")).unwrap();
    assert!(junit.contains(r#"<skipped message="known limit: reads text only"/>"#), "{junit}");
    let rebuilt = sandbox.coalmine(&["report", "out"]).await;
    assert_eq!(rebuilt.code(0).stderr, done.stderr);
}

#[tokio::test]
async fn unexpected_pass_fails_the_run() {
    let sandbox = with_profile(LIMIT);
    let done = run_at(&sandbox, "2027-01-31T00:00:00Z", &["--quiet"]).await;
    assert!(done.code(1).stderr.contains("XPASS"), "{}", done.stderr);
    assert!(done.stderr.contains("remove its `[[known-limit]]`"), "{}", done.stderr);
    assert_eq!(verdicts(&sandbox.summary())[1].1, "xpass");
    sandbox.coalmine(&["report", "out"]).await.code(1);
}

#[tokio::test]
async fn other_code_and_late_day_are_ordinary_failures() {
    let sandbox = with_profile(LIMIT);
    let done = run_at(&sandbox, "2027-02-01T00:00:00Z", &RED).await;
    assert!(
        done.code(1).stderr.contains("the known limit (reads text only) ended on 2027-01-31"),
        "{}",
        done.stderr
    );
    assert_eq!(verdicts(&sandbox.summary())[1].1, "fail");
    let sandbox = with_profile(&LIMIT.replace("prompt.file-missing", "reply.echo"));
    let done = run_at(&sandbox, "2027-01-31T00:00:00Z", &RED).await;
    assert!(done.code(1).stderr.contains("the profile expects `reply.echo`"), "{}", done.stderr);
}

#[tokio::test]
async fn unknown_canary_of_a_limit_is_refused() {
    let sandbox = with_profile(&LIMIT.replace("file-caption", "file-captoin"));
    let done = run_at(&sandbox, "2027-01-31T00:00:00Z", &[]).await;
    assert!(done.code(2).stderr.contains("did you mean `file-caption`?"), "{}", done.stderr);
    let checked = sandbox.coalmine(&["check", "mine.toml"]).await;
    assert!(checked.code(2).stderr.contains("no canary has the id `file-captoin`"), "{}", checked.stderr);
    sandbox.coalmine(&["new", "canary", "file-captoin"]).await.code(0);
    sandbox.coalmine(&["check", "mine.toml", "file-captoin.toml"]).await.code(0);
}
