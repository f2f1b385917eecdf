//! What profiles promise, and what follows from it for the canaries.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};

use crate::support::{Attack, Child, HostileServer, Sandbox, codes, verdicts};

/// Returns a sandbox with the profile `mine.toml`.
fn with_profile(text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("mine.toml"), text).unwrap();
    sandbox
}

fn reason(summary: &Value, at: usize) -> String {
    summary["canaries"][at]["reason"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn runtime_that_reads_text_only_is_sent_no_files() {
    let sandbox = with_profile("extends = \"reference\"\n[attachments]\ntext = \"none\"\n");
    let files = "file-only,file-caption,two-files,file-next-turn,empty-file,large-file,hostile-file-name";
    sandbox.run(&["--profile", "mine.toml", "--canary", &format!("name-recall,{files}")]).await.code(0);
    let summary = sandbox.summary();
    assert_eq!(verdicts(&summary).iter().filter(|(_, verdict)| verdict == "skip").count(), 7);
    let skipped = verdicts(&summary).iter().position(|(_, verdict)| verdict == "skip").unwrap();
    assert!(reason(&summary, skipped).contains("`attachments.text`"));
}

#[tokio::test]
async fn name_of_a_dropped_file_leads_nowhere() {
    let sandbox = with_profile("");
    let run = ["--profile", "mine.toml", "--fault", "prompt.file-dropped", "--canary"];
    sandbox.run(&[&run[..], &["file-caption,hostile-file-name"]].concat()).await.code(1);
    let summary = sandbox.summary();
    let [caption, hostile] = verdicts(&summary).try_into().unwrap();
    assert_eq!((caption.1.as_str(), hostile.1.as_str()), ("fail", "skip"));
    assert_eq!(reason(&summary, 1), "no file reaches the agent, so its name leads nowhere");
}

#[tokio::test]
async fn memory_folder_below_the_state_is_created() {
    let sandbox = with_profile("extends = \"reference\"\n[memory]\nroot = \"{state}/mem\"\n");
    sandbox.run(&["--profile", "mine.toml", "--canary", "memory-root,memory-recall"]).await.code(0);
    let summary = sandbox.summary();
    let seen = summary["canaries"].to_string();
    assert!(seen.contains("state/mem is a folder") && !seen.contains("{state}"), "{seen}");
    std::fs::write(sandbox.path("mine.toml"), "[memory]\nroot = \"{stat}/mem\"\n").unwrap();
    let checked = sandbox.coalmine(&["check", "mine.toml"]).await;
    assert!(checked.code(2).stderr.contains("did you mean `state`?"), "{}", checked.stderr);
}

#[tokio::test]
async fn sessions_may_survive_only_a_stop() {
    let sandbox = with_profile("extends = \"reference\"\n[session]\nrestart = \"stopped-only\"\n");
    let run = ["--profile", "mine.toml", "--canary", "restart-recall,kill-recall"];
    sandbox.run(&run).await.code(0);
    let summary = sandbox.summary();
    assert_eq!(verdicts(&summary)[0].1, "pass");
    assert_eq!(verdicts(&summary)[1].1, "skip");
    assert!(reason(&summary, 1).contains("not if it is killed"));
    sandbox.run(&[&run[..], &["--fault", "session.lost-on-restart"]].concat()).await.code(1);
    assert_eq!(verdicts(&sandbox.summary())[0].1, "fail");
}

#[tokio::test]
async fn session_store_in_sqlite_is_read() {
    let sandbox = with_profile("");
    let database = sandbox.path("sessions.db");
    let sql = "CREATE TABLE messages (session_id TEXT, role TEXT, content TEXT);
               INSERT INTO messages VALUES ('somebody', 'user', 'something else');";
    rusqlite::Connection::open(&database).unwrap().execute_batch(sql).unwrap();
    let profile = format!("extends = \"reference\"\n[state]\nsqlite = \"{}\"\n", database.display());
    std::fs::write(sandbox.path("mine.toml"), profile).unwrap();
    let run = ["--profile", "mine.toml", "--canary", "name-recall", "--fault", "prompt.history-dropped"];
    sandbox.run(&run).await.code(1);
    // the database is not the runtime's, so it does not hold what was said
    assert_eq!(codes(&sandbox.summary()), ["session.not-kept"]);
    let store = std::fs::read_to_string(sandbox.path("out/session-store/name-recall-turn-1.txt")).unwrap();
    assert!(store.contains("==> somebody <==") && store.contains("something else"), "{store}");
}

/// Answers every request with 404, and returns the heads of all requests once the address is not used any
/// more.
async fn heads(listener: TcpListener, mut done: oneshot::Receiver<()>) -> String {
    let mut heads = String::new();
    loop {
        let mut stream = tokio::select! {
            biased;
            _ = &mut done => return heads,
            accepted = listener.accept() => accepted.unwrap().0,
        };
        let mut buffer = vec![0; 8192];
        let length = stream.read(&mut buffer).await.unwrap_or(0);
        heads.push_str(&String::from_utf8_lossy(&buffer[..length]));
        let _ = stream
            .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await;
    }
}

#[tokio::test]
async fn credentials_come_from_the_environment_and_are_redacted() {
    for (auth, sent) in [
        ("{ header = \"X-Api-Key\", value = \"{env:AGENT_KEY}\" }", "x-api-key: s3cret-of-mine\r\n"),
        (
            "{ query = { name = \"api_key\", value = \"{env:AGENT_KEY}\" } }",
            "?api_key=s3cret-of-mine HTTP/1.1\r\n",
        ),
        (
            "{ basic = { user = \"me\", password = \"{env:AGENT_KEY}\" } }",
            "authorization: Basic bWU6czNjcmV0LW9mLW1pbmU=\r\n",
        ),
    ] {
        let sandbox = Sandbox::new();
        std::fs::write(sandbox.path("mine.toml"), format!("auth = {auth}\n")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (end, done) = oneshot::channel();
        let serving = tokio::spawn(heads(listener, done));
        let run = ["run", "--out", "out", "--url", &url, "--profile", "mine.toml", "--timeout", "1s"];
        let mut command = sandbox.command(&run);
        let ended = Child::new(command.env("AGENT_KEY", "s3cret-of-mine")).done().await;
        end.send(()).unwrap();
        let heads = serving.await.unwrap();
        assert!(heads.contains(sent), "{heads}");
        let written = std::fs::read_to_string(sandbox.path("out/events.ndjson")).unwrap() + &ended.stderr;
        assert!(!written.contains("s3cret-of-mine") && !written.contains("bWU6czNj"), "{written}");
    }
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("mine.toml"), "auth.bearer = \"{env:AGENT_KEY}\"\n").unwrap();
    let missing = sandbox.coalmine(&["run", "--profile", "mine.toml"]).await;
    assert!(missing.code(2).stderr.contains("need the variable `AGENT_KEY`"), "{}", missing.stderr);
    std::fs::write(sandbox.path("mine.toml"), "auth.bearer = \"sk-1234\"\n").unwrap();
    let checked = sandbox.coalmine(&["check", "mine.toml"]).await;
    assert!(checked.code(2).stderr.contains("`{env:NAME}`"), "{}", checked.stderr);
}

/// A card at one address that names another one, where the messages are answered.
async fn run_elsewhere(auth: &str) -> (String, Value) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/a2a", listener.local_addr().unwrap());
    let card = serde_json::json!({
        "name": "n", "description": "d", "version": "1", "url": elsewhere, "protocolVersion": "0.3.0",
        "preferredTransport": "JSONRPC", "capabilities": {}, "skills": [], "defaultInputModes": ["text/plain"],
        "defaultOutputModes": ["text/plain"],
    });
    let card = Attack::Whole(200, "application/json", card.to_string());
    let server = HostileServer::start(Some(card), Attack::Whole(404, "text/plain", "nothing".into())).await;
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("mine.toml"), format!("auth = {auth}\n")).unwrap();
    let (end, done) = oneshot::channel();
    let serving = tokio::spawn(heads(listener, done));
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
    Child::new(sandbox.command(&run).env("AGENT_KEY", "s3cret-of-mine")).done().await;
    end.send(()).unwrap();
    (serving.await.unwrap(), sandbox.summary())
}

#[tokio::test]
async fn address_on_the_card_gets_credentials_only_if_the_profile_says_so() {
    let (heads, summary) = run_elsewhere("{ bearer = \"{env:AGENT_KEY}\" }").await;
    assert!(heads.contains("POST /a2a") && !heads.to_lowercase().contains("authorization"), "{heads}");
    let codes: Vec<_> =
        summary["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    assert!(codes.contains(&&"drift.credentials-withheld".into()), "{summary}");
    let (heads, summary) = run_elsewhere("{ bearer = \"{env:AGENT_KEY}\", send-to = \"card\" }").await;
    assert!(heads.contains("POST /a2a") && heads.contains("Bearer s3cret-of-mine"), "{heads}");
    assert!(!summary.to_string().contains("credentials-withheld"), "{summary}");
}
