//! Transcripts of what a person reads in the terminal.

use crate::support::{Child, Sandbox, assert_shown};

/// A few canaries, so that transcripts stay short.
const FEW: &str = crate::support::CLASSICAL;

#[tokio::test]
async fn passed_run_counts_the_canaries() {
    let done = Sandbox::new().run(&["--canary", FEW]).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    7 passed in [time]
    ");
}

#[tokio::test]
async fn verbose_run_prints_one_line_per_canary() {
    let done = Sandbox::new().run(&["--verbose", "--canary", "agent-card,name-recall"]).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    ✓ pass    agent-card   The agent card is served and names a JSON-RPC …  [time]
    ✓ pass  1 name-recall  A name given in turn 1 is known in turn 2  [time]
    2 passed in [time]
    ");
}

#[tokio::test]
async fn locale_without_utf8_gets_ascii() {
    let sandbox = Sandbox::new();
    let mut command =
        sandbox.command(&["run", "-v", "--fault", "reply.dropped", "--canary", "agent-card,name-recall"]);
    let done = Child::new(command.env("LC_ALL", "C")).done().await;
    assert!(done.stderr.is_ascii() && done.stderr.contains("+ pass"), "{}", done.stderr);
}

#[tokio::test]
async fn run_that_is_red_for_one_reason_fits_on_a_screen() {
    let several =
        "name-recall,long-history,corrected-fact,interleaved,isolation,non-ascii,file-next-turn,two-files";
    let done = Sandbox::new().run(&["--fault", "prompt.history-dropped", "--canary", several]).await;
    done.code(1);
    assert!(done.stderr.lines().count() <= 40, "{}", done.stderr);
    assert_eq!(done.stderr.matches("again: ").count(), 1, "{}", done.stderr);
}

