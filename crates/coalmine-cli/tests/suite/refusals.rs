//! Invalid arguments and files are rejected with exit code 2 and a suggestion.

use crate::support::{Sandbox, assert_harmless, assert_shown};

const MISSPELLED: &str = r#"id    = "boat-recall"
title = "Turn 2 knows the boat from turn 1"
level = "continuity"

[facts]
name = "person"

[[turn]]
context = "a"
say     = "My name is {name}."
expect.reply.contain = "{name}"
"#;

const GOOD: &str = r#"id    = "boat-recall"
title = "Turn 2 knows the boat from turn 1"
level = "continuity"

[facts]
name = "person"

[[turn]]
context = "a"
say     = "My boat is {name}."
expect.reply.contains = "{name}"

[[model]]
when  = "my boat is"
read  = "my boat is (?<name>{name:shape})"
reply = "Your boat is {name}."
"#;

#[tokio::test]
async fn unknown_canary_gets_a_suggestion() {
    let done = Sandbox::new().run(&["--canary", "name-recal"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: unknown canary `name-recal`

    hint: did you mean `name-recall`?
    ");
}

#[tokio::test]
async fn unknown_fault_gets_a_suggestion() {
    let done = Sandbox::new().run(&["--fault", "prompt.history-droped"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: unknown fault `prompt.history-droped`

    hint: did you mean `prompt.history-dropped`?
    ");
}

#[tokio::test]
async fn unknown_profile_gets_a_suggestion_or_a_list() {
    let near = Sandbox::new().run(&["--profile", "referense"]).await;
    assert_shown!(near.transcript(), @"
    exit 2
    --- stderr
    error: unknown profile `referense`

    hint: did you mean `reference`?
    ");
    let far = Sandbox::new().run(&["--profile", "zzz"]).await;
    far.code(2);
    for name in ["`reference`", "`generic`"] {
        assert!(far.stderr.contains(name), "{}", far.stderr);
    }
}

#[tokio::test]
async fn unknown_code_gets_a_suggestion() {
    let done = Sandbox::new().coalmine(&["explain", "prompt.history-mising"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: unknown code `prompt.history-mising`

    hint: did you mean `prompt.history-missing`?
    ");
}

#[tokio::test]
async fn rejected_run_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--canary", "nobody"]).await.code(2);
    sandbox.run(&["--timeout", "soon"]).await.code(2);
    sandbox.run(&["--run-id", "../up"]).await.code(2);
    sandbox.run(&["--url", "ftp://here"]).await.code(2);
    assert!(!sandbox.path("out").exists());
}

#[tokio::test]
async fn two_targets_are_rejected() {
    let done = Sandbox::new().run(&["--image", "x", "--url", "http://127.0.0.1:1"]).await;
    done.code(2);
    assert!(done.stderr.contains("cannot be used with"), "{}", done.stderr);
}

#[tokio::test]
async fn misspelled_key_is_shown_with_a_suggestion() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("boat.toml"), MISSPELLED).unwrap();
    let done = sandbox.coalmine(&["check", "boat.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × boat.toml:11:14: unknown key `contain`
        ╭─[boat.toml:11:14]
     10 │ say     = "My name is {name}."
     11 │ expect.reply.contain = "{name}"
        ·              ───┬───
        ·                 ╰── here
        ╰────
      help: did you mean `contains`?
    "#);
}

#[tokio::test]
async fn text_of_a_file_is_escaped_in_errors() {
    let sandbox = Sandbox::new();
    let nasty = "needs = [\"\\u001b[31m\\n::error::x\"] # \u{202e}\u{9b} ##[group]";
    for (text, shown) in
        [(nasty, "`\\x1b[31m\\n:\\x3aerror:\\x3ax`"), ("id = \u{1b}]0;a\u{7}", "id = ?]0;a?")]
    {
        std::fs::write(sandbox.path("boat.toml"), text).unwrap();
        let done = sandbox.coalmine(&["check", "boat.toml"]).await;
        done.code(2);
        assert!(done.stderr.contains(shown), "{}", done.stderr);
        assert_harmless(&done.stderr);
    }
}

/// Returns what `check` prints about the valid canary with something added to its turn.
async fn checked(added: &str) -> String {
    let sandbox = Sandbox::new();
    let text = GOOD.replace("expect.reply.contains = \"{name}\"\n", &format!("{added}\n"));
    std::fs::write(sandbox.path("boat.toml"), text).unwrap();
    sandbox.coalmine(&["check", "boat.toml"]).await.transcript()
}

#[tokio::test]
async fn unknown_value_is_shown_with_a_suggestion() {
    let shown = checked("during = \"hangup\"").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × boat.toml:11:10: unknown value `hangup`
        ╭─[boat.toml:11:10]
     10 │ say     = "My boat is {name}."
     11 │ during = "hangup"
        ·          ────┬───
        ·              ╰── here
     12 │ 
        ╰────
      help: did you mean `hang-up`?
    "#);
}

#[tokio::test]
async fn unknown_model_fault_is_shown_in_place() {
    let shown = checked("model-fault = [\"429\", \"420s\"]").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × boat.toml:11:15: unknown model fault `420s`: expected one of `429`, `429:2s`, `500`, `529`, `cut`,
      │ `reset`, `slow-first:2s` or `slow-words:100ms`
        ╭─[boat.toml:11:15]
     10 │ say     = "My boat is {name}."
     11 │ model-fault = ["429", "420s"]
        ·               ───────┬───────
        ·                      ╰── here
     12 │ 
        ╰────
    "#);
}

#[tokio::test]
async fn invalid_size_is_shown_in_place() {
    let shown = checked("file = { name = \"a\", content = \"b\", size = \"5 megs\" }").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × boat.toml:11:44: invalid size `5 megs`: expected at most 40 MB, such as `200 kB` or `5 MB`
        ╭─[boat.toml:11:44]
     10 │ say     = "My boat is {name}."
     11 │ file = { name = "a", content = "b", size = "5 megs" }
        ·                                            ────┬───
        ·                                                ╰── here
     12 │ 
        ╰────
    "#);
}

#[tokio::test]
async fn unknown_fact_of_a_skill_is_shown_in_place() {
    let skill = "[[skill]]\nname = \"x\"\ndescription = \"y\"\ntext = \"It is {nme}.\"";
    let shown = checked(skill).await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × boat.toml:14:15: unknown fact `{nme}`
        ╭─[boat.toml:14:15]
     13 │ description = "y"
     14 │ text = "It is {nme}."
        ·               ──┬──
        ·                 ╰── here
     15 │ 
        ╰────
      help: did you mean `{name}`?
    "#);
}

#[tokio::test]
async fn contradicting_keys_are_shown_at_their_turn() {
    let shown = checked("[[turn]]\ncontext = \"a\"\nsay = \"x\"\nduring = \"hang-up\"").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × boat.toml:14:10: turn 2: this `during` needs `send.stream = true`: it waits for the first event of the
      │ stream
        ╭─[boat.toml:14:10]
     13 │ say = "x"
     14 │ during = "hang-up"
        ·          ────┬────
        ·              ╰── here
     15 │ 
        ╰────
    "#);
}

#[tokio::test]
async fn valid_files_are_listed_beside_invalid_ones() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("boat.toml"), GOOD).unwrap();
    std::fs::write(sandbox.path("agent.toml"), "port = 9000\n[session]\nscope = \"workspace\"\n").unwrap();
    let done = sandbox.coalmine(&["check", "boat.toml", "agent.toml"]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    --- stdout
    boat.toml: canary `boat-recall`, 1 turn(s)
    agent.toml: profile `agent`
    ");
    std::fs::write(sandbox.path("bad.toml"), MISSPELLED).unwrap();
    let mixed = sandbox.coalmine(&["check", "bad.toml", "boat.toml", "missing.toml"]).await;
    mixed.code(2);
    assert!(mixed.stdout.starts_with("boat.toml: canary `boat-recall`"), "{}", mixed.stdout);
    assert!(mixed.stderr.contains("could not read `missing.toml`"), "{}", mixed.stderr);
}

#[tokio::test]
async fn invalid_profile_is_rejected_before_the_run() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("agent.toml"), "port = 8000\n\n[session]\nscop = \"context\"\n").unwrap();
    let done = sandbox.run(&["--profile", "agent.toml", "--cmd", "true"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × agent.toml:4:1: unknown key `scop`
       ╭─[agent.toml:4:1]
     3 │ [session]
     4 │ scop = "context"
       · ──┬─
       ·   ╰── here
       ╰────
      help: did you mean `scope`?
    "#);
    assert!(!sandbox.path("out").exists());
}
