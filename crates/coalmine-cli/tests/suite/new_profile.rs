//! Profiles that `coalmine new profile` writes.

use crate::support::{COALMINE, Sandbox, assert_shown, verdicts};

fn text(sandbox: &Sandbox, file: &str) -> String {
    std::fs::read_to_string(sandbox.path(file)).unwrap()
}

async fn checked(sandbox: &Sandbox, file: &str) {
    sandbox.coalmine(&["check", file]).await.code(0);
}

#[tokio::test]
async fn new_profile_is_valid_and_says_what_to_do_next() {
    let sandbox = Sandbox::new();
    let done = sandbox.coalmine(&["new", "profile", "mine"]).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stdout
    wrote mine.toml
    --- stderr
    check it: coalmine check mine.toml
    run it:   coalmine run --image my-agent:dev --profile mine.toml
    ");
    checked(&sandbox, "mine.toml").await;
    // each example is a valid line
    let examples = text(&sandbox, "mine.toml").replace("\n# ", "\n").replacen("# mine", "#", 1);
    let examples: Vec<&str> = examples.lines().filter(|line| !line.starts_with(['`', 'L'])).collect();
    std::fs::write(sandbox.path("all.toml"), examples.join("\n")).unwrap();
    checked(&sandbox, "all.toml").await;
}

#[tokio::test]
async fn new_profile_never_overwrites_a_file() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("mine.toml"), "precious").unwrap();
    let done = sandbox.coalmine(&["new", "profile", "mine"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: `mine.toml` already exists

    hint: give another name or file
    ");
    assert_eq!(text(&sandbox, "mine.toml"), "precious");
    let shown = sandbox.coalmine(&["new", "profile", "-"]).await.code(0).stdout.clone();
    assert!(shown.contains("extends = \"generic\""), "{shown}");
    sandbox.coalmine(&["new", "profile", "generic"]).await.code(2);
    let done = sandbox.coalmine(&["new", "profile", "--from-run", "nowhere"]).await;
    assert!(done.code(2).stderr.contains("hint: give the folder of a finished run"), "{}", done.stderr);
}

/// The reference runtime as a command, and canaries that `generic` skips.
const CANARIES: &str = "name-recall,file-by-uri,skill-call";

fn command() -> String {
    format!("exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}")
}

#[tokio::test]
async fn profile_from_a_run_judges_what_was_skipped() {
    let (sandbox, command) = (Sandbox::new(), command());
    let secret = ["--env", "MY_TOKEN=a-long-secret", "--env", "MODE=x"];
    let first = sandbox.run(&[&["--cmd", &command, "--canary", CANARIES], &secret[..]].concat()).await;
    assert!(first.code(0).stderr.contains("coalmine new profile --from-run out\n"), "{}", first.stderr);
    let done = sandbox.coalmine(&["new", "profile", "--from-run", "out", "mine"]).await;
    assert!(
        done.code(0).stderr.contains("--env 'MY_TOKEN=[redacted]' --profile mine.toml"),
        "{}",
        done.stderr
    );
    checked(&sandbox, "mine.toml").await;
    let profile = text(&sandbox, "mine.toml");
    for line in [
        "# skipped without it: file-by-uri\nlink = \"http\"",
        "folder = \"{state}/skills\"",
        "MODE = \"x\"",
        "command = ",
    ] {
        assert!(profile.contains(line), "{line}: {profile}");
    }
    assert!(!profile.contains("a-long-secret"), "{profile}");
    let arguments = ["run", "--profile", "mine.toml", "--canary", CANARIES, "--out", "second"];
    sandbox.coalmine(&arguments).await;
    let verdicts = verdicts(&sandbox.summary_in("second"));
    assert!(verdicts.iter().all(|(_, verdict)| verdict != "skip"), "{verdicts:?}");
}

#[tokio::test]
async fn profile_of_the_run_is_copied_and_completed() {
    let (sandbox, command) = (Sandbox::new(), command());
    let own = "# mine\nextends = \"reference\"\n[attachments]\nlink = \"unknown\"  # for now\n";
    std::fs::write(sandbox.path("old.toml"), own).unwrap();
    let arguments = ["--cmd", &command, "--profile", "old.toml", "--canary", "name-recall,file-by-uri"];
    sandbox.run(&arguments).await.code(0);
    sandbox.coalmine(&["new", "profile", "--from-run", "out", "new.toml"]).await.code(0);
    checked(&sandbox, "new.toml").await;
    let profile = text(&sandbox, "new.toml");
    assert!(profile.starts_with("# mine\nextends = \"reference\"\ncommand = \"exec "), "{profile}");
    assert!(
        profile.ends_with("# skipped without it: file-by-uri\nlink = \"http\"  # for now\n"),
        "{profile}"
    );
    assert_eq!(text(&sandbox, "old.toml"), own);
}
