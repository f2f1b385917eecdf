//! `coalmine gate lint` from outside: its three outputs, its exit codes, and what hostile files do to it.

use serde_json::Value;

use crate::support::{Output, Sandbox, assert_harmless, assert_no_control, assert_shown};

const GOOD: &str = "name: gate\non:\n  pull_request:\njobs:\n  gate:\n    runs-on: docker-host\n    steps:\n      - run: ./gate\n";
const BAD: &str = "name: gate\non:\n  pull_request:\n  workflow_dispatch:\n    inputs: {a: {}}\njobs:\n  gate:\n    \
                   runs-on: docker-host\n    timeout-minutes: 5\n    if: false\n    steps:\n      - run: ./gate\n";

fn with(files: &[(&str, &[u8])]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (path, text) in files {
        let path = sandbox.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    sandbox
}

async fn lint(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.coalmine(&[&["gate", "lint"], arguments].concat()).await
}

#[tokio::test]
async fn text_shows_places_versions_and_help() {
    let sandbox = with(&[(".gitea/workflows/gate.yml", BAD.as_bytes())]);
    let done = lint(&sandbox, &[]).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stderr
    GW001

      × the file is ignored: `inputs` under `on.workflow_dispatch` is a map
       ╭─[.gitea/workflows/gate.yml:5:5]
     5 │     inputs: {a: {}}
       ·     ───┬──
       ·        ╰── Gitea before 1.23
       ╰────
      help: write filters as lists of texts, with numbers in quotes, and move inputs into a workflow of its own
            that is not required

    GW011

      ⚠ `timeout-minutes` has no effect before 1.27
       ╭─[.gitea/workflows/gate.yml:9:5]
     9 │     timeout-minutes: 5
       ·     ───────┬───────
       ·            ╰── Gitea before 1.27
       ╰────
      help: give the script a deadline of its own, such as `timeout 20m …`

    GW004

      × the required job `gate` is green without running if its condition is false
        ╭─[.gitea/workflows/gate.yml:10:9]
     10 │     if: false
        ·         ──┬──
        ·           ╰── here
        ╰────
      help: move the condition to the steps; a job that needs others may have exactly `if: always()`

    2 errors, 1 warning in 1 workflow file
    explain: coalmine explain GW001
    ");
}

#[tokio::test]
async fn json_matches_its_schema() {
    let sandbox =
        with(&[(".gitea/workflows/gate.yml", BAD.as_bytes()), (".github/workflows/x.yml", GOOD.as_bytes())]);
    let done = lint(&sandbox, &["--format", "json"]).await;
    assert_eq!(done.stderr, "");
    let printed: Value = serde_json::from_str(&done.code(1).stdout).unwrap();
    let schema = sandbox.coalmine(&["schema", "lint"]).await.code(0).stdout.clone();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&printed).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(printed["files"][0]["forge"], "Gitea 1.22 to 1.27");
    assert_eq!(printed["files"][1]["forge"], "GitHub");
    let first = &printed["findings"][0];
    assert_eq!((&first["rule"], &first["line"], &first["column"]), (&"GW001".into(), &5.into(), &5.into()));
    assert_eq!((&first["end_line"], &first["end_column"]), (&5.into(), &11.into()));
    assert_eq!(first["versions"][0]["until"], "1.23");
}

#[tokio::test]
async fn annotations_name_file_line_and_rule() {
    let sandbox = with(&[(".gitea/workflows/gate.yml", BAD.as_bytes())]);
    let done = lint(&sandbox, &["--format", "github", "--forge", "gitea@1.22.6"]).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stdout
    ::error file=.gitea/workflows/gate.yml,line=5,col=5,title=GW001::the file is ignored: `inputs` under `on.workflow_dispatch` is a map; write filters as lists of texts, with numbers in quotes, and move inputs into a workflow of its own that is not required
    ::error file=.gitea/workflows/gate.yml,line=10,col=9,title=GW004::the required job `gate` is green without running if its condition is false; move the condition to the steps; a job that needs others may have exactly `if: always()`
    ::warning file=.gitea/workflows/gate.yml,line=9,col=5,title=GW011::`timeout-minutes` has no effect before 1.27; give the script a deadline of its own, such as `timeout 20m …`
    ");
}

