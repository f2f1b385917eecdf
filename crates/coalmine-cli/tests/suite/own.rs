//! Canaries that a user wrote: begun, checked, run, seen red.

use crate::support::{Place, assert_shown, codes, verdicts};

async fn with_canary(id: &str) -> Place {
    let place = Place::new();
    place.coalmine(&["new", "canary", id]).await.code(0);
    place
}

#[tokio::test]
async fn a_new_canary_is_checked_passes_as_it_is_and_goes_red_with_a_broken_runtime() {
    let place = with_canary("order-recall").await;
    let checked = place.coalmine(&["check", "order-recall.toml"]).await;
    assert_shown!(checked.transcript(), @r"
    exit 0
    --- stdout
    order-recall.toml: canary `order-recall`, 3 turn(s)
    ");
    let own = ["--canaries", ".", "--canary", "order-recall"];
    let green = place.run(&own).await;
    assert_shown!(green.transcript(), @r"
    exit 0
    --- stderr
    coalmine: the reference runtime · profile reference · dialect 0.3 · model simulated · seed [seed]
    ✓ pass   order-recall  An order code told in turn 1 is known in turn 2  [time]
    1 passed in [time]
    ");
    place.run(&[&own[..], &["--model", "canary-mode"]].concat()).await.code(0);
    for (fault, code) in [
        ("prompt.history-dropped", "prompt.history-missing"),
        ("session.global", "session.shared"),
        ("reply.echo-everything", "reply.echo"),
    ] {
        place.run(&[&own[..], &["--fault", fault]].concat()).await.code(1);
        assert_eq!(codes(&place.summary()), [code], "{fault}");
    }
}

#[tokio::test]
async fn the_tutorial_shows_what_is_printed() {
    let tutorial = include_str!("../../../../docs/canaries.md").split("Now make it yours").next().unwrap();
    // times and the columns in front of them differ from run to run
    let times = regex::Regex::new(r" +\d+ ms|\d+\.\d+ s").unwrap();
    let plain = |text: &str| times.replace_all(text, "TIME").into_owned();
    let place = Place::new();
    let mut commands = 0;
    for block in tutorial.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap()) {
        for shown in block.split("$ coalmine ").skip(1) {
            let mut lines = shown.lines();
            let arguments: Vec<&str> = lines.next().unwrap().split(' ').collect();
            let done = place.coalmine(&arguments).await;
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
async fn a_new_canary_never_overwrites_anything() {
    let place = Place::new();
    std::fs::write(place.path("mine.toml"), "precious").unwrap();
    let done = place.coalmine(&["new", "canary", "mine"]).await;
    assert_shown!(done.transcript(), @r"
    exit 2
    --- stderr
    error: `mine.toml` is there already

    hint: it is never overwritten; give another place with `--to`
    ");
    assert_eq!(std::fs::read_to_string(place.path("mine.toml")).unwrap(), "precious");
    place.coalmine(&["new", "canary", "mine", "--to", "other.toml"]).await.code(0);
    let shown = place.coalmine(&["new", "canary", "mine", "--to", "-"]).await.code(0).stdout.clone();
    assert_eq!(shown, std::fs::read_to_string(place.path("other.toml")).unwrap());
}

#[tokio::test]
async fn an_id_that_is_taken_or_none_is_refused() {
    let place = Place::new();
    for (id, why) in [("name-recall", "is the id of a built-in canary"), ("Mine", "lower-case letters")] {
        let done = place.coalmine(&["new", "canary", id]).await;
        assert!(done.code(2).stderr.contains(why), "{}", done.stderr);
        assert!(!place.path(&format!("{id}.toml")).exists());
    }
}

#[tokio::test]
async fn canaries_of_ones_own_come_after_the_built_in_ones_sorted_by_file() {
    let place = with_canary("zebra").await;
    place.coalmine(&["new", "canary", "ant"]).await.code(0);
    std::fs::write(place.path("agent.toml"), "port = 9000\n").unwrap();
    let listed = place.coalmine(&["list", "canaries", "--canaries", "."]).await.code(0).stdout.clone();
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!((ids[0], &ids[ids.len() - 2..]), ("agent-card", &["ant", "zebra"][..]));
    place.run(&["--canaries", ".", "--canary", "zebra", "ant", "name-recall"]).await.code(0);
    let ran: Vec<String> = verdicts(&place.summary()).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ran, ["name-recall", "ant", "zebra"]);
    // one file alone, and another beside it
    place.run(&["--canaries", "ant.toml", "--canaries", "zebra.toml", "--canary", "ant"]).await.code(0);
    place.run(&["--canaries", "ant.toml", "--canary", "zebra"]).await.code(2);
}

#[tokio::test]
async fn a_canary_with_an_id_that_is_built_in_is_shown_with_its_place() {
    let place = with_canary("mine").await;
    let text = std::fs::read_to_string(place.path("mine.toml")).unwrap();
    std::fs::write(place.path("mine.toml"), text.replace("\"mine\"", "\"name-recall\"")).unwrap();
    let done = place.run(&["--canaries", "mine.toml"]).await;
    assert_shown!(done.transcript(), @r#"
    exit 2
    --- stderr
      × mine.toml:3:9: `name-recall` is the id of a canary that is built in
       ╭─[mine.toml:3:9]
     2 │ # `coalmine schema canary > canary.schema.json` and a first line `#:schema ./canary.schema.json` let editors complete it.
     3 │ id    = "name-recall"   # its name on the command line and in reports
       ·         ──────┬──────
       ·               ╰── here
     4 │ title = "An order code told in turn 1 is known in turn 2"   # one line: what holds when it passes
       ╰────
      help: give it a name of its own: no two in a run have the same `id`
    "#);
    assert!(!place.path("out").exists());
}

#[tokio::test]
async fn all_mistakes_of_a_folder_are_shown_and_nothing_is_run() {
    let place = with_canary("a").await;
    let text = std::fs::read_to_string(place.path("a.toml")).unwrap();
    std::fs::write(place.path("b.toml"), text.replace("level", "levle")).unwrap();
    std::fs::write(place.path("c.toml"), text.replace("door  = \"code\"", "door  = \"coed\"")).unwrap();
    let done = place.run(&["--canaries", "."]).await;
    done.code(2);
    for wrong in ["./b.toml:5:1: unknown key `levle`", "./c.toml:9:9: unknown value `coed`"] {
        assert!(done.stderr.contains(wrong), "{}", done.stderr);
    }
    assert!(!place.path("out").exists());
}

#[tokio::test]
async fn a_folder_without_a_canary_is_no_green_run() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    let done = place.run(&["--canaries", "empty"]).await;
    assert_shown!(done.transcript(), @r"
    exit 2
    --- stderr
    error: there is no canary in `empty`

    hint: `coalmine new canary <id>` begins one; canaries are files that end in `.toml`
    ");
    place.run(&["--canaries", "nowhere"]).await.code(2);
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
async fn a_skill_of_ones_own_is_given_before_the_start_and_holds_in_every_round() {
    let place = Place::new();
    std::fs::write(place.path("own.toml"), SKILL).unwrap();
    place.run(&["--canaries", "own.toml", "--canary", "own-skill", "--repeat", "3"]).await.code(0);
    assert_eq!(place.summary()["canaries"][0]["rounds"]["passed"], 3);
    // its name is its own, and the runtime's folder has room for one of it
    std::fs::write(place.path("two.toml"), SKILL.replace("own-skill", "two")).unwrap();
    let done = place.run(&["--canaries", "."]).await;
    assert!(done.code(2).stderr.contains("`vault-codes` is the name of a skill in ./own.toml too"));
}
