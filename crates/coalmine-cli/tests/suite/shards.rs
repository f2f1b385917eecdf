//! Runs that are spread over several machines.

use std::collections::BTreeSet;

use crate::support::{Child, Output, Sandbox, verdicts};

const CANARIES: &str = "agent-card,name-recall,file-only,file-caption,memory-recall";

/// Runs a part of a few canaries into the folder `shard-K`.
async fn shard(sandbox: &Sandbox, part: &str, arguments: &[&str]) -> Output {
    let out = format!("shard-{}", &part[..1]);
    let fixed = ["run", "--shard", part, "--out", &out, "--seed", "7", "--canary", CANARIES];
    sandbox.coalmine(&[&fixed, arguments].concat()).await
}

/// Returns a sandbox with three parts of a run that end with these codes.
async fn three(arguments: &[&str], codes: [i32; 3]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (part, code) in ["1/3", "2/3", "3/3"].into_iter().zip(codes) {
        shard(&sandbox, part, arguments).await.code(code);
    }
    sandbox
}

async fn merge(sandbox: &Sandbox, folders: &[&str]) -> Output {
    // each test merges several times
    let _ = std::fs::remove_dir_all(sandbox.path("merged"));
    sandbox.coalmine(&[&["merge", "--out", "merged"], folders].concat()).await
}

const ALL: [&str; 3] = ["shard-1", "shard-2", "shard-3"];

fn refused(done: &Output, sandbox: &Sandbox, sentence: &str) {
    done.code(2);
    assert!(done.stderr.contains(sentence), "{sentence}: {}", done.stderr);
    assert!(!sandbox.path("merged").exists());
}

#[tokio::test]
async fn merged_shards_are_the_run_that_was_not_spread() {
    let fault = ["--fault", "prompt.history-dropped"];
    let whole = Sandbox::new();
    let arguments = ["run", "--out", "out", "--seed", "7", "--canary", CANARIES];
    whole.coalmine(&[&arguments, &fault[..]].concat()).await.code(1);
    let sandbox = Sandbox::new();
    let mut codes = BTreeSet::new();
    for part in ["1/3", "2/3", "3/3"] {
        codes.insert(shard(&sandbox, part, &fault).await.status.code());
    }
    assert!(codes.contains(&Some(1)) && codes.contains(&Some(0)), "{codes:?}");
    let done = merge(&sandbox, &["shard-3", "shard-1", "shard-2"]).await;
    done.code(1);
    let (one, merged) = (whole.summary(), sandbox.summary_in("merged"));
    assert_eq!(verdicts(&one), verdicts(&merged));
    for key in ["verdict", "counts", "causes"] {
        assert_eq!(one[key], merged[key], "{key}");
    }
    // everything is made again from the merged folder
    let files = ["summary.json", "junit.xml", "report.html"];
    let read = |name: &str| std::fs::read_to_string(sandbox.path("merged").join(name)).unwrap();
    let before = files.map(read);
    sandbox.coalmine(&["report", "merged"]).await.code(1);
    assert_eq!(files.map(read), before);
    // the evidence of a failure can be looked at
    let canaries = merged["canaries"].as_array().unwrap();
    let red = canaries.iter().find(|canary| canary["verdict"] == "fail").unwrap();
    let wire = red["turns"][0]["wire"][0].as_str().unwrap();
    assert!(wire.starts_with("shard-") && sandbox.path("merged").join(wire).exists(), "{wire}");
    let call = red["turns"][1]["model_call_seqs"][0].as_u64().unwrap();
    let said = red["turns"][1]["say"].as_str().unwrap();
    let journal = read("journal.ndjson");
    let line = journal.lines().find(|line| line.starts_with(&format!("{{\"seq\":{call},"))).unwrap();
    assert!(line.contains(said), "{line}");
    // and it can be compared, and made a baseline
    sandbox.coalmine(&["compare", "merged", "merged"]).await.code(0);
    sandbox.coalmine(&["baseline", "merged", "-o", "baseline.json"]).await.code(0);
}

#[tokio::test]
async fn a_merge_keeps_the_shards_it_was_given() {
    let sandbox = Sandbox::new();
    let run = async |part: &str, rest: &[&str]| {
        let fixed = ["run", "--shard", part, "--seed", "7", "--canary", CANARIES];
        sandbox.coalmine(&[&fixed, rest].concat()).await.code(0);
    };
    run("1/2", &["--out", "coalmine-out/first"]).await;
    run("2/2", &[]).await;
    // twenty newer runs, so that the folder has to be cleared
    let events = std::fs::read(sandbox.path("coalmine-out/first/events.ndjson")).unwrap();
    for number in 0..20 {
        let folder = sandbox.path("coalmine-out").join(format!("other-{number}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("events.ndjson"), &events).unwrap();
        std::fs::write(folder.join("summary.json"), "{}").unwrap();
    }
    let second = std::fs::canonicalize(sandbox.path("coalmine-out/latest")).unwrap();
    let done = sandbox.coalmine(&["merge", "coalmine-out/first", "coalmine-out/latest"]).await;
    done.code(0);
    for shard in [sandbox.path("coalmine-out/first"), second] {
        assert!(shard.join("summary.json").exists(), "{}", shard.display());
    }
    let others = || (0..20).filter(|number| sandbox.path(&format!("coalmine-out/other-{number}")).exists());
    assert!(others().count() < 20, "nothing was removed");
    assert_eq!(verdicts(&sandbox.summary_in("coalmine-out/latest")).len(), 5);
    let inside = std::fs::read_dir(sandbox.path("coalmine-out/latest")).unwrap();
    let names: Vec<_> = inside.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name != "latest" && name != "other-0"), "{names:?}");
}

