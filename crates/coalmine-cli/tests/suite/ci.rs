//! What a CI system shows of a run.

use crate::support::{Child, Output, Sandbox};

/// Runs one canary with a fault as a job of a CI system.
async fn job(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let fixed = ["run", "--out", "out", "--canary", "name-recall"];
    let mut command = sandbox.command(&[&fixed, arguments].concat());
    command.envs(variables.iter().copied());
    Child::new(&mut command).done().await
}

#[tokio::test]
async fn a_red_job_on_github_is_annotated_and_summarized() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("summary.md");
    std::fs::write(&file, "of another step\n").unwrap();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", file.to_str().unwrap())];
    let done = job(&sandbox, &["--fault", "prompt.history-dropped"], &variables).await;
    done.code(1);
    let lines: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("::")).collect();
    let error = "::error title=coalmine prompt.history-missing::what was said in turn 1 did not reach the model in turn 2 (name-recall)";
    assert_eq!(lines, ["::group::coalmine: all 1 canaries", "::endgroup::", error], "{}", done.stderr);
    let summary = std::fs::read_to_string(&file).unwrap();
    assert!(summary.starts_with("of another step\n## ✗ Coalmine: Conversations break\n"), "{summary}");
}

#[tokio::test]
async fn a_green_job_has_a_summary_and_a_short_log() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("summary.md");
    let variables = [
        ("GITEA_ACTIONS", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", file.to_str().unwrap()),
    ];
    let done = job(&sandbox, &[], &variables).await;
    done.code(0);
    assert!(!done.stderr.contains("::"), "{}", done.stderr);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("## ✓ Coalmine: Passed\n"));
}

#[tokio::test]
async fn the_flag_outranks_the_environment() {
    let sandbox = Sandbox::new();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "/nonexistent/file")];
    let done = job(&sandbox, &["--fault", "prompt.history-dropped", "--ci", "gitlab"], &variables).await;
    done.code(1);
    assert!(done.stderr.contains("\u{1b}[0Ksection_start:0:coalmine_canaries"), "{}", done.stderr);
    assert!(!done.stderr.contains("::error") && !done.stderr.contains("--ci"), "{}", done.stderr);
}

#[tokio::test]
async fn a_summary_that_cannot_be_written_warns() {
    let sandbox = Sandbox::new();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "/nonexistent/file")];
    let done = job(&sandbox, &[], &variables).await;
    done.code(0);
    assert!(done.stderr.contains("warning: the report `markdown` is incomplete"), "{}", done.stderr);
}

#[tokio::test]
async fn gitlab_gets_a_file_for_its_view_of_code_quality() {
    let sandbox = Sandbox::new();
    let file = |out: &str| crate::support::read_json(&sandbox.path(out).join("gl-code-quality-report.json"));
    job(&sandbox, &["--fault", "prompt.history-dropped"], &[("GITLAB_CI", "true")]).await.code(1);
    assert_eq!(file("out")[0]["check_name"], "prompt.history-missing");
    // a green run keeps it, so that the artifact is never missing
    let arguments = ["run", "--run-id", "green", "--ci", "gitlab", "--canary", "name-recall"];
    sandbox.coalmine(&arguments).await.code(0);
    assert_eq!(file("coalmine-out/green"), serde_json::json!([]));
}

#[tokio::test]
async fn a_run_writes_formats_of_its_own() {
    let sandbox = Sandbox::new();
    let formats = ["--format", "line", "--format=markdown=run.md", "--format", "codequality=quality.json"];
    let done = job(&sandbox, &[&formats[..], &["--fault", "prompt.history-dropped"]].concat(), &[]).await;
    done.code(1);
    assert!(done.stdout.starts_with("✗ FAILED: ") && done.stdout.lines().count() == 1, "{}", done.stdout);
    assert!(std::fs::read_to_string(sandbox.path("run.md")).unwrap().starts_with("## ✗ Coalmine"));
    assert_eq!(crate::support::read_json(&sandbox.path("quality.json")).as_array().unwrap().len(), 1);
    assert!(!done.stderr.contains("--format"), "it is not repeated: {}", done.stderr);
    std::fs::remove_dir_all(sandbox.path("out")).unwrap();
    let done = job(&sandbox, &["--format", "line=/nonexistent/file"], &[]).await;
    done.code(2);
    assert!(done.stderr.contains("the report `line` is incomplete"), "{}", done.stderr);
}
