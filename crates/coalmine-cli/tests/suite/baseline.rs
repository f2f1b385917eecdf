//! Runs that fail only on what is worse than their baseline.

use serde_json::{Value, json};

use crate::support::{Output, Sandbox, assert_no_control, assert_shown};

const CANARIES: &str = "name-recall,file-only,agent-card";

/// Runs a few canaries into a folder of the sandbox.
async fn run(sandbox: &Sandbox, out: &str, arguments: &[&str]) -> Output {
    let fixed = ["run", "--out", out, "--run-id", out, "--seed", "7", "--canary"];
    let canaries: &[&str] = if arguments.contains(&"--canary") { &[] } else { &[CANARIES] };
    let fixed = if canaries.is_empty() { &fixed[..7] } else { &fixed[..] };
    sandbox.coalmine(&[fixed, canaries, arguments].concat()).await
}

/// Returns a sandbox with the baseline of a run in which `name-recall` failed.
async fn forgetful() -> Sandbox {
    let sandbox = Sandbox::new();
    run(&sandbox, "old", &["--fault", "prompt.history-dropped"]).await.code(1);
    let done = sandbox.coalmine(&["baseline", "old", "-o", "baseline.json"]).await;
    done.code(0);
    assert_eq!(done.stderr, "baseline: 3 canaries, of which 1 are known to be broken\n");
    sandbox
}

fn baseline(sandbox: &Sandbox) -> Value {
    crate::support::read_json(&sandbox.path("baseline.json"))
}

fn change(sandbox: &Sandbox, change: impl FnOnce(&mut Value)) {
    let mut baseline = baseline(sandbox);
    change(&mut baseline);
    std::fs::write(sandbox.path("baseline.json"), baseline.to_string()).unwrap();
}

const JUDGED: [&str; 2] = ["--baseline", "baseline.json"];
const FORGETFUL: [&str; 4] = ["--baseline", "baseline.json", "--fault", "prompt.history-dropped"];