#[tokio::test]
async fn a_missing_or_doubled_shard_is_exit_code_2() {
    let sandbox = three(&[], [0, 0, 0]).await;
    merge(&sandbox, &ALL).await.code(0);
    assert_eq!(sandbox.summary_in("merged")["counts"]["pass"], 5);
    let done = merge(&sandbox, &ALL[..2]).await;
    refused(&done, &sandbox, "a shard is missing: 3/3");
    let done = merge(&sandbox, &["shard-2"]).await;
    refused(&done, &sandbox, "shards are missing: 1/3, 3/3");
    let done = merge(&sandbox, &["shard-1", "shard-2", "shard-2"]).await;
    refused(&done, &sandbox, "shard 2 is there twice");
    let done = merge(&sandbox, &["shard-1", "shard-2", "nowhere"]).await;
    refused(&done, &sandbox, "nowhere/events.ndjson");
    let whole = ["run", "--out", "whole", "--seed", "7", "--canary", CANARIES];
    sandbox.coalmine(&whole).await.code(0);
    let done = merge(&sandbox, &["shard-1", "shard-2", "shard-3", "whole"]).await;
    refused(&done, &sandbox, "`whole` is not the folder of a shard");
}

/// The job that merges is the one that a person looks at.
#[tokio::test]
async fn a_merged_run_is_annotated() {
    let sandbox = Sandbox::new();
    for part in ["1/3", "2/3", "3/3"] {
        // which of them fails is not the point
        let done = shard(&sandbox, part, &["--fault", "prompt.history-dropped"]).await;
        assert_ne!(done.status.code(), Some(2), "{}", done.stderr);
    }
    let file = sandbox.path("summary.md");
    let mut command = sandbox.command(&[&["merge", "--out", "merged"], &ALL[..]].concat());
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &file);
    let done = Child::new(&mut command).done().await;
    done.code(1);
    assert!(done.stderr.contains("\n::error title=coalmine prompt.history-missing::"), "{}", done.stderr);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("## ✗ Coalmine: Conversations break\n"));
}

#[tokio::test]
async fn a_killed_shard_is_never_green() {
    let sandbox = three(&[], [0, 0, 0]).await;
    let path = sandbox.path("shard-2/events.ndjson");
    let events = std::fs::read_to_string(&path).unwrap();
    let ends: Vec<usize> = events.match_indices('\n').map(|(at, _)| at + 1).collect();
    for end in ends.iter().rev().skip(1) {
        std::fs::write(&path, &events[..*end]).unwrap();
        merge(&sandbox, &ALL).await.code(2);
    }
    std::fs::write(&path, &events[..ends[0] - 5]).unwrap();
    merge(&sandbox, &ALL).await.code(2);
}

#[tokio::test]
async fn shards_of_different_runs_do_not_merge() {
    let sandbox = three(&[], [0, 0, 0]).await;
    let other = async |arguments: &[&str], code: i32, sentence: &str| {
        std::fs::remove_dir_all(sandbox.path("shard-3")).unwrap();
        shard(&sandbox, "3/3", arguments).await.code(code);
        refused(&merge(&sandbox, &ALL).await, &sandbox, sentence);
    };
    other(
        &["--fault", "session.lost-on-restart"],
        0,
        "the target is `embedded none` in `shard-1` and `embedded session.lost-on-restart` in",
    )
    .await;
    other(&["--lenient"], 0, "the arguments is").await;
    other(&["--skip", "file-caption"], 0, "the list of all canaries is").await;
    std::fs::remove_dir_all(sandbox.path("shard-3")).unwrap();
    let seed = ["run", "--shard", "3/3", "--out", "shard-3", "--seed", "8", "--canary", CANARIES];
    sandbox.coalmine(&seed).await.code(0);
    refused(&merge(&sandbox, &ALL).await, &sandbox, "the seed is `7` in `shard-1` and `8` in `shard-3`");
    std::fs::remove_dir_all(sandbox.path("shard-3")).unwrap();
    shard(&sandbox, "3/4", &[]).await.code(0);
    refused(
        &merge(&sandbox, &ALL).await,
        &sandbox,
        "the number of shards is `3` in `shard-1` and `4` in `shard-3`",
    );
    // the number of parallel canaries may differ
    std::fs::remove_dir_all(sandbox.path("shard-3")).unwrap();
    shard(&sandbox, "3/3", &["--jobs", "2"]).await.code(0);
    merge(&sandbox, &ALL).await.code(0);
}

