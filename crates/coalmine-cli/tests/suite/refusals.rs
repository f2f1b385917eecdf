//! What cannot be understood is refused with exit code 2, and with the nearest thing that can.

use crate::support::{Place, assert_shown};

const MISSPELT: &str = r#"id    = "told"
title = "What was told is known"
level = "continuity"

[facts]
name = "person"

[[turn]]
context = "a"
say     = "My name is {name}."
expect.reply.contain = "{name}"
"#;

const GOOD: &str = r#"id    = "told"
title = "What was told is known"
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
async fn an_unknown_canary_is_answered_with_the_nearest() {
    let done = Place::new().run(&["--canary", "name-recal"]).await;
    assert_shown!(done.transcript(), @r"
    exit 2
    --- stderr
    error: there is no canary `name-recal`

    hint: did you mean `name-recall`?
    ");
}

#[tokio::test]
async fn an_unknown_fault_is_answered_with_the_nearest() {
    let done = Place::new().run(&["--fault", "prompt.history-droped"]).await;
    assert_shown!(done.transcript(), @r"
    exit 2
    --- stderr
    error: there is no fault `prompt.history-droped`

    hint: did you mean `prompt.history-dropped`?
    ");
}

#[tokio::test]
async fn an_unknown_profile_is_answered_with_the_nearest_or_with_all() {
    let near = Place::new().run(&["--profile", "referense"]).await;
    assert_shown!(near.transcript(), @r"
    exit 2
    --- stderr
    error: there is no profile `referense`

    hint: did you mean `reference`?
    ");
    let far = Place::new().run(&["--profile", "zzz"]).await;
    far.code(2);
    for name in ["`reference`", "`generic`"] {
        assert!(far.stderr.contains(name), "{}", far.stderr);
    }
}

#[tokio::test]
async fn an_unknown_diagnosis_is_answered_with_the_nearest() {
    let done = Place::new().coalmine(&["explain", "prompt.history-mising"]).await;
    assert_shown!(done.transcript(), @r"
    exit 2
    --- stderr
    error: there is no diagnosis `prompt.history-mising`

    hint: did you mean `prompt.history-missing`?
    ");
}

#[tokio::test]
async fn nothing_is_written_for_a_run_that_was_refused() {
    let place = Place::new();
    place.run(&["--canary", "nobody"]).await.code(2);
    place.run(&["--timeout", "soon"]).await.code(2);
    place.run(&["--run-id", "../up"]).await.code(2);
    place.run(&["--url", "ftp://here"]).await.code(2);
    assert!(!place.path("out").exists());
}

#[tokio::test]
async fn two_targets_at_once_are_refused() {
    let done = Place::new().run(&["--image", "x", "--url", "http://127.0.0.1:1"]).await;
    done.code(2);
    assert!(done.stderr.contains("cannot be used with"), "{}", done.stderr);
}

#[tokio::test]
async fn a_misspelt_key_is_shown_in_its_place_with_the_nearest_known_one() {
    let place = Place::new();
    std::fs::write(place.path("told.toml"), MISSPELT).unwrap();
    let done = place.coalmine(&["check", "told.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × told.toml:11:14: unknown key `contain`
        ╭─[told.toml:11:14]
     10 │ say     = "My name is {name}."
     11 │ expect.reply.contain = "{name}"
        ·              ───┬───
        ·                 ╰── here
        ╰────
      help: did you mean `contains`?
    "#);
}

/// What `check` says of the good canary with something added to its turn.
async fn checked(added: &str) -> String {
    let place = Place::new();
    let text = GOOD.replace("expect.reply.contains = \"{name}\"\n", &format!("{added}\n"));
    std::fs::write(place.path("told.toml"), text).unwrap();
    place.coalmine(&["check", "told.toml"]).await.transcript()
}

#[tokio::test]
async fn a_value_that_nobody_knows_is_shown_in_its_place_with_the_nearest_known_one() {
    let shown = checked("during = \"hangup\"").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × told.toml:11:13: unknown value `hangup`
        ╭─[told.toml:11:13]
     10 │ say     = "My boat is {name}."
     11 │ during = "hangup"
        ·             ────┬───
        ·                 ╰── here
     12 │ 
        ╰────
      help: did you mean `hang-up`?
    "#);
}

#[tokio::test]
async fn a_trouble_that_is_none_is_shown_with_those_that_are() {
    let shown = checked("model-fault = [\"429\", \"420s\"]").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × told.toml:11:11: `420s` is no model_fault such as `429`, `429:2s`, `500`, `529`, `cut`, `reset`, `slow-
      │ first:2s` or `slow-words:100ms`
        ╭─[told.toml:11:11]
     10 │ say     = "My boat is {name}."
     11 │ model-fault = ["429", "420s"]
        ·           ───────┬───────
        ·                  ╰── here
     12 │ 
        ╰────
    "#);
}

#[tokio::test]
async fn a_size_that_is_none_is_shown_in_its_place() {
    let shown = checked("file = { name = \"a\", content = \"b\", size = \"5 megs\" }").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × told.toml:11:44: `5 megs` is no size such as `200 kB` or `5 MB` (at most 40 MB)
        ╭─[told.toml:11:44]
     10 │ say     = "My boat is {name}."
     11 │ file = { name = "a", content = "b", size = "5 megs" }
        ·                                            ────┬───
        ·                                                ╰── here
     12 │ 
        ╰────
    "#);
}

#[tokio::test]
async fn a_fact_of_a_skill_that_is_not_drawn_is_shown_in_its_place() {
    let skill = "[[skill]]\nname = \"x\"\ndescription = \"y\"\ntext = \"It is {nme}.\"";
    let shown = checked(skill).await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × told.toml:14:15: `{nme}` is none of the `[facts]`
        ╭─[told.toml:14:15]
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
async fn keys_that_make_no_sense_together_are_shown_at_their_turn() {
    let shown = checked("[[turn]]\ncontext = \"a\"\nsay = \"x\"\nmeanwhile = \"hang-up\"").await;
    assert_shown!(shown, @r#"
    exit 2
    --- stderr
      × told.toml:14:13: turn 2: `during` needs `send.stream = true`: only in a stream is there something to
      │ wait for
        ╭─[told.toml:14:13]
     13 │ say = "x"
     14 │ during = "hang-up"
        ·             ────┬────
        ·                 ╰── here
     15 │ 
        ╰────
    "#);
}

#[tokio::test]
async fn a_good_file_is_said_to_be_good_even_beside_a_bad_one() {
    let place = Place::new();
    std::fs::write(place.path("told.toml"), GOOD).unwrap();
    std::fs::write(place.path("agent.toml"), "port = 9000\n[session]\nscope = \"workspace\"\n").unwrap();
    let done = place.coalmine(&["check", "told.toml", "agent.toml"]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    --- stdout
    told.toml: canary `told`, 1 turn(s)
    agent.toml: profile `agent`
    ");
    std::fs::write(place.path("bad.toml"), MISSPELT).unwrap();
    let mixed = place.coalmine(&["check", "bad.toml", "told.toml", "missing.toml"]).await;
    mixed.code(2);
    assert!(mixed.stdout.starts_with("told.toml: canary `told`"), "{}", mixed.stdout);
    assert!(mixed.stderr.contains("could not read `missing.toml`"), "{}", mixed.stderr);
}

#[tokio::test]
async fn a_profile_file_that_is_wrong_is_refused_before_anything_starts() {
    let place = Place::new();
    std::fs::write(place.path("agent.toml"), "port = 8000\n\n[session]\nscop = \"context\"\n").unwrap();
    let done = place.run(&["--profile", "agent.toml", "--cmd", "true"]).await;
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
    assert!(!place.path("out").exists());
}
