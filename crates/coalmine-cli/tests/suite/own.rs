//! Canaries of a user, from `coalmine new canary` to a failed run.

use crate::support::{Sandbox, assert_shown, codes, verdicts};

async fn with_canary(id: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.coalmine(&["new", "canary", id]).await.code(0);
    sandbox
}

#[tokio::test]
async fn new_canary_passes_and_fails_with_a_fault() {
    let sandbox = with_canary("order-recall").await;
    let checked = sandbox.coalmine(&["check", "order-recall.toml"]).await;
    assert_shown!(checked.transcript(), @r"
    exit 0
    --- stdout
    order-recall.toml: canary `order-recall`, 3 turn(s)
    ");
    let own = ["--canaries", ".", "--canary", "order-recall"];
    let green = sandbox.run(&own).await;
    assert_shown!(green.transcript(), @"
    exit 0
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    1 passed in [time]
    ");
    sandbox.run(&[&own[..], &["--model", "canary-mode"]].concat()).await.code(0);
    for (fault, code) in [
        ("prompt.history-dropped", "prompt.history-missing"),
        ("session.global", "session.shared"),
        ("reply.echo-everything", "reply.echo"),
    ] {
        sandbox.run(&[&own[..], &["--fault", fault]].concat()).await.code(1);
        assert_eq!(codes(&sandbox.summary()), [code], "{fault}");
    }
}

#[tokio::test]
async fn rules_that_do_not_answer_are_an_error() {
    let sandbox = with_canary("order-recall").await;
    let file = sandbox.path("order-recall.toml");
    let canary = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, canary.replace("{has-code} (?<", "the parcel has the code (?<")).unwrap();
    sandbox.run(&["--canaries", ".", "--canary", "order-recall"]).await.code(2);
    let summary = sandbox.summary();
    assert_eq!(summary["canaries"][0]["verdict"], "error");
    assert_eq!(codes(&summary), ["boot.unanswerable"]);
}

#[tokio::test]
async fn tutorial_matches_the_output() {
    let tutorial = include_str!("../../../../docs/canaries.md").split("Now make it yours").next().unwrap();
    // times, and the width of their columns, differ from run to run
    let times = regex::Regex::new(r" +\d+ ms|\d+\.\d+ s").unwrap();
    let plain = |text: &str| times.replace_all(text, "TIME").into_owned();
    let sandbox = Sandbox::new();
    let mut commands = 0;
    for block in tutorial.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap()) {
        for shown in block.split("$ coalmine ").skip(1) {
            let mut lines = shown.lines();
            let mut arguments: Vec<&str> = lines.next().unwrap().split(' ').collect();
            // the tutorial shows what a terminal shows
            arguments.extend((arguments[0] == "run").then_some("--verbose"));
            let done = sandbox.coalmine(&arguments).await;
            let printed = plain(&format!("{}{}", done.stdout, done.stderr));
            let mut left = printed.lines();
            for line in lines.map(plain).filter(|line| line != "…" && !line.is_empty()) {
                assert!(left.any(|other| other == line), "{arguments:?}: {line}\n{printed}");
            }
            commands += 1;
        }
    }
    assert_eq!(commands, 4);
}

#[tokio::test]
async fn new_canary_never_overwrites_a_file() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("mine.toml"), "precious").unwrap();
    let done = sandbox.coalmine(&["new", "canary", "mine"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: `mine.toml` already exists

    hint: give another file with `--to`
    ");
    assert_eq!(std::fs::read_to_string(sandbox.path("mine.toml")).unwrap(), "precious");
    sandbox.coalmine(&["new", "canary", "mine", "--to", "other.toml"]).await.code(0);
    let shown = sandbox.coalmine(&["new", "canary", "mine", "--to", "-"]).await.code(0).stdout.clone();
    assert_eq!(shown, std::fs::read_to_string(sandbox.path("other.toml")).unwrap());
}

#[tokio::test]
async fn taken_and_invalid_ids_are_rejected() {
    let sandbox = Sandbox::new();
    for (id, why) in [("name-recall", "is the id of a built-in canary"), ("Mine", "lower-case letters")] {
        let done = sandbox.coalmine(&["new", "canary", id]).await;
        assert!(done.code(2).stderr.contains(why), "{}", done.stderr);
        assert!(!sandbox.path(&format!("{id}.toml")).exists());
    }
}

#[tokio::test]
async fn own_canaries_come_last_in_file_order() {
    let sandbox = with_canary("zebra").await;
    sandbox.coalmine(&["new", "canary", "ant"]).await.code(0);
    std::fs::write(sandbox.path("agent.toml"), "port = 9000\n").unwrap();
    let listed = sandbox.coalmine(&["list", "canaries", "--canaries", "."]).await.code(0).stdout.clone();
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!((ids[0], &ids[ids.len() - 2..]), ("agent-card", &["ant", "zebra"][..]));
    sandbox.run(&["--canaries", ".", "--canary", "zebra", "ant", "name-recall"]).await.code(0);
    let ran: Vec<String> = verdicts(&sandbox.summary()).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ran, ["name-recall", "ant", "zebra"]);
    // single files
    sandbox.run(&["--canaries", "ant.toml", "--canaries", "zebra.toml", "--canary", "ant"]).await.code(0);
    sandbox.run(&["--canaries", "ant.toml", "--canary", "zebra"]).await.code(2);
}

