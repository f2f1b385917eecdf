//! What is attested, and what `coalmine verify` accepts. The sample was made by cosign around what a run had written.

use serde_json::{Value, json};

use crate::support::{Child, Output, Sandbox, assert_shown};

const SAMPLE: &str = include_str!("../../../coalmine-attest/src/samples/cosign.jsonl");
const KEY: &str = include_str!("../../../coalmine-attest/src/samples/cosign.pub");
const IMAGE: &str =
    "registry.test/agent@sha256:528759968b30b5fe7bace21157a6e88080c25a67cff2147fe5f2fe39a94ec20d";
const OTHER: &str = "sha256:9999999999999999999999999999999999999999999999999999999999999999";
const SOON: &str = "2026-11-28T15:00:00Z";

/// Returns a sandbox with the envelope of cosign, its key, and the statement that is in the envelope.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("envelope.json"), SAMPLE).unwrap();
    std::fs::write(sandbox.path("cosign.pub"), KEY).unwrap();
    std::fs::write(sandbox.path("statement.json"), statement().to_string()).unwrap();
    sandbox
}

fn statement() -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let envelope: Value = serde_json::from_str(SAMPLE).unwrap();
    serde_json::from_slice(&STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()).unwrap()
}

async fn verify(sandbox: &Sandbox, now: &str, arguments: &[&str]) -> Output {
    let mut command = sandbox.command(&[&["verify"], arguments].concat());
    Child::new(command.env("COALMINE_NOW", now)).done().await
}

/// Decides about the statement with a change, and without a key.
async fn changed(change: impl FnOnce(&mut Value)) -> Output {
    let sandbox = sandbox();
    let mut statement = statement();
    change(&mut statement);
    std::fs::write(sandbox.path("statement.json"), statement.to_string()).unwrap();
    verify(&sandbox, SOON, &["statement.json", "--image", IMAGE]).await
}