#[tokio::test]
async fn quiet_passed_run_prints_nothing() {
    let done = Sandbox::new().run(&["--quiet", "--canary", FEW]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    ");
}

#[tokio::test]
async fn failed_run_shows_turns_layer_and_evidence() {
    let done =
        Sandbox::new().run(&["--fault", "prompt.history-dropped", "--seed", "7", "--canary", FEW]).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stderr
    coalmine: the reference runtime with the fault prompt.history-dropped · profile reference · dialect 0.3 · model simulated · seed 7

    ✗ FAIL  1 name-recall         A name given in turn 1 is known in turn…  [time]
        turn 1 in context a
          user   The swimming pool in Tupenun was rather crowded again today. Hi, in my passport it says Tepuz-4305. My parents named my sister Kuvur-3444. The museum in Sidefiv looked lovely over the holidays.
          agent  Noted.
        turn 2 in context a  ← went wrong here
          user   What's my name? The library in Tususop was closed in the evening.
          agent  I don't know your name.
        turn 3 in context b
          user   We have not met before. A circus in Paberop was closed on Sunday. What's my name?
          agent  I don't know your name.
        turn-2.reply.contains
          expected  contains `Tepuz-4305`
          got       I don't know your name.
        what the model got in turn 2, at the end of its prompt
          system     …sked for something that this conversation does not contain.
          user       What's my name? The library in Tususop was closed in the evening.
          missing    `Tepuz-4305`
        sent ✓ ─ store ✓ ─ prompt ✗ ─ answer · ─ reply ·
        prompt.history-missing: what was said in turn 1 did not reach the model in turn 2
        evidence: what the client sent: out/wire/name-recall-turn-2.request.json
        evidence: what came back: out/wire/name-recall-turn-2.response.json
        evidence: what reached the model: out/journal.ndjson (1 call(s), `seq` [n] in the journal)
        evidence: what the model answered: out/journal.ndjson (I don't know your name.)
        evidence: what the store held: out/session-store/ (1 session(s))
        explain: coalmine explain prompt.history-missing
        again: coalmine run --fault prompt.history-dropped --seed 7 --canary name-recall

    failed: name-recall
    if it passes alone, run it with the others: coalmine run --fault prompt.history-dropped --seed 7 --canary agent-card,name-recall,file-only,file-caption,memory-recall,same-context-twice,memory-root
    6 passed, 1 FAILED in [time]
    evidence: out/report.html
    ");
}

#[tokio::test]
async fn quiet_failed_run_prints_only_the_failure() {
    let arguments = ["--quiet", "--fault", "reply.dropped", "--canary", "name-recall", "--seed", "7"];
    let done = Sandbox::new().run(&arguments).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stderr
    ✗ FAIL  1 name-recall  A name given in turn 1 is known in turn 2  [time]
        turn 1 in context a
          user   The swimming pool in Tupenun was rather crowded again today. Hi, in my passport it says Tepuz-4305. My parents named my sister Kuvur-3444. The museum in Sidefiv looked lovely over the holidays.
          agent  (no text)
        turn 2 in context a  ← went wrong here
          user   What's my name? The library in Tususop was closed in the evening.
          agent  (no text)
        turn 3 in context b
          user   We have not met before. A circus in Paberop was closed on Sunday. What's my name?
          agent  (no text)
        turn-2.reply.contains
          expected  contains `Tepuz-4305`
          got
        sent ✓ ─ store ✓ ─ prompt ✓ ─ answer ✓ ─ reply ✗
        reply.empty: the model answered, but the reply is empty
        evidence: what the client sent: out/wire/name-recall-turn-2.request.json
        evidence: what came back: out/wire/name-recall-turn-2.response.json
        evidence: what reached the model: out/journal.ndjson (1 call(s), `seq` [n] in the journal)
        evidence: what the model answered: out/journal.ndjson (Your name is Tepuz-4305.)
        evidence: what the store held: out/session-store/ (1 session(s))
        explain: coalmine explain reply.empty
        again: coalmine run --fault reply.dropped --seed 7 --canary name-recall

    failed: name-recall
    1 FAILED in [time]
    evidence: out/report.html
    ");
}

#[tokio::test]
async fn unready_runtime_is_reported_once_with_the_last_answer() {
    let arguments = ["--fault", "boot.never-ready", "--timeout", "300ms", "--canary", FEW];
    let done = Sandbox::new().run(&arguments).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    coalmine: the reference runtime with the fault boot.never-ready · profile reference · model simulated · seed [seed]

    error: the runtime did not become ready within [time]
      cause: GET http://127.0.0.1:[port]/.well-known/agent-card.json: HTTP status 503: starting ([n] tries)
    hint: if its card lives elsewhere, set `ready.http` in a profile; if it is slow, `--timeout`, or see `coalmine explain boot.not-ready`
    again: coalmine run --fault boot.never-ready --timeout 300ms --seed [seed] --canary agent-card,name-recall,file-only,file-caption,memory-recall,same-context-twice,memory-root

    not judged: all 7 canaries
    could not judge: 7 errors in [time]
    evidence: out/report.html
    ");
}

#[tokio::test]
async fn missing_engine_is_reported_with_a_hint() {
    let done = Sandbox::new().run(&["--image", "x", "--canary", "name-recall"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    coalmine: image x · profile generic · model simulated · seed [seed]

    error: no container engine answers
      cause: tried, in this order: unix:///nonexistent: Socket not found: /nonexistent
    hint: start Docker or Podman, or set `DOCKER_HOST`; without an engine, `--cmd` and `--url` judge a runtime that runs as a process, or see `coalmine explain boot.no-engine`
    again: coalmine run --image x --seed [seed] --canary name-recall

    not judged: name-recall
    could not judge: 1 error in [time]
    evidence: out/report.html
    ");
}

#[tokio::test]
async fn refused_connection_is_reported() {
    let url = "http://127.0.0.1:1";
    let done = Sandbox::new().run(&["--url", url, "--timeout", "300ms", "--canary", "name-recall"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    coalmine: url http://127.0.0.1:1 · profile generic · model simulated · seed [seed]

    error: the runtime did not become ready within [time]
      cause: GET http://127.0.0.1:1/.well-known/agent-card.json: could not connect: client error (Connect): tcp connect error: Connection refused (os error 111) ([n] tries)
    hint: if its card lives elsewhere, set `ready.http` in a profile; if it is slow, `--timeout`, or see `coalmine explain boot.not-ready`
    again: coalmine run --url http://127.0.0.1:1 --timeout 300ms --seed [seed] --canary name-recall

    not judged: name-recall
    could not judge: 1 error in [time]
    evidence: out/report.html
    ");
}

#[tokio::test]
async fn failure_shows_the_command_that_repeats_it() {
    let sandbox = Sandbox::new();
    let fault = ["--fault", "session.keyed-by-task", "--canary", "agent-card", "name-recall"];
    let done = sandbox.run(&fault).await.code(1).stderr.clone();
    let again = done.lines().find_map(|line| line.trim().strip_prefix("again: coalmine ")).unwrap();
    let words: Vec<&str> = again.split_whitespace().collect();
    let first = sandbox.summary();
    let replayed = sandbox.coalmine(&words).await;
    replayed.code(1);
    assert!(!again.contains("--out"), "{again}");
    assert_eq!(sandbox.summary(), first, "the evidence stays");
    let second = sandbox.summary_in("coalmine-out/latest");
    assert_eq!(second["canaries"].as_array().unwrap().len(), 1, "{again}");
    assert_eq!(second["canaries"][0]["turns"][0]["say"], first["canaries"][1]["turns"][0]["say"], "{again}");
    assert_eq!(second["canaries"][0]["diagnosis"]["code"], first["canaries"][1]["diagnosis"]["code"]);
}