#[tokio::test]
async fn built_in_id_is_shown_in_place() {
    let sandbox = with_canary("mine").await;
    let text = std::fs::read_to_string(sandbox.path("mine.toml")).unwrap();
    std::fs::write(sandbox.path("mine.toml"), text.replace("\"mine\"", "\"name-recall\"")).unwrap();
    let done = sandbox.run(&["--canaries", "mine.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × mine.toml:3:9: duplicate canary id `name-recall`: it is already used by a built-in canary
       ╭─[mine.toml:3:9]
     2 │ # `coalmine schema canary > canary.schema.json` and a first line `#:schema ./canary.schema.json` let editors complete it.
     3 │ id    = "name-recall"   # its name on the command line and in reports
       ·         ──────┬──────
       ·               ╰── here
     4 │ title = "An order code given in turn 1 is known in turn 2"   # one line that says what holds if it passes
       ╰────
      help: choose another `id`; it must be unique in a run
    "#);
    assert!(!sandbox.path("out").exists());
}

#[tokio::test]
async fn all_problems_of_a_folder_are_shown_before_running() {
    let sandbox = with_canary("a").await;
    let text = std::fs::read_to_string(sandbox.path("a.toml")).unwrap();
    std::fs::write(sandbox.path("b.toml"), text.replace("level", "levle")).unwrap();
    std::fs::write(sandbox.path("c.toml"), text.replace("door  = \"code\"", "door  = \"coed\"")).unwrap();
    let done = sandbox.run(&["--canaries", "."]).await;
    done.code(2);
    for wrong in ["./b.toml:5:1: unknown key `levle`", "./c.toml:9:9: unknown value `coed`"] {
        assert!(done.stderr.contains(wrong), "{}", done.stderr);
    }
    assert!(!sandbox.path("out").exists());
}

#[tokio::test]
async fn folder_without_a_canary_is_rejected() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let done = sandbox.run(&["--canaries", "empty"]).await;
    assert_shown!(done.transcript(), @"
    exit 2
    --- stderr
    error: no canary in `empty`: expected files that end in `.toml`

    hint: create one with `coalmine new canary <id>`
    ");
    sandbox.run(&["--canaries", "nowhere"]).await.code(2);
}

const SKILL: &str = r#"
id    = "own-skill"
title = "A skill of one's own is used"
level = "continuity"
needs = ["skills"]

[facts]
code  = "code"

[[skill]]
name        = "vault-codes"
description = "How to find the code of the vault."
text        = "The code of the vault is {code}."

[[turn]]
context = "a"
say     = "Which code has the vault? Your skill vault-codes knows it."
expect.reply.contains = "{code}"

[[model]]
when      = "which code has the vault"
recall    = "code of the vault is (?<code>{code:shape})"
call      = { role = "skill", with = "vault-codes" }
reply     = "The vault has the code {code}."
otherwise = "I know of no vault."
"#;

#[tokio::test]
async fn own_skill_is_available_in_every_round() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("own.toml"), SKILL).unwrap();
    sandbox.run(&["--canaries", "own.toml", "--canary", "own-skill", "--repeat", "3"]).await.code(0);
    assert_eq!(sandbox.summary()["canaries"][0]["rounds"]["passed"], 3);
    // the names of skills are unique, because they share a folder
    std::fs::write(sandbox.path("two.toml"), SKILL.replace("own-skill", "two")).unwrap();
    let done = sandbox.run(&["--canaries", "."]).await;
    assert!(
        done.code(2).stderr.contains("duplicate skill name `vault-codes`: it is already used by ./own.toml")
    );
}
