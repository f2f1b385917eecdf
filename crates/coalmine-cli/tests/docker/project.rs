//! Folders with a `coalmine.toml`: what is built and judged, and what a pull request cannot talk its gate into.

use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{COALMINE, Ended, share_engine, wait};

/// A template repository with the checkouts of a pull request.
struct Repository(TempDir);

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    /// Runs `coalmine run --out ../out` in the folder `head`.
    fn run(&self, arguments: &[&str]) -> Ended {
        let mut run = Command::new(COALMINE);
        run.args(["run", "--out", "../out"]).args(arguments).current_dir(self.0.path().join("head"));
        run.env("DOCKER_BUILDKIT", "0").env_remove("CI").env_remove("GITHUB_STEP_SUMMARY");
        wait(run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.0.path().join("out").join(name)).unwrap()).unwrap()
    }
}

const BASE: &str = "build = \".\"\nprofile = \"reference\"\ncanaries = [\"name-recall\"]\n";
const GREEN: &str = "FROM coalmine/reference:dev\n";
const RED: &str = "FROM coalmine/reference:dev\nENV COALMINE_FAULT=prompt.history-dropped\n";

#[test]
fn image_is_built_and_judged() {
    let Some(_engine) = share_engine() else { return };
    let repository = Repository::new(&[("head/coalmine.toml", BASE), ("head/Dockerfile", GREEN)]);
    let ended = repository.run(&[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let summary = repository.json("summary.json");
    assert_eq!(
        (&summary["target"]["kind"], summary["canaries"].as_array().unwrap().len()),
        (&"docker".into(), 1)
    );
    let red = Repository::new(&[("head/coalmine.toml", BASE), ("head/Dockerfile", RED)]);
    let ended = red.run(&[]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    // what was judged is the image of this folder
    assert_eq!(red.json("summary.json")["diagnosis"]["code"], "prompt.history-missing");
}

#[test]
fn pull_request_cannot_hollow_out_its_gate() {
    let Some(_engine) = share_engine() else { return };
    for (toml, files) in [
        // other canaries, another image, another profile
        ("build = \".\"\nprofile = \"reference\"\ncanaries = [\"agent-card\"]\n", 2),
        ("build = { dockerfile = \"Good\" }\nprofile = \"reference\"\ncanaries = [\"name-recall\"]\n", 2),
        ("image = \"coalmine/reference:dev\"\nprofile = \"reference\"\ncanaries = [\"name-recall\"]\n", 2),
        ("build = \".\"\nprofile = \"mine.toml\"\ncanaries = [\"name-recall\"]\n", 2),
        // none at all, and one that nobody can read
        ("", 1),
        ("build = [\n", 2),
    ] {
        let limit =
            "extends = \"reference\"\n[[known-limit]]\ncanary = \"name-recall\"\nreason = \"so it is\"\n";
        let mut all = vec![
            ("base/coalmine.toml", BASE),
            ("head/Dockerfile", RED),
            ("head/Good", GREEN),
            ("head/mine.toml", limit),
        ];
        if !toml.is_empty() {
            all.push(("head/coalmine.toml", toml));
        }
        let repository = Repository::new(&all);
        let ended = repository.run(&["--base", "../base"]);
        assert_eq!(ended.code, Some(1), "{toml}\n{}", ended.stderr);
        assert!(ended.stderr.contains("this pull request changes its own gate"), "{toml}\n{}", ended.stderr);
        let gate = repository.json("gate.json");
        let codes: Vec<_> =
            gate["runs"].as_array().unwrap().iter().map(|run| run["exit-code"].clone()).collect();
        assert_eq!((codes.len(), &codes[0]), (files, &1.into()), "{toml}: {gate}");
        if files == 2 && !toml.contains("[\n") {
            assert_eq!(codes[1], 0, "{toml}: {gate}");
            assert_eq!(repository.json("head/summary.json")["verdict"], "pass");
            assert_eq!(repository.json("base/summary.json")["verdict"], "fail");
        }
    }
}

#[test]
fn broken_file_of_a_pull_request_is_never_green() {
    let Some(_engine) = share_engine() else { return };
    let repository = Repository::new(&[
        ("base/coalmine.toml", BASE),
        ("head/coalmine.toml", "build = [\n"),
        ("head/Dockerfile", GREEN),
    ]);
    let ended = repository.run(&["--base", "../base"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(repository.json("base/summary.json")["verdict"], "pass");
}

#[test]
fn unchanged_gate_is_judged_once() {
    let Some(_engine) = share_engine() else { return };
    let same = format!("# a comment\n{BASE}");
    let repository = Repository::new(&[
        ("base/coalmine.toml", BASE),
        ("head/coalmine.toml", &same),
        ("head/Dockerfile", GREEN),
    ]);
    let ended = repository.run(&["--base", "../base"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("changes its own gate"), "{}", ended.stderr);
    assert_eq!(repository.json("summary.json")["verdict"], "pass");
    assert_eq!(repository.json("gate.json")["runs"][0]["folder"], ".");
}
