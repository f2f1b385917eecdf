//! Runtimes that put traps into the folders that coalmine looks into.

use std::time::{Duration, Instant};

use crate::support::{COALMINE, Sandbox};

/// Returns a command that does something first and then serves the reference runtime.
fn after(trap: &str) -> String {
    format!("{trap}; exec {COALMINE} serve runtime --listen 127.0.0.1:{{port}}")
}

#[tokio::test]
async fn endless_file_in_the_memory_root_is_not_read_whole() {
    let sandbox = Sandbox::new();
    let command = after("truncate -s 1T \"$MOLECULE_MEMORY_ROOT/big\"");
    let arguments =
        ["run", "--out", "out", "--canary", "memory-recall", "memory-root", "file-only", "--cmd", &command];
    let (done, peak) = sandbox.start(&arguments).done_with_peak().await;
    done.code(0);
    assert!(peak < 400 << 10, "{peak} KiB");
}

#[tokio::test]
async fn endless_store_is_read_at_its_end() {
    let sandbox = Sandbox::new();
    let profile = "extends = \"reference\"\n[state]\nfiles = [\"{state}/**\"]\n";
    std::fs::write(sandbox.path("profile.toml"), profile).unwrap();
    let command =
        after("truncate -s 1T \"$COALMINE_STATE_DIR/a.json\"; mkfifo \"$COALMINE_STATE_DIR/b.json\"");
    let arguments =
        ["run", "--out", "out", "--canary", "name-recall", "--profile", "profile.toml", "--cmd", &command];
    let (done, peak) = sandbox.start(&arguments).done_with_peak().await;
    done.code(0);
    // the stores after each turn are kept until the canary is judged
    assert!(peak < 320 << 10, "{peak} KiB");
}

#[tokio::test]
async fn names_of_the_probe_cannot_be_taken() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("precious"), "precious").unwrap();
    let precious = sandbox.path("precious");
    let link = format!("ln -s '{}' \"$MOLECULE_MEMORY_ROOT/.coalmine-probe\"", precious.display());
    for trap in ["mkfifo \"$MOLECULE_MEMORY_ROOT/.coalmine-probe\"", &link] {
        let began = Instant::now();
        sandbox
            .run(&["--profile", "reference", "--canary", "memory-root", "--cmd", &after(trap)])
            .await
            .code(0);
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
}

#[tokio::test]
async fn linked_memory_root_is_not_written_to() {
    let sandbox = Sandbox::new();
    let outside = sandbox.path("outside");
    std::fs::create_dir(&outside).unwrap();
    let trap =
        format!("rmdir \"$MOLECULE_MEMORY_ROOT\"; ln -s '{}' \"$MOLECULE_MEMORY_ROOT\"", outside.display());
    let done =
        sandbox.run(&["--profile", "reference", "--canary", "memory-root", "--cmd", &after(&trap)]).await;
    assert!(done.code(1).stderr.contains("is a link"), "{}", done.stderr);
}

#[tokio::test]
async fn files_of_the_profile_are_not_written_through_links() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("precious"), "precious").unwrap();
    let profile = "extends = \"reference\"\n[files]\n\"{state}/settings.json\" = \"{}\"\n";
    std::fs::write(sandbox.path("profile.toml"), profile).unwrap();
    let precious = sandbox.path("precious");
    // the files are written again when the runtime is started again
    let trap = format!("ln -sf '{}' \"$COALMINE_STATE_DIR/settings.json\"", precious.display());
    let arguments = ["--canary", "restart-recall", "--profile", "profile.toml", "--cmd", &after(&trap)];
    sandbox.run(&arguments).await.code(0);
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
}

#[tokio::test]
async fn state_that_is_deep_or_closed_is_removed() {
    let sandbox = Sandbox::new();
    let trap = "(cd \"$COALMINE_STATE_DIR\"; i=0; while [ $i -lt 1500 ]; do mkdir d; cd d; i=$((i+1)); done; chmod 0 .)";
    let run = ["--run-id", "deep", "--canary", "agent-card", "--cmd", &after(trap)];
    sandbox.run(&run).await.code(0);
    assert!(!sandbox.owns("deep"));
}

#[tokio::test]
async fn evidence_is_not_written_into_traps() {
    let sandbox = Sandbox::new();
    let command = after("mkfifo out/runtime-tail.log; ln -s /nonexistent out/wire; sleep 0.1");
    let began = Instant::now();
    let broken =
        ["--env", "COALMINE_FAULT=prompt.history-dropped", "--canary", "name-recall", "--cmd", &command];
    sandbox.run(&broken).await.code(1);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let summary = sandbox.summary();
    assert!(!sandbox.path("out/wire").exists() && summary["canaries"][0]["diagnosis"].is_object());
}
