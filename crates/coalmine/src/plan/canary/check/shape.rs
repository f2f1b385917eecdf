//! Names, and keys that contradict each other. A canary with such keys could pass by mistake.

use super::{
    super::{AnswerRule, Canary, During, Texts, Turn},
    texts::replies,
};
use crate::plan::problem::Problem;

/// The highest value of `repeat`.
const MAX_REPEATS: u32 = 200;
/// The most texts of a wording: each is tried when the canary is checked.
const MAX_WORDINGS: usize = 64;

/// Checks the canary as a whole.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    if !is_id(&canary.id) {
        let message = "invalid `id`: expected lower-case letters, digits and hyphens";
        return Err(Problem::at("id", message).help("write it as `order-recall`"));
    }
    if canary.turns.is_empty() && canary.probes.is_empty() {
        let problem = Problem::at("id", "a canary needs at least one `[[turn]]` or one of `probes`");
        return Err(problem.help(
            "add a `[[turn]]` with `context` and `say`; `coalmine new canary <id>` writes an example",
        ));
    }
    let skills = canary.skills.iter().enumerate().map(|(i, skill)| (format!("skill/{i}/name"), &skill.name));
    let peers = canary.peers.iter().enumerate().map(|(i, peer)| (format!("peer/{i}/id"), &peer.id));
    if let Some((path, _)) = skills.chain(peers).find(|(_, name)| !is_id(name)) {
        let message =
            "invalid name of a skill or id of a peer: expected lower-case letters, digits and hyphens";
        return Err(Problem::at(path, message));
    }
    canary.facts.keys().try_for_each(|name| check_fact_name(name))?;
    canary.wordings.iter().try_for_each(|(name, texts)| check_wording(canary, name, texts))
}

/// Returns whether a text can be the id of a canary or a peer, or the name of a skill.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn check_fact_name(name: &str) -> Result<(), Problem> {
    let problem = |message: String| Problem::at(format!("facts/{name}"), message).needle(name);
    if name == "n" {
        let message = "`n` cannot name a fact, because `{n}` is the number of a turn".to_owned();
        return Err(problem(message).help("write another name, such as `number`"));
    }
    if !super::braces::is_name(name) {
        let message =
            format!("invalid name of a fact `{name}`: expected a letter, then letters, digits, `-` or `_`");
        return Err(problem(message).help("write it as `order` or `order-code`"));
    }
    Ok(())
}

fn check_wording(canary: &Canary, name: &str, texts: &Texts) -> Result<(), Problem> {
    let problem = |message: String| Problem::at(format!("wordings/{name}"), message);
    if name == "n" || name == "small-talk" || canary.facts.contains_key(name) {
        return Err(problem(format!("`{name}` already has a meaning in braces")).help("choose another name"));
    }
    if !super::braces::is_name(name) {
        let message = format!(
            "invalid name of a wording `{name}`: expected a letter, then letters, digits, `-` or `_`"
        );
        return Err(problem(message).help("write it as `greeting` or `name-is`"));
    }
    if texts.len() < 2 {
        let message = format!("the wording `{name}` needs at least two texts to draw from");
        return Err(
            problem(message).help("add another way to say it, or write the words where they are said")
        );
    }
    if texts.len() > MAX_WORDINGS {
        return Err(problem(format!(
            "the wording `{name}` has {} texts, and at most {MAX_WORDINGS} are allowed",
            texts.len()
        )));
    }
    match texts.iter().find(|text| text.trim().is_empty() || text.contains('{')) {
        Some(_) => {
            let message = format!("invalid text of the wording `{name}`: expected words without braces");
            Err(problem(message).help("write facts where the wording is used: `{name-is} {name}`"))
        }
        None => Ok(()),
    }
}

/// Checks one turn, given by its index.
pub(super) fn check_turn(canary: &Canary, turn: &Turn, at: usize) -> Result<(), Problem> {
    let reject = |key: &str, message: &str| {
        Err(Problem::at(format!("turn/{at}/{key}"), format!("turn {}: {message}", at + 1)))
    };
    let again = turn.send.again;
    if turn.say.is_none() && turn.all_files().next().is_none() && !again {
        return reject("", "a turn needs `say`, `file` or both");
    }
    if turn.repeat == 0 || turn.repeat > MAX_REPEATS {
        return reject("repeat", "invalid `repeat`: expected a number from 1 to 200");
    }
    let alone = turn.repeat == 1 && turn.parallel.is_none() && turn.before.is_none() && turn.during.is_none();
    if turn.each && !alone {
        return reject("each", "an `each` turn cannot have `repeat`, `parallel`, `before` or `during`");
    }
    if again && turn.each {
        return reject("send/again", "an `each` turn cannot have `send.again`: repeat its `say` instead");
    }
    if again && !canary.turns[..at].iter().any(|before| before.context == turn.context && !before.each) {
        return reject("send/again", "`send.again` needs an earlier turn of the same `context` to repeat");
    }
    if !turn.expect.reply.lacks_others.is_empty() && !turn.each {
        return reject("expect/reply/lacks-others", "`lacks-others` needs a turn with `each = true`");
    }
    let streams = matches!(turn.during, Some(During::HangUp | During::Cancel | During::Resubscribe));
    if streams && !turn.send.stream {
        let message = "this `during` needs `send.stream = true`: it waits for the first event of the stream";
        return reject("during", message);
    }
    if (turn.expect.answer == AnswerRule::Canceled) != (turn.during == Some(During::Cancel)) {
        return reject("", "`during = \"cancel\"` and `expect.answer = \"canceled\"` need each other");
    }
    if turn.key.is_some() && turn.expect.reply.contains.is_empty() {
        return reject("key", "`key` needs `expect.reply.contains`: the fact that the reply knows or not");
    }
    replies(turn, at).try_for_each(|(path, reply)| match reply.same_as {
        Some(other) => same_as(canary, at, other)
            .map_err(|problem| Problem { path: format!("{path}/same-as"), ..problem }),
        None => Ok(()),
    })
}

