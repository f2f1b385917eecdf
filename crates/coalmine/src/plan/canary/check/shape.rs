//! Keys and names: what makes no sense together would be a false green.

use super::{
    super::{AnswerRule, Canary, During, Turn},
    texts::replies,
};
use crate::plan::problem::Problem;

/// Most turns that one may stand for.
const MAX_REPEATS: u32 = 200;

/// The canary as a whole.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    let well_named = |id: &str| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !well_named(&canary.id) {
        let message = "an `id` is made of lower-case letters, digits and hyphens";
        return Err(Problem::at("id", message).help("such as `order-recall`"));
    }
    if canary.turns.is_empty() && canary.probes.is_empty() {
        let wrong = Problem::at("id", "a canary needs at least one `[[turn]]` or one of `probes`");
        return Err(
            wrong.help("write a `[[turn]]` with `context` and `say`; `coalmine new canary <id>` shows one")
        );
    }
    let skills = canary.skills.iter().enumerate().map(|(i, skill)| (format!("skill/{i}/name"), &skill.name));
    let peers = canary.peers.iter().enumerate().map(|(i, peer)| (format!("peer/{i}/id"), &peer.id));
    if let Some((path, _)) = skills.chain(peers).find(|(_, name)| !well_named(name)) {
        let message =
            "the `name` of a skill and the `id` of a peer are made of lower-case letters, digits and hyphens";
        return Err(Problem::at(path, message));
    }
    for name in canary.facts.keys() {
        let wrong = |message: String, help: &str| {
            Err(Problem::at(format!("facts/{name}"), message).needle(name).help(help))
        };
        if name == "n" {
            return wrong(
                "no fact can be named `n`".into(),
                "`{n}` is the number of a turn; name it `number`",
            );
        }
        if !super::braces::is_name(name) {
            let message = format!("`{name}` cannot be filled in as `{{{name}}}`");
            return wrong(
                message,
                "a fact's name begins with a letter, and letters, digits, `-` and `_` follow",
            );
        }
    }
    Ok(())
}

/// One turn, by its number from 0.
pub(super) fn check_turn(canary: &Canary, turn: &Turn, at: usize) -> Result<(), Problem> {
    let wrong = |key: &str, message: &str| {
        Err(Problem::at(format!("turn/{at}/{key}"), format!("turn {}: {message}", at + 1)))
    };
    let again = turn.send.again;
    if turn.say.is_none() && turn.all_files().next().is_none() && !again {
        return wrong("", "a turn needs `say`, `file` or both");
    }
    if turn.repeat == 0 || turn.repeat > MAX_REPEATS {
        return wrong("repeat", "`repeat` is from 1 to 200");
    }
    let alone = turn.repeat == 1 && turn.parallel.is_none() && turn.before.is_none() && turn.during.is_none();
    if turn.each && !alone {
        return wrong("each", "`each` turns are sent at once already, and to nothing but a running runtime");
    }
    if again && turn.each {
        return wrong(
            "send/again",
            "in an `each` turn no message can be sent again: write its `say` once more",
        );
    }
    if again && !canary.turns[..at].iter().any(|before| before.context == turn.context && !before.each) {
        return wrong(
            "send/again",
            "`send.again` needs an earlier turn of the same `context`, which it repeats",
        );
    }
    if !turn.expect.reply.lacks_others.is_empty() && !turn.each {
        let message = "`lacks-others` speaks of the other contexts of an `each` turn";
        return wrong("expect/reply/lacks-others", message);
    }
    let streams = matches!(turn.during, Some(During::HangUp | During::Cancel | During::Resubscribe));
    if streams && !turn.send.stream {
        return wrong(
            "during",
            "`during` needs `send.stream = true`: only in a stream is there something to wait for",
        );
    }
    if (turn.expect.answer == AnswerRule::Canceled) != (turn.during == Some(During::Cancel)) {
        return wrong("", "`during = \"cancel\"` and `expect.answer = \"canceled\"` belong together");
    }
    if turn.key.is_some() && turn.expect.reply.contains.is_empty() {
        return wrong("key", "a turn with `key` needs `expect.reply.contains`: the fact by which it is told");
    }
    replies(turn, at).try_for_each(|(path, reply)| match reply.same_as {
        Some(other) => {
            same_as(canary, at, other).map_err(|wrong| Problem { path: format!("{path}/same-as"), ..wrong })
        }
        None => Ok(()),
    })
}

fn same_as(canary: &Canary, at: usize, other: u32) -> Result<(), Problem> {
    let earlier = canary.turns[..at].get((other as usize).wrapping_sub(1));
    let message = match earlier {
        None => "`same-as` names an earlier turn by its number in the file, from 1",
        Some(turn) if turn.each => "`same-as` cannot name an `each` turn: it has as many replies as contexts",
        Some(_) => return Ok(()),
    };
    Err(Problem::at("", format!("turn {}: {message}", at + 1)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, told};

    const TURN: &str = "[[turn]]\ncontext = \"b\"\nsay = \"Hello there {door}.\"\n";

    #[test]
    fn same_as_names_an_earlier_turn_of_the_file() {
        passes(&format!("{TURN}expect.reply.same-as = 1"));
        for number in [0, 2, 3] {
            let (place, message, _) = told(&format!("{TURN}expect.reply.same-as = {number}"));
            assert_eq!(place, number.to_string());
            assert_eq!(message, "turn 2: `same-as` names an earlier turn by its number in the file, from 1");
        }
        let (place, message, _) = told(&format!("{TURN}each = true\n{TURN}canary-mode.reply.same-as = 2"));
        assert_eq!(place, "2");
        assert_eq!(
            message,
            "turn 3: `same-as` cannot name an `each` turn: it has as many replies as contexts"
        );
    }

    #[test]
    fn again_needs_something_that_was_said() {
        passes("[[turn]]\ncontext = \"a\"\nsend.again = true");
        let (place, message, _) = told("[[turn]]\ncontext = \"b\"\nsend.again = true");
        assert_eq!(place, "true");
        assert!(message.starts_with("turn 2: `send.again` needs an earlier turn"), "{message}");
        let (place, message, _) = told("[[turn]]\ncontext = \"a\"\nsend = { again = true }\neach = true");
        assert_eq!(place, "true");
        assert!(message.contains("no message can be sent again"), "{message}");
    }

    #[test]
    fn a_fact_has_a_name_that_can_be_filled_in() {
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"must\"\nprobes = [\"agent-card\"]\n";
        for (fact, place) in [("n = \"code\"", "n"), ("\"a b\" = \"code\"", "\"a b\"")] {
            let error = crate::plan::Canary::read("x.toml", &format!("{head}[facts]\n{fact}\n")).unwrap_err();
            assert_eq!(&error.text[error.span.clone()], place, "{}", error.message);
        }
    }
}