#[tokio::test]
async fn what_is_still_broken_is_green_but_never_clean() {
    let sandbox = forgetful().await;
    let done = run(&sandbox, "new", &FORGETFUL).await;
    done.code(0);
    let date = baseline(&sandbox)["run"]["started_at"].as_str().unwrap().to_owned();
    let shown = done.transcript().replace(&date, "[date]").replace(&date[..10], "[day]");
    assert_shown!(shown, @"
    exit 0
    --- stderr
    coalmine: the reference runtime with the fault prompt.history-dropped · profile reference · dialect 0.3 · model simulated · seed 7
    - xfail 1 name-recall  A name given in turn 1 is known …  prompt.history-missing
            reason: still broken, as in the baseline of [day]

    2 passed, 1 failed as expected in [time]; NOT CLEAN: 1 canary still broken, as in the baseline
    still broken, as in the baseline: name-recall
    baseline: run old of [date] (the reference runtime with the fault prompt.history-dropped)
    evidence: new/report.html
    ");
    let summary = sandbox.summary_in("new");
    assert_eq!(summary["verdict"], "xfail");
    assert_eq!(summary["baseline"]["still_broken"], json!(["name-recall"]));
    assert_eq!(summary["canaries"][1]["baseline"], json!("still-broken"));
    let report = async |format: &str| {
        let done = sandbox.coalmine(&["report", "new", "--format", format]).await;
        done.code(0);
        done.stdout
    };
    assert!(report("line").await.starts_with("! still broken, not worse than the baseline: "));
    assert!(report("badge").await.contains("1 still broken"));
    let markdown = report("markdown").await;
    assert!(markdown.starts_with("## ! Coalmine: Still broken, not worse than the baseline\n"), "{markdown}");
    assert!(markdown.contains("**Still broken, as in the baseline** (`name-recall`)"), "{markdown}");
    let html = report("html").await;
    assert!(html.contains("</span>Still broken, not worse than the baseline</h1>"), "{html}");
    let junit = report("junit").await;
    assert!(junit.contains("<skipped message=\"baseline: still broken"), "{junit}");
    // the evidence of what is still broken stays
    assert!(sandbox.path("new/journal.ndjson").exists());
}

#[tokio::test]
async fn a_run_that_is_quiet_says_what_is_still_broken() {
    let sandbox = forgetful().await;
    let done = run(&sandbox, "new", &[&FORGETFUL[..], &["--quiet"]].concat()).await;
    done.code(0);
    assert!(done.stderr.contains("still broken, as in the baseline: name-recall"), "{}", done.stderr);
    let clean =
        run(&sandbox, "clean", &["--quiet", "--skip", "name-recall", "--baseline", "baseline.json"]).await;
    clean.code(0);
    assert_eq!(clean.stderr, "");
}

#[tokio::test]
async fn another_failure_is_worse() {
    let sandbox = forgetful().await;
    // another code
    change(&sandbox, |baseline| baseline["canaries"][1]["code"] = "reply.echo".into());
    let done = run(&sandbox, "code", &FORGETFUL).await;
    done.code(1);
    let reason = "this is not what the baseline says: it failed with `reply.echo` there";
    assert!(done.stderr.contains(reason), "{}", done.stderr);
    // another canary
    let done =
        run(&sandbox, "canary", &["--baseline", "baseline.json", "--fault", "reply.echo-everything"]).await;
    done.code(1);
    // a failure of which the baseline does not know why, that passed, or that is not there
    for change_it in [
        |canary: &mut Value| canary["code"] = Value::Null,
        |canary: &mut Value| canary["verdict"] = "pass".into(),
        |canary: &mut Value| canary["verdict"] = "error".into(),
        |canary: &mut Value| canary["verdict"] = "xfail".into(),
        |canary: &mut Value| canary["id"] = "other".into(),
    ] {
        change(&sandbox, |baseline| {
            baseline["canaries"][1]["code"] = "prompt.history-missing".into();
            change_it(&mut baseline["canaries"][1]);
        });
        let name = format!("run-{}", baseline(&sandbox)["canaries"][1].to_string().len());
        let _ = std::fs::remove_dir_all(sandbox.path(&name));
        let done = run(&sandbox, &name, &FORGETFUL).await;
        done.code(1);
        assert!(done.stderr.contains("worse than the baseline: name-recall"), "{}", done.stderr);
        change(&sandbox, |baseline| {
            let canary = &mut baseline["canaries"][1];
            (canary["id"], canary["verdict"]) = ("name-recall".into(), "fail".into());
        });
    }
}

#[tokio::test]
async fn a_pass_that_became_a_skip_fails_the_run() {
    let sandbox = Sandbox::new();
    let canary = ["--canary", "memory-recall", "--canary", "name-recall"];
    run(&sandbox, "kept", &canary).await.code(0);
    sandbox.coalmine(&["baseline", "kept", "-o", "baseline.json"]).await.code(0);
    std::fs::write(sandbox.path("mine.toml"), "extends = \"reference\"\n[memory]\npromise = \"none\"\n")
        .unwrap();
    let arguments = [&canary[..], &JUDGED, &["--profile", "mine.toml"]].concat();
    let done = run(&sandbox, "new", &arguments).await;
    done.code(1);
    assert!(done.stderr.contains("passed in the baseline, skipped now: memory-recall"), "{}", done.stderr);
    assert!(
        done.stderr.contains("FAILED, because 1 canary passed in the baseline and was skipped"),
        "{}",
        done.stderr
    );
    assert_eq!(sandbox.summary_in("new")["baseline"]["weaker"], json!(["memory-recall"]));
    let junit = std::fs::read_to_string(sandbox.path("new/junit.xml")).unwrap();
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
    // a skip in the baseline stays one
    sandbox.coalmine(&["baseline", "new", "-o", "baseline.json"]).await.code(0);
    run(&sandbox, "again", &arguments).await.code(0);
}

#[tokio::test]
async fn what_cannot_be_judged_is_never_excused() {
    let sandbox = Sandbox::new();
    let broken = ["--fault", "boot.crash-on-message"];
    run(&sandbox, "old", &broken).await.code(2);
    let done = sandbox.coalmine(&["baseline", "old", "-o", "baseline.json"]).await;
    done.code(0);
    assert!(done.stderr.contains("warning: 2 of the canaries could not be judged"), "{}", done.stderr);
    run(&sandbox, "new", &[&broken[..], &JUDGED].concat()).await.code(2);
    let never = ["--fault", "boot.never-ready", "--timeout", "300ms"];
    run(&sandbox, "never", &[&never[..], &JUDGED].concat()).await.code(2);
    // a run that judged nothing cannot be a baseline
    let done = sandbox.coalmine(&["baseline", "never", "-o", "other.json"]).await;
    done.code(2);
    assert!(
        done.stderr.contains("judged nothing") && !sandbox.path("other.json").exists(),
        "{}",
        done.stderr
    );
}

#[tokio::test]
async fn what_is_mended_or_gone_is_said() {
    let sandbox = forgetful().await;
    let done = run(&sandbox, "new", &JUDGED).await;
    done.code(0);
    assert_eq!(sandbox.summary_in("new")["verdict"], "pass");
    assert!(
        done.stderr.contains("mended; write the baseline again, so that it stays so: name-recall"),
        "{}",
        done.stderr
    );
    let done = run(&sandbox, "few", &[&JUDGED[..], &["--canary", "agent-card"]].concat()).await;
    done.code(0);
    assert!(
        done.stderr.contains("in the baseline, not in this run: name-recall, file-only"),
        "{}",
        done.stderr
    );
}

/// A baseline that is made from a run with a baseline knows what that run excused.
#[tokio::test]
async fn a_baseline_of_a_green_run_knows_what_is_broken() {
    let sandbox = forgetful().await;
    run(&sandbox, "new", &FORGETFUL).await.code(0);
    sandbox.coalmine(&["baseline", "new", "-o", "baseline.json"]).await.code(0);
    assert_eq!(baseline(&sandbox)["canaries"][1]["verdict"], "fail");
    run(&sandbox, "next", &FORGETFUL).await.code(0);
}

#[tokio::test]
async fn a_baseline_that_cannot_be_read_is_exit_code_2() {
    let sandbox = forgetful().await;
    let good = std::fs::read_to_string(sandbox.path("baseline.json")).unwrap();
    let schema = sandbox.coalmine(&["schema", "baseline"]).await.stdout;
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&baseline(&sandbox)));
    for (text, sentence) in [
        (good[..good.len() / 2].to_owned(), "EOF"),
        (good.replace("baseline/1", "baseline/2"), "baseline/2"),
        (good.replace("\"file-only\"", "\"name-recall\""), "twice"),
        (good.replace("prompt.history-missing", "prompt.\u{202e}made-up"), "made-up"),
        (good.replace("\"verdict\": \"fail\"", "\"verdict\": \"any\""), "any"),
        (std::fs::read_to_string(sandbox.path("old/summary.json")).unwrap(), "unknown field"),
        ("[".repeat(100_000), "invalid type"),
        (String::new(), "EOF"),
    ] {
        std::fs::write(sandbox.path("baseline.json"), text).unwrap();
        let done = run(&sandbox, "new", &FORGETFUL).await;
        done.code(2);
        assert!(done.stderr.contains(sentence), "{sentence}: {}", done.stderr);
        assert_no_control(&done.stderr);
        assert!(!sandbox.path("new").exists());
    }
    std::fs::remove_file(sandbox.path("baseline.json")).unwrap();
    run(&sandbox, "new", &FORGETFUL).await.code(2);
    let endless = ["--baseline", "/dev/zero"];
    run(&sandbox, "new", &endless).await.code(2);
}

