//! The folders of runs, and runs that begin where the last one ended.

use crate::support::{Sandbox, assert_shown, verdicts};

fn entries(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(sandbox.path(folder)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn named_folder_must_be_empty() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--fault", "prompt.history-dropped", "--canary", "name-recall"]).await.code(1);
    let before = entries(&sandbox, "out");
    let done = sandbox.coalmine(&["run", "--out", "out", "--canary", "agent-card"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: the folder `out` of `--out` is not empty

    hint: name a folder that is empty or does not exist
    ");
    assert_eq!(entries(&sandbox, "out"), before);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.coalmine(&["run", "--out", "empty", "--canary", "agent-card"]).await.code(0);
}

#[tokio::test]
async fn default_folder_is_created_and_linked_as_latest() {
    let sandbox = Sandbox::new();
    for run in ["first", "second"] {
        sandbox.coalmine(&["run", "--run-id", run, "--canary", "agent-card"]).await.code(0);
        let latest = std::fs::read_link(sandbox.path("coalmine-out/latest")).unwrap();
        assert_eq!(latest.to_str(), Some(run));
        assert_eq!(sandbox.summary_in("coalmine-out/latest")["run"]["id"], run);
    }
    assert!(sandbox.path("coalmine-out/first/summary.json").exists());
}

#[tokio::test]
async fn id_in_use_gets_a_number() {
    let sandbox = Sandbox::new();
    for _ in 0..2 {
        sandbox.coalmine(&["run", "--run-id", "nightly", "--canary", "agent-card"]).await.code(0);
    }
    assert_eq!(sandbox.summary_in("coalmine-out/nightly")["run"]["id"], "nightly");
    assert_eq!(sandbox.summary_in("coalmine-out/nightly-2")["run"]["id"], "nightly-2");
}

#[tokio::test]
async fn passed_run_keeps_its_reports_and_a_failed_one_everything() {
    let sandbox = Sandbox::new();
    sandbox.coalmine(&["run", "--run-id", "green", "--canary", "name-recall"]).await.code(0);
    assert_eq!(
        entries(&sandbox, "coalmine-out/green"),
        ["events.ndjson", "junit.xml", "report.html", "summary.json"]
    );
    let red = ["run", "--run-id", "red", "--canary", "name-recall", "--fault", "reply.dropped"];
    sandbox.coalmine(&red).await.code(1);
    assert!(sandbox.path("coalmine-out/red/wire").is_dir());
    let done = sandbox.coalmine(&["clean", "--runs"]).await;
    assert_eq!(done.code(0).stdout.matches("removed run folder coalmine-out/").count(), 2, "{}", done.stdout);
    assert!(entries(&sandbox, "coalmine-out").is_empty());
}

#[tokio::test]
async fn last_failed_runs_what_failed() {
    let sandbox = Sandbox::new();
    sandbox.coalmine(&["run", "--last-failed"]).await.code(2);
    let few = "agent-card,name-recall,long-history";
    sandbox.coalmine(&["run", "--fault", "prompt.history-dropped", "--canary", few]).await.code(1);
    sandbox.coalmine(&["run", "--last-failed", "--skip", "long-history"]).await.code(0);
    let latest = sandbox.summary_in("coalmine-out/latest");
    assert_eq!(verdicts(&latest), [("name-recall".to_owned(), "pass".to_owned())]);
    let done = sandbox.coalmine(&["run", "--last-failed"]).await;
    assert!(done.code(2).stderr.contains("no canary failed in the last run"), "{}", done.stderr);
}

#[tokio::test]
async fn unknown_canary_cannot_be_skipped() {
    let done = Sandbox::new().run(&["--canary", "name-recall", "--skip", "name-recal"]).await;
    assert!(done.code(2).stderr.contains("did you mean `name-recall`?"), "{}", done.stderr);
    let done = Sandbox::new().run(&["--canary", "name-recall", "--skip", "name-recall"]).await;
    assert!(done.code(2).stderr.contains("no canary is left"), "{}", done.stderr);
}

#[tokio::test]
async fn fail_fast_skips_the_rest() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--fail-fast", "--fault", "prompt.history-dropped"]).await.code(1);
    let summary = sandbox.summary();
    let counts = serde_json::json!({ "pass": 1, "fail": 1, "error": 0, "skip": 5, "xfail": 0, "xpass": 0 });
    assert_eq!(summary["counts"], counts);
    assert_eq!(summary["canaries"][2]["reason"], "not run after `name-recall`, because of `--fail-fast`");
}

#[tokio::test]
async fn cause_of_several_failures_is_in_the_summary() {
    let sandbox = Sandbox::new();
    let few = "agent-card,name-recall,long-history";
    sandbox.run(&["--fault", "prompt.history-dropped", "--canary", few]).await.code(1);
    let summary = sandbox.summary();
    let cause = &summary["causes"][0];
    assert_eq!((&cause["code"], &cause["layer"]), (&"prompt.history-missing".into(), &"prompt".into()));
    assert_eq!(cause["canaries"], serde_json::json!(["name-recall", "long-history"]));
    assert_eq!((&cause["shown"], &summary["diagnosis"]["code"]), (&"name-recall".into(), &cause["code"]));
    let turn = &summary["canaries"][1]["turns"][1];
    assert_eq!(turn["prompt"].as_array().unwrap().last().unwrap()["text"], turn["say"]);
    assert_eq!(turn["missing"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_skipped_is_explained_as_lines_of_a_profile() {
    let arguments = ["--profile", "generic", "--canary", "agent-card,name-recall,file-by-uri"];
    let done = Sandbox::new().run(&arguments).await;
    assert_shown!(done.transcript(), @r#"
    exit 0
    --- stderr
    coalmine: the reference runtime · profile generic · dialect 0.3 · model simulated · seed [seed]
    2 passed, 1 skipped in [time]
    skipped: file-by-uri: the profile does not say whether files are fetched by link (`attachments.link`)
    to judge what was skipped, add to the top of the profile:
      attachments.link = "http"  # file-by-uri
    or let it be written: coalmine new profile --from-run out
    "#);
}
