//! `coalmine.toml`: what it may say, and what it may not reach.

use std::os::unix::fs::{PermissionsExt, symlink};

use tokio::process::Command;

use crate::support::{Child, Output, Sandbox, assert_harmless, assert_shown};

/// Returns a sandbox with these files.
fn with(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    write(&sandbox, files);
    sandbox
}

fn write(sandbox: &Sandbox, files: &[(&str, &str)]) {
    for (name, text) in files {
        std::fs::create_dir_all(sandbox.path(name).parent().unwrap()).unwrap();
        std::fs::write(sandbox.path(name), text).unwrap();
    }
}

/// Runs `coalmine run --out out` where `docker` is a script that writes its arguments to a file.
async fn run_with_docker(sandbox: &Sandbox, script: &str) -> Output {
    write(sandbox, &[("bin/docker", &format!("#!/bin/sh\n{script}\n"))]);
    let script = sandbox.path("bin/docker");
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command: Command = sandbox.command(&["run", "--out", "out"]);
    command.env("PATH", sandbox.path("bin"));
    Child::new(&mut command).done().await
}

async fn builds(sandbox: &Sandbox, base: &[&str]) -> Vec<String> {
    let done = sandbox.coalmine(&[&["project", "builds", "--tag", "t"], base].concat()).await;
    done.code(0).stdout.split("\0\0").map(|image| image.replace('\0', " ")).collect()
}

