//! Two runs beside each other.

use crate::support::{Sandbox, assert_shown};

/// Runs a few canaries into a folder of the sandbox.
async fn run(sandbox: &Sandbox, out: &str, arguments: &[&str], code: i32) {
    let fixed =
        ["run", "--out", out, "--run-id", out, "--seed", "7", "--canary", "name-recall,file-only,agent-card"];
    sandbox.coalmine(&[&fixed, arguments].concat()).await.code(code);
}

#[tokio::test]
async fn a_regression_is_exit_code_1_and_the_way_back_is_not() {
    let sandbox = Sandbox::new();
    run(&sandbox, "old", &[], 0).await;
    run(&sandbox, "new", &["--fault", "prompt.history-dropped"], 1).await;
    let done = sandbox.coalmine(&["compare", "old", "new"]).await;
    done.code(1);
    assert_shown!(done.transcript(), @"
    exit 1
    --- stdout
    old: the reference runtime · profile reference · model simulated · coalmine 0.1.0 · run old
    new: the reference runtime with the fault prompt.history-dropped · profile reference · model simulated · coalmine 0.1.0 · run new

    regressed (worse than before):
      name-recall          pass → fail prompt.history-missing  ([time] →  [time])
          what was said in turn 1 did not reach the model in turn 2

    causes (canaries in the old and the new run):
      prompt.history-missing       0 → 1

    took:  [time] →  [time], which is not judged
    ✗ Regressed: 1 regressed, 2 unchanged
    ");
    let back = sandbox.coalmine(&["compare", "new/summary.json", "old"]).await;
    back.code(0);
    assert!(back.stdout.contains("\n✓ Nothing regressed: 1 improved, 2 unchanged\n"), "{}", back.stdout);
    let same = sandbox.coalmine(&["compare", "new", "new"]).await;
    same.code(0);
    assert!(same.stdout.contains("\n✓ Nothing regressed: 3 unchanged\n"), "{}", same.stdout);
}

#[tokio::test]
async fn formats_go_to_stdout_and_files() {
    let sandbox = Sandbox::new();
    run(&sandbox, "old", &[], 0).await;
    let formats = ["--format", "json", "--format", "markdown=c.md", "--format", "html=c.html"];
    let done = sandbox.coalmine(&[&["compare", "old", "old"], &formats[..]].concat()).await;
    done.code(0);
    let json: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let schema = sandbox.coalmine(&["schema", "comparison"]).await.stdout;
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&json), "{json}");
    assert_eq!((&json["verdict"], &json["counts"]["unchanged"]), (&"pass".into(), &3.into()));
    let read = |name| std::fs::read_to_string(sandbox.path(name)).unwrap();
    assert!(read("c.md").starts_with("## ✓ Coalmine: Nothing regressed\n"));
    assert!(read("c.html").contains("<h1>"));
    let done = sandbox.coalmine(&["compare", "old", "old", "--format", "text=/nonexistent/file"]).await;
    done.code(2);
}

#[tokio::test]
async fn a_run_that_cannot_be_read_is_exit_code_2() {
    let sandbox = Sandbox::new();
    run(&sandbox, "old", &[], 0).await;
    let summary = sandbox.path("old/summary.json");
    let text = std::fs::read_to_string(&summary).unwrap();
    let changed = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        changed
    };
    for (name, content, sentence) in [
        ("none.json", None, "cannot read `none.json`"),
        ("cut.json", Some(text[..text.len() / 2].to_owned()), "is not the summary of a run"),
        ("format.json", Some(changed("coalmine/summary/1", "coalmine/summary/9")), "`coalmine/summary/9`"),
        (
            "twice.json",
            Some(changed("\"file-only\"", "\"name-recall\"")),
            "has the canary `name-recall` twice",
        ),
        ("counts.json", Some(changed("\"pass\": 3", "\"pass\": 4")), "contradicts itself"),
    ] {
        if let Some(content) = content {
            std::fs::write(sandbox.path(name), content).unwrap();
        }
        for pair in [["old", name], [name, "old"]] {
            let done = sandbox.coalmine(&[&["compare"], &pair[..]].concat()).await;
            done.code(2);
            assert!(done.stderr.contains(sentence) && done.stdout.is_empty(), "{}", done.stderr);
        }
    }
}

/// What a killed run did not come to is not as before.
#[tokio::test]
async fn a_killed_run_is_worse() {
    let sandbox = Sandbox::new();
    run(&sandbox, "old", &[], 0).await;
    run(&sandbox, "new", &[], 0).await;
    let path = sandbox.path("new/events.ndjson");
    let events = std::fs::read_to_string(&path).unwrap();
    let last = events.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(&path, &events[..last]).unwrap();
    let done = sandbox.coalmine(&["compare", "old", "new"]).await;
    done.code(2);
    assert!(done.stdout.contains("it did not come to its end"), "{}", done.stdout);
    let first = events.find("\"canary-ended\"").unwrap();
    std::fs::write(&path, &events[..first]).unwrap();
    sandbox.coalmine(&["compare", "old", "new"]).await.code(1);
}