#[tokio::test]
async fn shards_with_other_promises_do_not_merge() {
    let sandbox = Sandbox::new();
    let plain = "extends = \"reference\"\n";
    let limit = "[[known-limit]]\ncanary = \"name-recall\"\nreason = \"we know\"\n";
    let with = ["--profile", "mine.toml", "--fault", "prompt.history-dropped"];
    let mut codes = BTreeSet::new();
    std::fs::write(sandbox.path("mine.toml"), plain).unwrap();
    for part in ["1/3", "2/3", "3/3"] {
        codes.insert(shard(&sandbox, part, &with).await.status.code());
    }
    assert_eq!(codes, BTreeSet::from([Some(0), Some(1)]));
    merge(&sandbox, &ALL).await.code(1);
    // the shard that failed is made green by a file that has the same name
    let is_red = |folder: &&str| sandbox.summary_in(folder)["verdict"] == "fail";
    let red: Vec<&str> = ALL.into_iter().filter(is_red).collect();
    std::fs::write(sandbox.path("mine.toml"), format!("{plain}{limit}")).unwrap();
    for folder in red {
        std::fs::remove_dir_all(sandbox.path(folder)).unwrap();
        shard(&sandbox, &format!("{}/3", &folder[6..]), &with).await;
    }
    let done = merge(&sandbox, &ALL).await;
    done.code(2);
    assert!(done.stderr.contains("the content of the profile is `"), "{}", done.stderr);
}

#[tokio::test]
async fn an_empty_shard_is_exit_code_0_and_starts_nothing() {
    let sandbox = Sandbox::new();
    let run = |part: &'static str, out: &'static str, target: &'static [&'static str]| {
        let fixed = ["run", "--shard", part, "--out", out, "--seed", "7", "--canary", "name-recall"];
        let sandbox = &sandbox;
        async move { sandbox.coalmine(&[&fixed[..], target].concat()).await }
    };
    run("1/2", "one", &[]).await.code(0);
    let done = run("2/2", "two", &[]).await;
    done.code(0);
    assert!(done.stderr.contains("nothing to do in this shard: no canary was run"), "{}", done.stderr);
    merge(&sandbox, &["one", "two"]).await.code(0);
    // an empty shard alone is not the run
    refused(&merge(&sandbox, &["two"]).await, &sandbox, "a shard is missing: 1/2");
    sandbox.coalmine(&["baseline", "two"]).await.code(2);
    // without an engine, nothing could start
    run("2/2", "three", &["--image", "no-such-image"]).await.code(0);
}

#[tokio::test]
async fn shards_are_balanced_by_the_baseline() {
    let sandbox = Sandbox::new();
    let whole = ["run", "--out", "whole", "--seed", "7", "--canary", CANARIES];
    sandbox.coalmine(&whole).await.code(0);
    sandbox.coalmine(&["baseline", "whole", "-o", "baseline.json"]).await.code(0);
    let mut baseline = crate::support::read_json(&sandbox.path("baseline.json"));
    for canary in baseline["canaries"].as_array_mut().unwrap() {
        canary["duration_ms"] = if canary["id"] == "file-only" { 60_000.into() } else { 10.into() };
    }
    std::fs::write(sandbox.path("baseline.json"), baseline.to_string()).unwrap();
    let judged = ["--baseline", "baseline.json"];
    shard(&sandbox, "1/2", &judged).await.code(0);
    shard(&sandbox, "2/2", &judged).await.code(0);
    let canaries = |folder: &str| verdicts(&sandbox.summary_in(folder)).len();
    assert_eq!((canaries("shard-1"), canaries("shard-2")), (1, 4));
    merge(&sandbox, &ALL[..2]).await.code(0);
    assert!(sandbox.summary_in("merged")["baseline"]["used"]["absent"].as_array().unwrap().is_empty());
    // a shard with other times has other canaries
    std::fs::remove_dir_all(sandbox.path("shard-2")).unwrap();
    shard(&sandbox, "2/2", &[]).await.code(0);
    refused(&merge(&sandbox, &ALL[..2]).await, &sandbox, "the baseline is");
}

#[tokio::test]
async fn a_shard_needs_a_seed_and_two_numbers() {
    let sandbox = Sandbox::new();
    let done = sandbox.coalmine(&["run", "--shard", "1/2"]).await;
    done.code(2);
    assert!(done.stderr.contains("--seed"), "{}", done.stderr);
    for part in ["0/2", "3/2", "2", "1/0", "a/b"] {
        sandbox.coalmine(&["run", "--seed", "1", "--shard", part]).await.code(2);
    }
}
