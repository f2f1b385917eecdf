//! Secrets are redacted in every file and on the terminal, in whatever form a runtime repeats them.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::support::{Attack, Child, HostileServer, Output, Sandbox};

const SECRET: &str = "Qz7/plain value+9=w";

/// Returns everything that a run wrote and printed.
fn everything(sandbox: &Sandbox, done: &Output) -> String {
    let mut all = done.stdout.clone() + &done.stderr;
    let mut folders = vec![sandbox.path("out")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all += &String::from_utf8_lossy(&std::fs::read(path).unwrap());
            }
        }
    }
    all
}

#[tokio::test]
async fn named_variable_is_redacted_in_every_form() {
    let sandbox = Sandbox::new();
    let forms = "printf '%s\\n' \"$PLAIN\"; printf '<%s>' \"$PLAIN\" | tr a-z A-Z; printf 'me:%s' \"$PLAIN\" | base64; \
                 printf %s \"$PLAIN\" | od -An -v -tx1 | tr -d ' \\n'; \
                 printf %s \"$PLAIN\" | od -An -v -tx1 | tr -d '\\n' | tr ' ' %; echo; \
                 printf %s \"$PLAIN\" | sed 's|/|\\\\/|g'; printf %s \"$PLAIN\" | head -c 9; \
                 printf %s \"$PLAIN\" | tail -c +10; echo; echo \"the $((40 + 2)) end\"; exit 3";
    let run = ["run", "--out", "out", "--canary", "name-recall", "--secret-env", "PLAIN", "--cmd", forms];
    let done = Child::new(sandbox.command(&run).env("PLAIN", SECRET)).done().await;
    done.code(2);
    let log = std::fs::read_to_string(sandbox.path("out/runtime.log")).unwrap();
    assert_eq!(log.matches("[redacted]").count(), 7, "{log}");
    assert!(log.contains("the 42 end"), "{log}");
    let all = everything(&sandbox, &done).to_lowercase();
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = BASE64_STANDARD.encode(format!("me:{SECRET}")).to_lowercase();
    let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for form in
        [&SECRET.to_lowercase(), &SECRET.to_lowercase().replace('/', "\\/"), &hex, &base64[4..24], &percent]
    {
        assert!(!all.contains(form), "{form} in {all}");
    }
}

#[tokio::test]
async fn variable_that_is_not_set_is_refused() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["--secret-env", "NO_SUCH_NAME"]).await;
    assert!(
        done.code(2).stderr.contains("the variable `NO_SUCH_NAME` of `--secret-env` is not set"),
        "{}",
        done.stderr
    );
    // `--env` sets it, and the value is redacted all the same
    let run = ["--secret-env", "PLAIN", "--env", "PLAIN=qz-given-here", "--cmd", "echo $PLAIN; exit 3"];
    let done = sandbox.run(&run).await;
    assert!(!everything(&sandbox, done.code(2)).contains("qz-given-here"), "{}", done.stderr);
}

#[tokio::test]
async fn secret_in_chunks_of_a_reply_is_redacted() {
    let chunk = |text: &str| {
        let part = json!({ "kind": "text", "text": text });
        let result = json!({
            "kind": "artifact-update", "taskId": "t", "contextId": "{context}", "append": true,
            "artifact": { "artifactId": "a", "parts": [part] },
        });
        format!("data: {}\n\n", json!({ "jsonrpc": "2.0", "id": "{id}", "result": result }))
    };
    let end = json!({ "jsonrpc": "2.0", "id": "{id}", "result": {
        "kind": "status-update", "taskId": "t", "contextId": "{context}", "final": true, "status": { "state": "completed" },
    }});
    let body = chunk("my key is s3cret-") + &chunk("of-mi") + &chunk("ne-42") + &format!("data: {end}\n\n");
    let server = HostileServer::answering(Attack::Whole(200, "text/event-stream", body)).await;
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("mine.toml"), "auth.bearer = \"{env:AGENT_KEY}\"\n").unwrap();
    let run = [
        "run",
        "--out",
        "out",
        "--url",
        &server.url,
        "--profile",
        "mine.toml",
        "--model",
        "canary-mode",
        "--canary",
        "name-recall",
    ];
    let done = Child::new(sandbox.command(&run).env("AGENT_KEY", "s3cret-of-mine-42")).done().await;
    done.code(1);
    let all = everything(&sandbox, &done);
    assert!(all.contains("my key is [redacted]"), "{all}");
    for piece in ["s3cret-", "of-mi", "ne-42"] {
        assert!(!all.contains(piece), "{piece} in {all}");
    }
}