fn same_as(canary: &Canary, at: usize, other: u32) -> Result<(), Problem> {
    let earlier = canary.turns[..at].get((other as usize).wrapping_sub(1));
    let message = match earlier {
        None => "invalid `same-as`: expected the number of an earlier turn in the file, from 1",
        Some(turn) if turn.each => {
            "`same-as` cannot name an `each` turn, which has a reply in each conversation"
        }
        Some(_) => return Ok(()),
    };
    Err(Problem::at("", format!("turn {}: {message}", at + 1)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, rejected};

    const TURN: &str = "[[turn]]\ncontext = \"b\"\nsay = \"Hello there {door}.\"\n";

    #[test]
    fn same_as_needs_an_earlier_turn() {
        passes(&format!("{TURN}expect.reply.same-as = 1"));
        for number in [0, 2, 3] {
            let (place, message, _) = rejected(&format!("{TURN}expect.reply.same-as = {number}"));
            assert_eq!(place, number.to_string());
            assert_eq!(
                message,
                "turn 2: invalid `same-as`: expected the number of an earlier turn in the file, from 1"
            );
        }
        let (place, message, _) =
            rejected(&format!("{TURN}each = true\n{TURN}canary-mode.reply.same-as = 2"));
        assert_eq!(place, "2");
        assert_eq!(
            message,
            "turn 3: `same-as` cannot name an `each` turn, which has a reply in each conversation"
        );
    }

    #[test]
    fn again_needs_an_earlier_message() {
        passes("[[turn]]\ncontext = \"a\"\nsend.again = true");
        let (place, message, _) = rejected("[[turn]]\ncontext = \"b\"\nsend.again = true");
        assert_eq!(place, "true");
        assert!(message.starts_with("turn 2: `send.again` needs an earlier turn"), "{message}");
        let (place, message, _) = rejected("[[turn]]\ncontext = \"a\"\nsend = { again = true }\neach = true");
        assert_eq!(place, "true");
        assert!(message.contains("an `each` turn cannot have `send.again`"), "{message}");
    }

    #[test]
    fn wordings_need_a_name_and_two_texts() {
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"must\"\nprobes = [\"agent-card\"]\nfacts = { door = \"code\" }\n";
        let read = |wording: &str| {
            let text = format!("{head}[wordings]\n{wording}\n");
            crate::plan::Canary::read("x.toml", &text).map(|_| ()).map_err(|error| error.message)
        };
        assert_eq!(read("hi = [\"Hi\", \"Hello\"]"), Ok(()));
        for (wording, message) in [
            ("door = [\"a\", \"b\"]", "`door` already has a meaning in braces"),
            ("n = [\"a\", \"b\"]", "`n` already has a meaning in braces"),
            ("hi = \"Hi\"", "the wording `hi` needs at least two texts to draw from"),
            ("hi = [\"Hi\", \" \"]", "invalid text of the wording `hi`: expected words without braces"),
            ("hi = [\"Hi\", \"{door}\"]", "invalid text of the wording `hi`: expected words without braces"),
        ] {
            assert_eq!(read(wording), Err(message.to_owned()), "{wording}");
        }
        let many = format!("hi = [{}]", "\"Hi\", ".repeat(65));
        assert_eq!(read(&many), Err("the wording `hi` has 65 texts, and at most 64 are allowed".into()));
    }

    #[test]
    fn fact_names_must_fit_into_braces() {
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"must\"\nprobes = [\"agent-card\"]\n";
        for (fact, place) in [("n = \"code\"", "n"), ("\"a b\" = \"code\"", "\"a b\"")] {
            let error = crate::plan::Canary::read("x.toml", &format!("{head}[facts]\n{fact}\n")).unwrap_err();
            assert_eq!(&error.text[error.span.clone()], place, "{}", error.message);
        }
    }
}