#[tokio::test]
async fn what_cosign_signed_is_accepted() {
    let arguments = ["envelope.json", "--image", IMAGE, "--key", "cosign.pub", "--max-age", "7d"];
    let done = verify(&sandbox(), SOON, &arguments).await;
    assert_shown!(done.transcript(), @"
    exit 0
    --- stdout
    accepted: sha256:528759968b30b5fe7bace21157a6e88080c25a67cff2147fe5f2fe39a94ec20d, PASSED, 39 passed, run 20261128-143620-9f23 of 2026-11-28T14:36:36Z
    signature: good
    image: sha256:528759968b30b5fe7bace21157a6e88080c25a67cff2147fe5f2fe39a94ec20d
    image-config: sha256:9bd648642ef8dac9d0f322f784f5a90aac9b2a2a86ba2bb6ccf3385753f2f366
    coalmine: sha256:41453f9c9e942150866f0e92f381248063f209e175389e74b709c022e2e07335
    canaries: sha256:ca5e1ca4363bf963f4db736ebbeb58e1df24a11e82a09780db132abd46af7e13
    profile: sha256:2c610fd1b12b14e1ab9b45a2a2eb6d54d09d021af7060b0b52df5ffef1fde1f3
    mode: sha256:05318df2807df073ad2e70e98f215ed99a7b5b2ddf16d48ef342427b1fea7910
    ");
}

#[tokio::test]
async fn without_a_key_it_says_that_nothing_was_checked() {
    let done = verify(&sandbox(), SOON, &["statement.json", "--image", IMAGE]).await;
    done.code(0);
    assert!(done.stdout.contains("signature: not checked, because no `--key` was given"), "{}", done.stdout);
}

#[tokio::test]
async fn each_reason_is_one_line() {
    let arguments =
        ["envelope.json", "--image", &format!("x@{OTHER}"), "--key", "cosign.pub", "--max-age", "1h"];
    let done = verify(&sandbox(), "2027-01-01T00:00:00Z", &arguments).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stdout
    rejected: it is about another image, sha256:528759968b30b5fe7bace21157a6e88080c25a67cff2147fe5f2fe39a94ec20d: expected sha256:9999999999999999999999999999999999999999999999999999999999999999
    ");
    let arguments =
        ["envelope.json", "--image", IMAGE, "--max-age", "1h", "--binary", OTHER, "--workflow", OTHER];
    let done = verify(&sandbox(), "2027-01-01T00:00:00Z", &arguments).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stdout
    rejected: it is too old: the run ended at 2026-11-28T14:36:36Z, 33 d ago
    rejected: the digest of `coalmine` is sha256:41453f9c9e942150866f0e92f381248063f209e175389e74b709c022e2e07335: expected sha256:9999999999999999999999999999999999999999999999999999999999999999
    rejected: it has no digest of `workflow`: expected sha256:9999999999999999999999999999999999999999999999999999999999999999
    ");
    let done = verify(&sandbox(), "2026-11-01T00:00:00Z", &arguments[..3]).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stdout
    rejected: it comes from the future: 2026-11-28T14:36:36Z, and now it is 2026-11-01T00:00:00Z
    ");
}

#[tokio::test]
async fn statement_without_its_envelope_is_not_signed() {
    let done = verify(&sandbox(), SOON, &["statement.json", "--image", IMAGE, "--key", "cosign.pub"]).await;
    assert_shown!(done.transcript(), @"
    exit 1
    --- stdout
    rejected: it is not signed: a statement without an envelope has no signature
    ");
}

#[tokio::test]
async fn failed_and_hostile_statements_are_rejected() {
    let failed = changed(|s| {
        s["predicate"]["result"] = json!("FAILED");
        s["predicate"]["failedTests"] = json!(["a\u{1b}[2J\n::error::b"]);
    })
    .await;
    assert_shown!(failed.transcript(), @r"
    exit 1
    --- stdout
    rejected: the result is FAILED: a\x1b[2J\n:\x3aerror:\x3ab
    ");
    let foreign = changed(|s| s["predicateType"] = json!("https://slsa.dev/provenance/v1")).await;
    assert_shown!(foreign.transcript(), @"
    exit 1
    --- stdout
    rejected: unknown predicate type `https://slsa.dev/provenance/v1`: expected `https://in-toto.io/attestation/test-result/v0.1`
    ");
}

#[tokio::test]
async fn what_cannot_be_read_is_no_decision() {
    let sandbox = sandbox();
    let twice = statement().to_string().replacen(r#""result":"#, r#""result":"FAILED","result":"#, 1);
    std::fs::write(sandbox.path("twice.json"), twice).unwrap();
    std::fs::write(sandbox.path("type.json"), SAMPLE.replace("vnd.in-toto+json", "vnd.other+json")).unwrap();
    for (file, reason) in [
        ("twice.json", "the key `result` stands twice in an object"),
        ("type.json", "the payload has the type `application/vnd.other+json`"),
        ("missing.json", "No such file"),
        ("/dev/zero", "it is longer than 16 MiB"),
    ] {
        let done = verify(&sandbox, SOON, &[file, "--image", IMAGE]).await;
        done.code(2);
        assert!(done.stdout.is_empty() && done.stderr.contains(reason), "{}", done.transcript());
    }
    for arguments in [
        &["statement.json"][..],
        &["statement.json", "--image", "x@sha256:12"],
        &["statement.json", "--image", "x:dev"],
        &["statement.json", "--image", IMAGE, "--max-age", "soon"],
        &["statement.json", "--image", IMAGE, "--key", "statement.json"],
        &["statement.json", "--image", IMAGE, "--canaries", "12"],
    ] {
        let done = verify(&sandbox, SOON, arguments).await;
        assert!(done.code(2).stdout.is_empty(), "{}", done.transcript());
    }
}

#[tokio::test]
async fn only_an_image_can_be_attested() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(&["--attest"]).await;
    assert!(done.code(2).stderr.contains("--image <IMAGE>"), "{}", done.stderr);
    sandbox.run(&["--attest", "--cmd", "true"]).await.code(2);
    sandbox.run(&["--image", "x", "--attest-image-id"]).await.code(2);
}

#[tokio::test]
async fn run_that_could_not_judge_is_not_attested() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("gate.yml"), "on: push\n").unwrap();
    let done = sandbox.run(&["--image", "x", "--attest", "--workflow", "gate.yml"]).await;
    done.code(2);
    assert!(done.stderr.contains("warning: the run is not attested: it could not judge"), "{}", done.stderr);
    assert!(!sandbox.path("out/attestation").exists());
    let done = sandbox.run(&["--image", "x", "--attest", "--workflow", "missing.yml"]).await;
    assert!(done.code(2).stderr.contains("could not read `missing.yml`"), "{}", done.stderr);
    assert!(!sandbox.path("out").exists());
}
