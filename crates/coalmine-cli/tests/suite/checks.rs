//! `coalmine check`: what it says of files that are odd, and of canaries that get in each other's way.

use crate::support::{Place, assert_shown};

/// A canary that asks something, and answers what fits.
fn canary(id: &str, question: &str, when: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"What was told is known\"\nlevel = \"continuity\"\n\n[facts]\ncode = \"code\"\n\n\
         [[turn]]\ncontext = \"a\"\nsay = \"For {id}: the code is {{code}}.\"\n\n\
         [[turn]]\ncontext = \"a\"\nsay = \"{question}\"\nexpect.reply.contains = \"{{code}}\"\n\n\
         [[model]]\nwhen = \"{when}\"\nrecall = \"the code is (?<code>{{code:shape}})\"\nreply = \"It is {{code}}.\"\n\n\
         [[model]]\nwhen = \"for {id}: the code\"\nreply = \"Noted.\"\n"
    )
}

/// A place with these files in the folder `mine`.
fn with(files: &[(&str, &str)]) -> Place {
    let place = Place::new();
    std::fs::create_dir(place.path("mine")).unwrap();
    for (name, text) in files {
        std::fs::write(place.path("mine").join(name), text).unwrap();
    }
    place
}

#[tokio::test]
async fn a_question_that_a_built_in_canary_would_answer_is_shown_with_the_rule() {
    let place = with(&[("a.toml", &canary("a", "Tell me: what's my name?", "tell me: what's my name"))]);
    let done = place.coalmine(&["check", "mine/a.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × mine/a.toml:14:7: turn 2: a rule of the canary `name-recall` would answer it: `when = "what('s| is) my
      │ name"`
        ╭─[mine/a.toml:14:7]
     13 │ context = "a"
     14 │ say = "Tell me: what's my name?"
        ·       ─────────────┬────────────
        ·                    ╰── here
     15 │ expect.reply.contains = "{code}"
        ╰────
      help: say it in other words: the canary whose rule speaks to what stands last answers
    "#);
    assert_eq!(place.run(&["--canaries", "mine"]).await.code(2).stderr, done.stderr);
}

#[tokio::test]
async fn canaries_of_a_folder_are_checked_against_each_other() {
    let place = with(&[
        ("a.toml", &canary("a", "Which code has the attic?", "which code has the attic")),
        ("b.toml", &canary("b", "Which code has the barn?", "which code has the (attic|barn).")),
        ("c.toml", &canary("c", "Which code has the cellar?", "has the cellar")),
        ("agent.toml", "port = 9000\n"),
    ]);
    let done = place.coalmine(&["check", "mine"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stdout
    mine/agent.toml: profile `agent`
    mine/b.toml: canary `b`, 2 turn(s)
    mine/c.toml: canary `c`, 2 turn(s)
    --- stderr
      × mine/a.toml:14:7: turn 2: a rule of the canary `b` would answer it: `when = "which code has the (attic|
      │ barn)."`
        ╭─[mine/a.toml:14:7]
     13 │ context = "a"
     14 │ say = "Which code has the attic?"
        ·       ─────────────┬─────────────
        ·                    ╰── here
     15 │ expect.reply.contains = "{code}"
        ╰────
      help: say it in other words, or narrow that rule
    "#);
    std::fs::write(place.path("other.toml"), canary("c", "Which code has the den?", "has the den")).unwrap();
    let twice = place.coalmine(&["check", "mine/c.toml", "mine/../mine/c.toml", "other.toml"]).await;
    assert_shown!(twice.transcript(), @r#"
    exit 2
    --- stdout
    mine/c.toml: canary `c`, 2 turn(s)
    --- stderr
      × other.toml:1:6: `c` is the id of a canary in mine/c.toml too
       ╭─[other.toml:1:6]
     1 │ id = "c"
       ·      ─┬─
       ·       ╰── here
     2 │ title = "What was told is known"
       ╰────
      help: give it a name of its own: no two in a run have the same `id`
    "#);
}

#[tokio::test]
async fn an_id_that_is_built_in_is_told_and_the_file_of_a_built_in_canary_is_that_canary() {
    let place = with(&[("a.toml", &canary("name-recall", "Which code has the attic?", "has the attic"))]);
    let done = place.coalmine(&["check", "mine/a.toml"]).await;
    assert!(
        done.code(2).stderr.contains("mine/a.toml:1:6: `name-recall` is the id of a canary that is built in")
    );
    let text = include_str!("../../../../canaries/name-recall.toml");
    std::fs::write(place.path("mine/a.toml"), text).unwrap();
    place.coalmine(&["check", "mine/a.toml"]).await.code(0);
}

#[tokio::test]
async fn what_is_no_canary_is_told_as_one_and_never_passed_over() {
    let place = with(&[("empty.toml", ""), ("odd.toml", "imge = \"x\"\n")]);
    std::fs::write(place.path("mine/latin.toml"), b"id = \"x\"\ntitle = \"caf\xe9\"\n").unwrap();
    let done = place.coalmine(&["check", "mine", "nowhere.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × mine/empty.toml: the key `id` is missing
      help: write `id = "order-recall"`
    error: mine/latin.toml:2:13: byte 22 of the file is no UTF-8

    hint: save the file as UTF-8
      × mine/odd.toml:1:1: unknown key `imge`
       ╭─[mine/odd.toml:1:1]
     1 │ imge = "x"
       · ──┬─
       ·   ╰── here
       ╰────
      help: known here: `id`, `number`, `title`, `level`, `needs`, `facts`, `probes`, `skill`, `peer`, `turn`,
            `model`
    error: could not read `nowhere.toml`
      cause: failed to open file `nowhere.toml`: No such file or directory (os error 2)

    hint: name a file or a folder that is there; `coalmine new canary <id>` begins one
    "#);
    let run = place.run(&["--canaries", "mine"]).await;
    for file in ["mine/empty.toml", "mine/odd.toml:1:1", "mine/latin.toml:2:13"] {
        assert!(run.code(2).stderr.contains(file), "{}", run.stderr);
    }
}

#[tokio::test]
async fn a_folder_without_a_file_to_check_is_told() {
    let place = with(&[]);
    let done = place.coalmine(&["check", "mine"]).await;
    assert!(done.code(2).stderr.contains("there is no canary in `mine`"), "{}", done.stderr);
}