#[tokio::test]
async fn unknown_key_is_shown_in_its_place() {
    let sandbox = with(&[("coalmine.toml", "build = \".\"\nprofil = \"generic\"\n")]);
    let done = sandbox.run(&[]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × coalmine.toml:2:1: unknown key `profil`
       ╭─[coalmine.toml:2:1]
     1 │ build = "."
     2 │ profil = "generic"
       · ───┬──
       ·    ╰── here
       ╰────
      help: did you mean `profile`?
    "#);
}

#[tokio::test]
async fn nothing_is_judged_without_an_image() {
    let sandbox =
        with(&[("coalmine.toml", "profile = \"mine.toml\"\n"), ("mine.toml", "command = \"touch ran\"\n")]);
    let done = sandbox.run(&[]).await;
    assert!(done.code(2).stderr.contains("`coalmine.toml` names no image"), "{}", done.stderr);
    assert!(!sandbox.path("ran").exists());
    write(&sandbox, &[("coalmine.toml", "")]);
    assert!(sandbox.run(&[]).await.code(2).stderr.contains("names no image"));
    write(&sandbox, &[("base/coalmine.toml", "")]);
    assert!(sandbox.run(&["--base", "base"]).await.code(2).stderr.contains("names no image"));
}

#[tokio::test]
async fn image_is_built_with_the_docker_command() {
    let toml = "[build]\ncontext = \"agent\"\ndockerfile = \"docker/Agent\"\nargs = { A = \"b c\" }\ntarget = \"last\"\n";
    let sandbox = with(&[("coalmine.toml", toml), ("agent/docker/Agent", "FROM scratch\n")]);
    let done = run_with_docker(&sandbox, "printf '%s\\n' \"$@\" >arguments").await;
    // there is no engine in the sandbox
    assert!(done.code(2).stderr.contains("following coalmine.toml\n"), "{}", done.stderr);
    let arguments = std::fs::read_to_string(sandbox.path("arguments")).unwrap();
    let arguments: Vec<&str> = arguments.lines().collect();
    assert_eq!(arguments[..3], ["build", "--force-rm", "--tag"]);
    assert!(arguments[3].starts_with("coalmine-build/"), "{arguments:?}");
    let expected = ["--file", "./agent/docker/Agent", "--build-arg", "A=b c", "--target", "last", "./agent"];
    assert_eq!(arguments[4..], expected);
}

#[tokio::test]
async fn failed_and_impossible_builds_are_no_verdict() {
    let sandbox = with(&[("coalmine.toml", "build = \".\"\n"), ("Dockerfile", "FROM scratch\n")]);
    let done = run_with_docker(&sandbox, "exit 1").await;
    assert!(done.code(2).stderr.contains("could not build the image"), "{}", done.stderr);
    std::fs::remove_dir_all(sandbox.path("bin")).unwrap();
    let mut command = sandbox.command(&["run", "--out", "out"]);
    command.env("PATH", sandbox.path("bin"));
    let done = Child::new(&mut command).done().await;
    assert!(done.code(2).stderr.contains("there is no `docker` command"), "{}", done.stderr);
    assert!(done.stderr.contains("`--image`"), "{}", done.stderr);
}

#[tokio::test]
async fn links_that_lead_out_of_the_repository_are_not_followed() {
    for (name, to, toml) in [
        ("coalmine.toml", "/proc/self/environ", ""),
        ("agent", "/etc", "build = \"agent\"\n"),
        ("Dockerfile", "/etc/passwd", "build = \".\"\n"),
        (".dockerignore", "/dev/zero", "build = \".\"\n"),
        ("old.json", "/etc/passwd", "image = \"x\"\nbaseline = \"old.json\"\n"),
        ("mine.toml", "/etc/passwd", "image = \"x\"\nprofile = \"mine.toml\"\n"),
        ("mine", "/etc", "image = \"x\"\ncanaries = [\"mine/\"]\n"),
        ("mine/a.toml", "/etc/passwd", "image = \"x\"\ncanaries = [\"mine/\"]\n"),
        ("mine.toml", "../outside.toml", "image = \"x\"\ncanaries = [\"mine.toml\"]\n"),
    ] {
        let sandbox = Sandbox::new();
        write(&sandbox, &[("outside.toml", "SECRET")]);
        if name != "coalmine.toml" {
            write(&sandbox, &[("head/coalmine.toml", toml)]);
        }
        if name != "Dockerfile" {
            write(&sandbox, &[("head/Dockerfile", "FROM scratch\n")]);
        }
        std::fs::create_dir_all(sandbox.path("head").join(name).parent().unwrap()).unwrap();
        symlink(to, sandbox.path("head").join(name)).unwrap();
        let mut command = sandbox.command(&["run", "--out", "out"]);
        let done = Child::new(command.current_dir(sandbox.path("head"))).done().await;
        let expected = "leads out of the repository";
        assert!(done.code(2).stderr.contains(expected), "{name} -> {to}: {}", done.stderr);
        assert!(!done.stderr.contains("root:"), "{}", done.stderr);
    }
}

#[tokio::test]
async fn baseline_of_the_file_is_read() {
    let sandbox = with(&[("coalmine.toml", "image = \"x\"\nbaseline = \"old.json\"\n"), ("old.json", "{}")]);
    let done = sandbox.run(&[]).await;
    assert!(done.code(2).stderr.contains("old.json"), "{}", done.stderr);
}

#[tokio::test]
async fn base_branch_decides_what_is_built() {
    let sandbox = with(&[
        ("base/coalmine.toml", "build = \"agent\"\n"),
        ("coalmine.toml", "build = \"agent\"\nport = 9000\n"),
        ("agent/Dockerfile", "FROM scratch\n"),
        ("good/Dockerfile", "FROM scratch\n"),
    ]);
    let base = &["--base", "base"];
    assert_eq!(builds(&sandbox, base).await, ["--force-rm --tag t:1 --file ./agent/Dockerfile ./agent", ""]);
    write(&sandbox, &[("coalmine.toml", "build = \"good\"\n")]);
    let expected = [
        "--force-rm --tag t:1 --file ./agent/Dockerfile ./agent",
        "--force-rm --tag t:2 --file ./good/Dockerfile ./good",
        "",
    ];
    assert_eq!(builds(&sandbox, base).await, expected);
    write(&sandbox, &[("coalmine.toml", "image = \"good:dev\"\n")]);
    assert_eq!(builds(&sandbox, base).await, [expected[0], ""]);
    assert_eq!(builds(&sandbox, &[]).await, [""]);
}

#[tokio::test]
async fn changes_of_a_pull_request_are_listed() {
    let profile = "extends = \"reference\"\n";
    let sandbox = with(&[
        ("base/coalmine.toml", "image = \"x:dev\"\nprofile = \"gate/mine.toml\"\nstrict = true\n"),
        ("base/gate/mine.toml", profile),
        ("base/.gitea/workflows/session-continuity-e2e.yml", "a"),
        ("coalmine.toml", "image = \"x:dev\"\nprofile = \"gate/mine.toml\"\ncanaries = [\"agent-card\"]\n"),
        ("gate/mine.toml", "extends = \"reference\"\nport = 1\n"),
    ]);
    let done = sandbox.run(&["--base", "base", "--pull", "never"]).await;
    done.code(2);
    let (shown, _) = done.stderr.split_once("error:").unwrap();
    assert_shown!(shown, @r#"
    following base/coalmine.toml
    warning: this pull request changes its own gate:
      `canaries` in coalmine.toml: nothing became ["agent-card"]
      `strict` in coalmine.toml: true became nothing
      `gate/mine.toml` differs
      the workflow `.gitea/workflows/session-continuity-e2e.yml` differs
    it is judged twice, with the files of the base branch and with its own; the worse verdict counts. If it does not change them, it is behind its base branch
    coalmine: image x:dev · profile mine · model simulated · seed [seed]
    "#);
    let gate = crate::support::read_json(&sandbox.path("out/gate.json"));
    assert_eq!(gate["changes"].as_array().unwrap().len(), 4);
    assert_eq!((&gate["exit-code"], &gate["runs"][1]["folder"]), (&2.into(), &"head".into()));
    // what only takes effect once it is merged is said, and judged once
    let pinned = format!("tool-image = \"t@sha256:{}\"\n", "0".repeat(64));
    write(
        &sandbox,
        &[
            ("base/coalmine.toml", "image = \"x:dev\"\n"),
            ("coalmine.toml", &format!("image = \"x:dev\"\n{pinned}")),
        ],
    );
    std::fs::remove_dir_all(sandbox.path("base/.gitea")).unwrap();
    let done = sandbox.run(&["--base", "base", "--pull", "never"]).await;
    assert!(done.code(2).stderr.contains("has no effect before it is merged"), "{}", done.stderr);
}

#[tokio::test]
async fn base_branch_without_the_file_is_said() {
    let sandbox = with(&[("coalmine.toml", "image = \"x:dev\"\n"), ("base/README.md", "")]);
    let done = sandbox.run(&["--base", "base", "--pull", "never"]).await;
    assert!(done.code(2).stderr.contains("the base branch has no coalmine.toml"), "{}", done.stderr);
    std::fs::remove_file(sandbox.path("coalmine.toml")).unwrap();
    let done = sandbox.run(&["--base", "base"]).await;
    assert!(done.code(2).stderr.contains("neither this folder nor `base` has"), "{}", done.stderr);
}

#[tokio::test]
async fn what_a_file_says_does_nothing_in_a_log() {
    let hostile = "profile = \"a/\\n::error::x\\u001b[31m\\u202e.toml\"\nimage = \"x\"\n";
    let sandbox = with(&[("base/coalmine.toml", "image = \"x\"\n"), ("coalmine.toml", hostile)]);
    let summary = sandbox.path("summary.md");
    let mut command = sandbox.command(&["run", "--out", "out", "--base", "base", "--pull", "never"]);
    let done = Child::new(command.env("GITHUB_STEP_SUMMARY", &summary)).done().await;
    done.code(2);
    assert_harmless(&done.stderr);
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("changes its own gate") && summary.contains("\\n:\\x3aerror"), "{summary}");
}