#[tokio::test]
async fn hostile_text_in_a_baseline_is_shown_as_text() {
    let sandbox = forgetful().await;
    let hostile = "</script>\u{1b}[31m\u{202e}::error::x\n##[error]y";
    change(&sandbox, |baseline| {
        baseline["run"]["id"] = hostile.into();
        baseline["run"]["target"] = hostile.into();
        baseline["canaries"][2]["id"] = hostile.into();
    });
    let done = run(&sandbox, "new", &FORGETFUL).await;
    done.code(0);
    assert_no_control(&done.stderr);
    assert!(!done.stderr.contains("::error") && !done.stderr.contains("##[error]"), "{}", done.stderr);
    let html = std::fs::read_to_string(sandbox.path("new/report.html")).unwrap();
    assert_eq!(html.matches("</script>").count(), 1);
}

#[tokio::test]
async fn a_run_that_was_killed_is_no_baseline() {
    let sandbox = forgetful().await;
    let path = sandbox.path("old/events.ndjson");
    let events = std::fs::read_to_string(&path).unwrap();
    let last = events.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(&path, &events[..last]).unwrap();
    let done = sandbox.coalmine(&["baseline", "old"]).await;
    done.code(2);
    assert!(done.stderr.contains("did not come to its end") && done.stdout.is_empty(), "{}", done.stderr);
}
