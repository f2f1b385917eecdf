//! `coalmine init`: what it finds, what it writes, and what it never touches.

use std::os::unix::fs::symlink;

use crate::support::{Sandbox, assert_harmless, assert_shown};

const GITEA: &str = include_str!("../../../../local-e2e/templates/session-continuity-e2e.yml");
const GITHUB: &str = include_str!("../../../../local-e2e/templates/session-continuity-e2e.github.yml");
const WORKFLOW: &str = ".gitea/workflows/session-continuity-e2e.yml";

/// Returns a sandbox with these files.
fn with(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in files {
        std::fs::create_dir_all(sandbox.path(name).parent().unwrap()).unwrap();
        std::fs::write(sandbox.path(name), text).unwrap();
    }
    sandbox
}

fn read(sandbox: &Sandbox, name: &str) -> String {
    std::fs::read_to_string(sandbox.path(name)).unwrap()
}

#[tokio::test]
async fn writes_what_it_found_once() {
    let sandbox = with(&[
        ("Dockerfile", "FROM python\nEXPOSE 9000\n"),
        ("requirements.txt", "langgraph==1.2\na2a-sdk\n"),
        (".gitea/ISSUE_TEMPLATE/bug.md", ""),
    ]);
    let dry = sandbox.coalmine(&["init", "--dry-run"]).await;
    assert!(dry.code(0).stdout.contains("--- coalmine.toml\n"), "{}", dry.stdout);
    assert!(!sandbox.path("coalmine.toml").exists());
    let done = sandbox.coalmine(&["init"]).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stdout
    wrote coalmine.toml
    wrote .gitea/workflows/session-continuity-e2e.yml
    --- stderr
    found      Dockerfile, from which the image is built
    found      port 9000, which it exposes
    found      langgraph, which has the profile `langgraph`
    found      Gitea, by the folder .gitea
    left open  `tool-image` in coalmine.toml, without which the gate cannot judge
    next       coalmine run
    ");
    assert_eq!(read(&sandbox, WORKFLOW), GITEA);
    let toml = read(&sandbox, "coalmine.toml");
    assert_shown!(toml, @r##"
    # How this repository is judged: docs/gate.md of coalmine. Flags of `coalmine run` override it.
    build = "."
    profile = "langgraph"
    port = 9000

    # the image of coalmine that judges in the gate, by digest, in a line of its own
    # tool-image = "registry/coalmine@sha256:…"
    "##);
    let again = sandbox.coalmine(&["init"]).await;
    assert_eq!(again.code(0).stdout, format!("unchanged coalmine.toml\nunchanged {WORKFLOW}\n"));
}

#[tokio::test]
async fn different_file_is_named_and_kept() {
    let sandbox = with(&[("coalmine.toml", "image = \"mine\"\n"), ("Dockerfile", "FROM x\n")]);
    let done = sandbox.coalmine(&["init", "--forge", "gitea"]).await;
    assert!(done.code(2).stderr.contains("`coalmine.toml` exists and differs"), "{}", done.stderr);
    assert_eq!(read(&sandbox, "coalmine.toml"), "image = \"mine\"\n");
    assert!(!sandbox.path(".gitea").exists());
}

#[tokio::test]
async fn forge_comes_from_the_remote_or_is_asked_for() {
    let git = |url: &str| format!("[remote \"origin\"]\n\turl = {url}\n");
    let sandbox = with(&[]);
    let done = sandbox.coalmine(&["init"]).await;
    assert!(done.code(2).stderr.contains("`--forge gitea`"), "{}", done.stderr);
    let sandbox = with(&[(".git/config", &git("https://x:secret@github.com/a/b"))]);
    let done = sandbox.coalmine(&["init"]).await;
    assert!(!done.code(0).stderr.contains("secret"), "{}", done.stderr);
    assert_eq!(read(&sandbox, ".github/workflows/session-continuity-e2e.yml"), GITHUB);
    let sandbox = with(&[(".forgejo/workflows/a.yml", "")]);
    sandbox.coalmine(&["init"]).await.code(0);
    assert_eq!(read(&sandbox, ".forgejo/workflows/session-continuity-e2e.yml"), GITEA);
}

#[tokio::test]
async fn other_workflows_are_not_silenced() {
    let sandbox = with(&[(".github/workflows/ci.yml", "ci"), (".github/workflows/notes.md", "")]);
    let done = sandbox.coalmine(&["init", "--forge", "gitea"]).await;
    assert!(
        done.code(2).stderr.contains("would silence the workflow in `.github/workflows`"),
        "{}",
        done.stderr
    );
    assert!(!sandbox.path("coalmine.toml").exists() && !sandbox.path(".gitea").exists());
    let done = sandbox.coalmine(&["init", "--forge", "gitea", "--move-workflows"]).await;
    assert!(done.code(0).stdout.starts_with("moved .github/workflows/ci.yml to .gitea/workflows\n"));
    assert_eq!(
        (read(&sandbox, ".gitea/workflows/ci.yml").as_str(), read(&sandbox, WORKFLOW).as_str()),
        ("ci", GITEA)
    );
    assert!(sandbox.path(".github/workflows/notes.md").exists());
}

#[tokio::test]
async fn nothing_is_written_or_read_through_links() {
    for (name, to) in [
        (".gitea", "../outside"),
        (".gitea/workflows", "../../outside"),
        (WORKFLOW, "../../../outside/file"),
        ("coalmine.toml", "../outside/file"),
        ("coalmine.toml", "../outside/absent"),
        ("Dockerfile", "/etc/passwd"),
        ("requirements.txt", "/dev/zero"),
    ] {
        let sandbox = with(&[("outside/file", "kept"), ("repo/README.md", "")]);
        let link = sandbox.path("repo").join(name);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(to, link).unwrap();
        let done = sandbox.coalmine(&["init", "repo", "--forge", "gitea"]).await;
        done.code(2);
        assert!(!done.stderr.contains("root:"), "{}", done.stderr);
        let outside: Vec<_> = std::fs::read_dir(sandbox.path("outside")).unwrap().collect();
        assert_eq!((outside.len(), read(&sandbox, "outside/file").as_str()), (1, "kept"), "{name}");
    }
}

#[tokio::test]
async fn hostile_contents_are_only_text() {
    let sandbox = with(&[
        ("Dockerfile", "FROM x\nEXPOSE \u{1b}[31m\nRUN pip install \"langgraph\\n::error::\"\n"),
        ("package.json", "{\"dependencies\":{\"\\u001b[2J\":\"1\",\"$(touch ran)\":\"1\"}}"),
        ("pyproject.toml", "[[[[[["),
        (".git/config", "[remote \"origin\"]\nurl = https://gitea.local/\u{202e}$(touch ran)\n"),
    ]);
    let done = sandbox.coalmine(&["init"]).await;
    assert_harmless(&done.code(0).stderr);
    assert_harmless(&done.stdout);
    assert!(!sandbox.path("ran").exists());
    let long = with(&[("requirements.txt", &"x\n".repeat(9 << 20))]);
    let done = long.coalmine(&["init", "--forge", "gitea"]).await;
    assert!(done.code(2).stderr.contains("longer than 16 MiB"), "{}", done.stderr);
}
