//! Runs with `--url`, against a runtime that was pointed at the world before or not at all.

use std::net::TcpListener;

use crate::support::{CLASSICAL, COALMINE, KillOnDrop, Sandbox, assert_shown, codes, free_address, verdicts};

#[tokio::test]
async fn running_runtime_passes_and_hidden_things_are_skipped() {
    let (sandbox, world) = (Sandbox::new(), free_address());
    let model = format!("http://{world}/v1");
    let (_runtime, url) =
        sandbox.serve_runtime(&[("OPENAI_BASE_URL", &model), ("OPENAI_API_KEY", "not-a-key")]).await;
    let done = sandbox.run(&["--verbose", "--url", &url, "--world", &world]).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stderr
    the world listens on 127.0.0.1:[port]; point the runtime's model provider at http://127.0.0.1:[port]/v1
    coalmine: url http://127.0.0.1:[port] · profile generic · dialect 0.3 · model simulated · seed [seed]
    ✓ pass    agent-card          The agent card is served and names a JS…  [time]
    ✓ pass  1 name-recall         A name given in turn 1 is known in turn…  [time]
    ✓ pass  2 file-only           A file without a caption is not dropped  [time]
            note: turn-2.sent: the profile does not say whether the runtime fetches links (`attachments.link`)
    ✓ pass  3 file-caption        A file and its caption are both answered  [time]
            note: turn-2.sent: the profile does not say whether the runtime fetches links (`attachments.link`)
    ✓ pass  4 memory-recall       A fact committed to memory is known in …  [time]
    ✓ pass    same-context-twice  Two turns of one context are in one ses…  [time]
    - skip    memory-root         The memory root exists and is writable
            reason: the disk of a runtime that runs elsewhere cannot be inspected
    6 passed, 1 skipped in [time]
    ");
    let summary = sandbox.summary();
    assert_eq!((&summary["target"]["kind"], &summary["counts"]["skip"]), (&"url".into(), &1.into()));
    // the runtime still runs, and can be judged again
    sandbox.run(&["--url", &url, "--world", &world, "--dialect", "1.0"]).await.code(0);
}

#[tokio::test]
async fn unwired_runtime_is_not_called_broken() {
    let sandbox = Sandbox::new();
    let (_runtime, url) = sandbox.serve_runtime(&[]).await;
    let done = sandbox.run(&["--url", &url, "--seed", "7"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
    coalmine: url http://127.0.0.1:[port] · profile generic · dialect 0.3 · model simulated · seed 7

    error: the runtime never called the simulated model, so whether it remembers cannot be judged
      cause: its answer to "The swimming pool in Tupenun was rather crowded again today. Hi, in my passport it says Tepuz-4305. My parents named my sister Kuvur-3444. The museum in Sidefiv looked lovely over the holidays.": could not ask the model: `OPENAI_BASE_URL` is not set
    hint: fix the world's address with `--world 127.0.0.1:[port]`, and start the runtime with `OPENAI_BASE_URL=http://127.0.0.1:[port]/v1` (or its provider's own variable), or see `coalmine explain boot.model-not-wired`
    again: coalmine run --url http://127.0.0.1:[port] --seed 7 --canary agent-card,name-recall,file-only,file-caption,memory-recall,same-context-twice,memory-root

    not judged: name-recall, file-only, file-caption, memory-recall,
                same-context-twice
    1 passed, 5 errors, 1 skipped in [time]
    evidence: out/report.html
    skipped: memory-root: the disk of a runtime that runs elsewhere cannot be inspected
    "#);
    assert_eq!(codes(&sandbox.summary()), ["boot.model-not-wired"; 5]);
}

#[tokio::test]
async fn broken_running_runtime_fails() {
    let (sandbox, world) = (Sandbox::new(), free_address());
    let model = format!("http://{world}/v1");
    let fault = ("COALMINE_FAULT", "session.keyed-by-task");
    let (_runtime, url) = sandbox.serve_runtime(&[("OPENAI_BASE_URL", &model), fault]).await;
    sandbox.run(&["--url", &url, "--world", &world]).await.code(1);
    assert_eq!(codes(&sandbox.summary()), ["session.split", "session.split"]);
}

#[tokio::test]
async fn taken_world_address_is_reported() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let world = taken.local_addr().unwrap().to_string();
    let done = sandbox.run(&["--url", "http://127.0.0.1:1", "--world", &world, "--timeout", "300ms"]).await;
    done.code(2);
    assert!(done.stderr.contains(&format!("cannot listen on {world}")), "{}", done.stderr);
    assert!(done.stderr.contains("in use"), "{}", done.stderr);
}

#[tokio::test]
async fn parallel_runs_do_not_disturb_each_other() {
    let sandbox = Sandbox::new();
    let command = format!("exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}");
    let outs = ["beside-one", "beside-two", "beside-three", "beside-four"];
    let _after = outs.map(KillOnDrop);
    let children = outs.map(|out| {
        let mut arguments = vec!["run", "--out", out, "--run-id", out, "--canary", CLASSICAL];
        match out {
            "beside-two" | "beside-three" => arguments.extend(["--cmd", &command]),
            "beside-four" => arguments.extend(["--fault", "prompt.history-dropped"]),
            _ => {}
        }
        sandbox.start(&arguments)
    });
    for (child, out) in children.into_iter().zip(outs) {
        let done = child.done().await;
        done.code(i32::from(out == "beside-four"));
        let summary = sandbox.summary_in(out);
        assert_eq!((summary["run"]["id"].as_str(), verdicts(&summary).len()), (Some(out), 7));
        assert_eq!(summary["findings"].as_array().unwrap().len(), 0, "{}", summary["findings"]);
        assert!(!sandbox.owns(out));
    }
    // no run knows the facts of another
    let journals = outs.map(|out| std::fs::read_to_string(sandbox.path(out).join("journal.ndjson")).unwrap());
    for (out, other) in outs.iter().flat_map(|out| outs.iter().map(move |other| (out, other))) {
        let message = sandbox.summary_in(out)["canaries"][1]["turns"][0]["say"].as_str().unwrap().to_owned();
        let at = outs.iter().position(|name| name == other).unwrap();
        assert_eq!(journals[at].contains(&message), out == other, "{message} of {out} in {other}");
    }
}