#[tokio::test]
async fn warnings_alone_are_exit_code_0() {
    let text = GOOD.replace("    steps", "    timeout-minutes: 5\n    steps");
    let sandbox = with(&[(".gitea/workflows/gate.yml", text.as_bytes())]);
    let done = lint(&sandbox, &[]).await;
    assert!(done.code(0).stderr.contains("0 errors, 1 warning in 1 workflow file"), "{}", done.stderr);
    lint(&sandbox, &["--forge", "gitea@1.27"]).await.code(0);
}

#[tokio::test]
async fn a_forge_reads_one_folder() {
    let sandbox =
        with(&[(".gitea/workflows/a.yml", GOOD.as_bytes()), (".github/workflows/b.yml", BAD.as_bytes())]);
    lint(&sandbox, &["--forge", "gitea"]).await.code(0);
    lint(&sandbox, &["--forge", "github"]).await.code(1);
    lint(&sandbox, &[]).await.code(1);
    let only_github = with(&[(".github/workflows/b.yml", BAD.as_bytes())]);
    let done = lint(&only_github, &["--forge", "gitea@1.22.6"]).await;
    assert!(done.code(1).stderr.contains("GW001"), "{}", done.stderr);
}

#[tokio::test]
async fn required_contexts_are_compared() {
    let sandbox = with(&[("gate.yml", GOOD.as_bytes())]);
    let required = ["gate.yml", "--required", "gate (pull_request)"];
    let done = lint(&sandbox, &required).await;
    assert!(done.code(1).stderr.contains("require `gate / gate (pull_request)`"), "{}", done.stderr);
    lint(&sandbox, &["gate.yml", "--required", "gate / gate (pull_request)"]).await.code(0);
    let both =
        with(&[(".gitea/workflows/a.yml", GOOD.as_bytes()), (".github/workflows/b.yml", GOOD.as_bytes())]);
    let done = lint(&both, &["--required", "gate"]).await;
    assert!(done.code(2).stderr.contains("with `--forge`"), "{}", done.stderr);
    lint(&both, &["--required", "gate", "--forge", "github"]).await.code(0);
}

#[tokio::test]
async fn canonical_file_and_base_branch_are_compared() {
    let other = GOOD.replace("  gate:\n", "  other:\n");
    let sandbox = with(&[
        (".gitea/workflows/gate.yml", other.as_bytes()),
        ("canonical/gate.yml", GOOD.as_bytes()),
        ("base/.gitea/workflows/gate.yml", GOOD.as_bytes()),
        ("base/.gitea/workflows/gone.yml", GOOD.replace("name: gate", "name: gone").as_bytes()),
    ]);
    let done = lint(&sandbox, &["--canonical", "canonical/gate.yml"]).await;
    assert!(done.code(1).stderr.contains("GW018"), "{}", done.stderr);
    lint(&sandbox, &["canonical/gate.yml", "--canonical", "canonical/gate.yml"]).await.code(0);
    let done = lint(&sandbox, &["--base", "base"]).await;
    assert_eq!(done.code(1).stderr.matches("× the change removes").count(), 2, "{}", done.stderr);
    let done = lint(&sandbox, &[".gitea/workflows/gate.yml", "--base", "base/.gitea/workflows"]).await;
    assert_eq!(done.code(1).stderr.matches("× the change removes").count(), 1, "{}", done.stderr);
    let missing = lint(&sandbox, &["--base", "nowhere"]).await;
    assert!(missing.code(2).stderr.contains("could not read"), "{}", missing.stderr);
}

