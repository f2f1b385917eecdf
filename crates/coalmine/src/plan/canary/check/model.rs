//! The rules of the simulated model, and the patterns of peers.

use coalmine_world::model::{ROLES, Roles, Rule, RuleError, SimulatedModel};

use super::{
    super::Canary,
    names_in_braces,
    patterns::{in_one_line, shaped},
};
use crate::plan::{did_you_mean, nearest::nearest, problem::Problem};

/// Checks all rules, and all answers of peers.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    for (i, peer) in canary.peers.iter().enumerate() {
        for (k, answer) in peer.answer.iter().enumerate() {
            let path = format!("peer/{i}/answer/{k}/when");
            let pattern = shaped(canary, &path, &answer.when)?;
            regex::Regex::new(&pattern).map_err(|error| {
                Problem::at(&path, format!("invalid regular expression: {}", in_one_line(&error.to_string())))
            })?;
        }
    }
    canary.rules.iter().enumerate().try_for_each(|(i, rule)| check_rule(canary, rule, i))
}

fn check_rule(canary: &Canary, rule: &Rule, i: usize) -> Result<(), Problem> {
    let mut rule = rule.clone();
    let patterns =
        [("when", Some(&mut rule.when)), ("read", rule.read.as_mut()), ("recall", rule.recall.as_mut())];
    for (key, pattern) in patterns.into_iter().filter_map(|(key, pattern)| Some((key, pattern?))) {
        let path = format!("model/{i}/{key}");
        if pattern.is_empty() {
            return Err(Problem::at(path, format!("an empty `{key}` matches every text")));
        }
        *pattern = shaped(canary, &path, pattern)?;
    }
    if let Some(call) = rule.call.as_ref().filter(|call| !ROLES.contains(&call.role.as_str())) {
        return Err(Problem::at(format!("model/{i}/call/role"), format!("unknown role `{}`", call.role))
            .help(did_you_mean(&call.role, ROLES)));
    }
    if let Some(name) = rule.otherwise.as_deref().and_then(|text| names_in_braces(text).next()) {
        let message = "`otherwise` is the answer if nothing matches, so no group can be filled in";
        let problem = Problem::at(format!("model/{i}/otherwise"), message).needle(format!("{{{name}}}"));
        return Err(problem.help("admit that the model does not know"));
    }
    let groups = groups(&rule);
    SimulatedModel::new([rule], &Roles::new()).map(|_| ()).map_err(|error| match error {
        RuleError::Pattern { key, reason } => {
            let message = format!("invalid regular expression `{key}`: {}", in_one_line(&reason));
            Problem::at(format!("model/{i}/{key}"), message)
        }
        RuleError::Placeholder { key, ref name } => {
            let help = match nearest(name, groups.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None => format!("add the group `(?<{name}>…)` to `recall` or `read`"),
            };
            Problem::at(format!("model/{i}/{}", key.replace('.', "/")), error.to_string())
                .needle(format!("{{{name}}}"))
                .help(help)
        }
        RuleError::PeerId(_) => Problem::at(format!("model/{i}"), error.to_string()),
    })
}

/// Returns the names of the groups of `read` and `recall`.
fn groups(rule: &Rule) -> Vec<String> {
    let patterns = [&rule.read, &rule.recall].into_iter().flatten();
    let compiled: Vec<_> = patterns.filter_map(|pattern| regex::Regex::new(pattern).ok()).collect();
    compiled.iter().flat_map(|pattern| pattern.capture_names().flatten()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, rejected};

    const RULE: &str = "[[model]]\nwhen = \"first\"\nreply = \"Noted.\"\n[[model]]\nreply = \"It is so.\"\n";

    fn shown(added: &str) -> (String, String, String) {
        rejected(&format!("{RULE}{added}"))
    }

    #[test]
    fn problem_is_shown_in_its_rule_and_key() {
        let (place, message, _) = shown("when = \"(b\"");
        assert_eq!(
            (place.as_str(), message.as_str()),
            ("\"(b\"", "invalid regular expression `when`: unclosed group")
        );
        let (place, _, help) = rejected(
            "[[model]]\nwhen = \"a\"\nrecall = \"is (?<order>{order:shape})\"\nreply = \"It is {ordr}.\"",
        );
        assert_eq!((place.as_str(), help.as_str()), ("{ordr}", "did you mean `{order}`?"));
        let (place, message, _) = shown("when = \"b\"\notherwise = \"Not {order}.\"");
        assert_eq!(place, "{order}");
        assert!(message.starts_with("`otherwise` is the answer if nothing matches"), "{message}");
        let (place, message, _) = shown("when = \"\"");
        assert_eq!((place.as_str(), message.as_str()), ("\"\"", "an empty `when` matches every text"));
    }

    #[test]
    fn misspelled_shape_is_shown_with_a_suggestion() {
        for (written, help) in [
            ("{ordr:shape}", "did you mean `{order:shape}`?"),
            ("{order:shap}", "write `{order:shape}`"),
            ("{order}", "write `{order:shape}`"),
            ("{order:shape", "write `{order:shape}`"),
        ] {
            let (place, _, shown_help) = shown(&format!("when = \"b\"\nrecall = \"is {written}\""));
            assert!(written.starts_with(&place) && place.len() > 5, "{written}: {place}");
            assert_eq!(shown_help, help, "{written}");
        }
        passes(&format!("{RULE}when = '\\p{{Greek}}{{2,3}}{{order:shape}}\\x{{1F400}}'"));
    }

    #[test]
    fn unknown_role_is_shown_with_a_suggestion() {
        let (place, message, help) = shown("when = \"b\"\ncall = { role = \"memory-wirte\", with = \"x\" }");
        assert_eq!((place.as_str(), message.as_str()), ("\"memory-wirte\"", "unknown role `memory-wirte`"));
        assert_eq!(help, "did you mean `memory-write`?");
    }

    #[test]
    fn shapes_are_filled_into_patterns_of_peers() {
        let peer = |when: &str| {
            format!(
                "[[peer]]\nid = \"p\"\nname = \"P\"\ndescription = \"d\"\nanswer = [{{ when = \"{when}\", reply = \"x\" }}]"
            )
        };
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"must\"\nprobes = [\"agent-card\"]\nfacts = { order = \"code\" }\n";
        let canary =
            crate::plan::Canary::read("x.toml", &format!("{head}{}", peer("code of {order:shape}"))).unwrap();
        assert_eq!(canary.peers[0].answer[0].when, "code of [A-Z]{3}-[0-9]{6}");
        assert_eq!(rejected(&peer("{ordr:shape}")).2, "did you mean `{order:shape}`?");
    }
}
