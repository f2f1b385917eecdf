//! `coalmine check` of invalid files, and of canaries that conflict with each other.

use crate::support::{Sandbox, assert_shown};

/// Returns a canary that asks a question and has a rule for it.
fn canary(id: &str, question: &str, when: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"Turn 2 knows the code from turn 1\"\nlevel = \"continuity\"\n\n[facts]\ncode = \"code\"\n\n\
         [[turn]]\ncontext = \"a\"\nsay = \"For {id}: the code is {{code}}.\"\n\n\
         [[turn]]\ncontext = \"a\"\nsay = \"{question}\"\nexpect.reply.contains = \"{{code}}\"\n\n\
         [[model]]\nwhen = \"{when}\"\nrecall = \"the code is (?<code>{{code:shape}})\"\nreply = \"It is {{code}}.\"\n\n\
         [[model]]\nwhen = \"for {id}: the code\"\nreply = \"Noted.\"\n"
    )
}

/// Returns a sandbox with these files in the folder `mine`.
fn with(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("mine")).unwrap();
    for (name, text) in files {
        std::fs::write(sandbox.path("mine").join(name), text).unwrap();
    }
    sandbox
}

#[tokio::test]
async fn question_answered_by_a_built_in_canary_is_shown() {
    let sandbox = with(&[("a.toml", &canary("a", "Tell me: what's my name?", "tell me: what's my name"))]);
    let done = sandbox.coalmine(&["check", "mine/a.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × mine/a.toml:14:7: turn 2: a rule of the canary `name-recall` answers it: `when = "what('s| is) my name|
      │ {my-name}"`
        ╭─[mine/a.toml:14:7]
     13 │ context = "a"
     14 │ say = "Tell me: what's my name?"
        ·       ─────────────┬────────────
        ·                    ╰── here
     15 │ expect.reply.contains = "{code}"
        ╰────
      help: reword the message so that the rule does not match it
    "#);
    assert_eq!(sandbox.run(&["--canaries", "mine"]).await.code(2).stderr, done.stderr);
}

#[tokio::test]
async fn canaries_of_a_folder_are_checked_against_each_other() {
    let sandbox = with(&[
        ("a.toml", &canary("a", "Which code has the attic?", "which code has the attic")),
        ("b.toml", &canary("b", "Which code has the barn?", "which code has the (attic|barn).")),
        ("c.toml", &canary("c", "Which code has the cellar?", "has the cellar")),
        ("agent.toml", "port = 9000\n"),
    ]);
    let done = sandbox.coalmine(&["check", "mine"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stdout
    mine/agent.toml: profile `agent`
    mine/b.toml: canary `b`, 2 turn(s)
    mine/c.toml: canary `c`, 2 turn(s)
    --- stderr
      × mine/a.toml:14:7: turn 2: a rule of the canary `b` answers it: `when = "which code has the (attic|
      │ barn)."`
        ╭─[mine/a.toml:14:7]
     13 │ context = "a"
     14 │ say = "Which code has the attic?"
        ·       ─────────────┬─────────────
        ·                    ╰── here
     15 │ expect.reply.contains = "{code}"
        ╰────
      help: reword the message, or narrow that rule
    "#);
    std::fs::write(sandbox.path("other.toml"), canary("c", "Which code has the den?", "has the den"))
        .unwrap();
    let twice = sandbox.coalmine(&["check", "mine/c.toml", "mine/../mine/c.toml", "other.toml"]).await;
    assert_shown!(twice.transcript(), @r#"
    exit 2
    --- stdout
    mine/c.toml: canary `c`, 2 turn(s)
    --- stderr
      × other.toml:1:6: duplicate canary id `c`: it is already used by mine/c.toml
       ╭─[other.toml:1:6]
     1 │ id = "c"
       ·      ─┬─
       ·       ╰── here
     2 │ title = "Turn 2 knows the code from turn 1"
       ╰────
      help: choose another `id`; it must be unique in a run
    "#);
}

#[tokio::test]
async fn built_in_id_is_rejected_unless_the_text_is_the_same() {
    let sandbox = with(&[("a.toml", &canary("name-recall", "Which code has the attic?", "has the attic"))]);
    let done = sandbox.coalmine(&["check", "mine/a.toml"]).await;
    assert!(done.code(2).stderr.contains("mine/a.toml:1:6: duplicate canary id `name-recall`"));
    let text = include_str!("../../../../canaries/name-recall.toml");
    std::fs::write(sandbox.path("mine/a.toml"), text).unwrap();
    sandbox.coalmine(&["check", "mine/a.toml"]).await.code(0);
}

#[tokio::test]
async fn invalid_files_are_shown_and_never_ignored() {
    let sandbox = with(&[("empty.toml", ""), ("odd.toml", "imge = \"x\"\n")]);
    std::fs::write(sandbox.path("mine/latin.toml"), b"id = \"x\"\ntitle = \"caf\xe9\"\n").unwrap();
    let done = sandbox.coalmine(&["check", "mine", "nowhere.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × mine/empty.toml: missing key `id`
      help: write `id = "order-recall"`
    error: mine/latin.toml:2:13: byte 22 of the file is not UTF-8

    hint: save the file as UTF-8
      × mine/odd.toml:1:1: unknown key `imge`
       ╭─[mine/odd.toml:1:1]
     1 │ imge = "x"
       · ──┬─
       ·   ╰── here
       ╰────
      help: expected one of `id`, `number`, `title`, `level`, `needs`, `facts`, `wordings`, `probes`, `skill`,
            `peer`, `turn`, `model`
    error: could not read `nowhere.toml`
      cause: failed to open file `nowhere.toml`: No such file or directory (os error 2)

    hint: give a file or a folder that exists, or create one with `coalmine new canary <id>`
    "#);
    let run = sandbox.run(&["--canaries", "mine"]).await;
    for file in ["mine/empty.toml", "mine/odd.toml:1:1", "mine/latin.toml:2:13"] {
        assert!(run.code(2).stderr.contains(file), "{}", run.stderr);
    }
}

#[tokio::test]
async fn empty_folder_is_rejected() {
    let sandbox = with(&[]);
    let done = sandbox.coalmine(&["check", "mine"]).await;
    assert!(done.code(2).stderr.contains("no canary in `mine`"), "{}", done.stderr);
}