#[tokio::test]
async fn no_workflow_is_exit_code_2() {
    let done = lint(&Sandbox::new(), &[]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: no workflow file in the current folder

    hint: name the files, or run this in a folder with `.gitea/workflows`, `.forgejo/workflows`, `.github/workflows`; their names end in `.yml` or `.yaml`
    ");
}

#[tokio::test]
async fn files_that_cannot_be_judged_are_exit_code_2() {
    let long = [b"on: x\njobs: {}\n".as_slice(), &[b'#'; 2 << 20]].concat();
    let sandbox = with(&[
        ("text.yml", b"hello: world\n"),
        ("bytes.yml", b"on: push\njobs: \xff\n"),
        ("long.yml", &long),
        ("bad.yml", BAD.as_bytes()),
    ]);
    for (file, reason) in [
        ("text.yml", "no workflow"),
        ("bytes.yml", "byte 16 of the file is not UTF-8"),
        ("long.yml", "longer than 1024 KiB"),
        ("missing.yml", "could not read `missing.yml`"),
        ("/dev/zero", "longer than 16 MiB"),
    ] {
        let done = lint(&sandbox, &[file, "bad.yml"]).await;
        let stderr = done.code(2).stderr.replace('\n', " ");
        assert!(stderr.contains(reason) && stderr.contains("GW001"), "{stderr}");
        let json = lint(&sandbox, &[file, "bad.yml", "--format", "json"]).await;
        let json: Value = serde_json::from_str(&json.code(2).stdout).unwrap();
        assert_eq!(json["unreadable"][0]["path"], file);
    }
}

#[tokio::test]
async fn links_in_a_repository_are_not_followed() {
    let sandbox =
        with(&[(".gitea/workflows/gate.yml", GOOD.as_bytes()), ("secret", b"on: x\njobs: [secret: word\n")]);
    std::os::unix::fs::symlink(sandbox.path("secret"), sandbox.path(".gitea/workflows/link.yml")).unwrap();
    let done = lint(&sandbox, &[]).await;
    assert!(
        done.code(2).stderr.contains("symbolic link") && !done.stderr.contains("secret"),
        "{}",
        done.stderr
    );
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let name = "\u{1b}[2J\u{202e}::error::x ##[group]y";
    let words = format!("\"{}\"", name.replace('\u{1b}', "\\e").replace('\u{202e}', "\\u202e"));
    let mut text = format!("name: {words}\non: pull_request\njobs:\n");
    text.push_str(&format!(
        "  ? {words}\n  : {{if: x}}\n  b:\n    uses: \"::error file=x::{}\"\n",
        "y".repeat(900_000)
    ));
    text.push_str("  c:\n    steps:\n      - run: |\n          \u{202e}::error::z; git log | head -3\n");
    let sandbox = with(&[(".gitea/workflows/::error::a,b%0A.yml", text.as_bytes())]);
    let done = lint(&sandbox, &[]).await;
    assert_harmless(&done.code(1).stderr);
    assert!(done.stderr.len() < 20_000, "{}", done.stderr.len());
    let json = lint(&sandbox, &["--format", "json"]).await;
    assert_no_control(&json.code(1).stdout);
    assert!(json.stdout.len() < 20_000 && !json.stdout.contains("::error"), "{}", json.stdout);
    let annotations = lint(&sandbox, &["--format", "github"]).await;
    assert_no_control(&annotations.code(1).stdout);
    for line in annotations.stdout.lines() {
        let start = "::error file=.gitea/workflows/%3A\\x3aerror%3A\\x3aa%2Cb%250A.yml,line=";
        assert!(
            line.starts_with(start) || line.starts_with(&start.replacen("error", "warning", 1)),
            "{line}"
        );
        assert_eq!(line.matches("::").count(), 2, "{line}");
    }
}

#[tokio::test]
async fn every_rule_has_a_page() {
    let sandbox = Sandbox::new();
    let all = sandbox.coalmine(&["explain"]).await.code(0).stdout.clone();
    for number in 0..=21 {
        let id = format!("GW{number:03}");
        let page = sandbox.coalmine(&["explain", &id.to_lowercase()]).await.code(0).stdout.clone();
        assert!(page.starts_with(&format!("# {id}: ")), "{page}");
        assert!(all.lines().any(|line| line.starts_with(&id)), "{all}");
    }
}

#[tokio::test]
async fn unknown_forges_are_refused() {
    let done = lint(&Sandbox::new(), &["--forge", "gitlab"]).await;
    assert!(done.code(2).stderr.contains("expected `gitea`, `forgejo` or `github`"), "{}", done.stderr);
}
