//! The rules of the competent model, and the patterns of peers.

use coalmine_world::model::{ROLES, Roles, Rule, RuleError, SimulatedModel};

use super::{
    super::Canary,
    names_in_braces,
    patterns::{in_one_line, shaped},
};
use crate::plan::{nearest, problem::Problem};

/// All rules and all answers of peers.
pub(super) fn check(canary: &Canary) -> Result<(), Problem> {
    for (i, peer) in canary.peers.iter().enumerate() {
        for (k, answer) in peer.answer.iter().enumerate() {
            let path = format!("peer/{i}/answer/{k}/when");
            let pattern = shaped(canary, &path, &answer.when)?;
            regex::Regex::new(&pattern).map_err(|error| {
                Problem::at(&path, format!("no regular expression: {}", in_one_line(&error.to_string())))
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
            return Err(Problem::at(path, format!("an empty `{key}` is found in everything")));
        }
        *pattern = shaped(canary, &path, pattern)?;
    }
    if let Some(call) = rule.call.as_ref().filter(|call| !ROLES.contains(&call.role.as_str())) {
        let help = match nearest(&call.role, ROLES) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a role is one of {}", ROLES.map(|role| format!("`{role}`")).join(", ")),
        };
        return Err(Problem::at(format!("model/{i}/call/role"), format!("there is no role `{}`", call.role))
            .help(help));
    }
    if let Some(name) = rule.otherwise.as_deref().and_then(|text| names_in_braces(text).next()) {
        let message = "`otherwise` is said where nothing was found, so nothing is filled in";
        let wrong = Problem::at(format!("model/{i}/otherwise"), message).needle(format!("{{{name}}}"));
        return Err(wrong.help("let it admit that the model does not know"));
    }
    let groups = groups(&rule);
    SimulatedModel::new([rule], &Roles::new()).map(|_| ()).map_err(|error| match error {
        RuleError::Pattern { key, reason } => {
            let message = format!("`{key}` is no regular expression: {}", in_one_line(&reason));
            Problem::at(format!("model/{i}/{key}"), message)
        }
        RuleError::Placeholder { key, ref name } => {
            let help = match nearest(name, groups.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None => format!("catch it in `recall` or `read` with `(?<{name}>…)`"),
            };
            Problem::at(format!("model/{i}/{}", key.replace('.', "/")), error.to_string())
                .needle(format!("{{{name}}}"))
                .help(help)
        }
        RuleError::PeerId(_) => Problem::at(format!("model/{i}"), error.to_string()),
    })
}

/// Names of what `read` and `recall` catch.
fn groups(rule: &Rule) -> Vec<String> {
    let patterns = [&rule.read, &rule.recall].into_iter().flatten();
    let compiled: Vec<_> = patterns.filter_map(|pattern| regex::Regex::new(pattern).ok()).collect();
    compiled.iter().flat_map(|pattern| pattern.capture_names().flatten()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{passes, told};

    const RULE: &str = "[[model]]\nwhen = \"first\"\nreply = \"Noted.\"\n[[model]]\nreply = \"It is so.\"\n";

    fn shown(added: &str) -> (String, String, String) {
        told(&format!("{RULE}{added}"))
    }

    #[test]
    fn a_mistake_is_shown_in_its_own_rule_at_its_own_key() {
        let (place, message, _) = shown("when = \"(b\"");
        assert_eq!(
            (place.as_str(), message.as_str()),
            ("\"(b\"", "`when` is no regular expression: unclosed group")
        );
        let (place, _, help) = told(
            "[[model]]\nwhen = \"a\"\nrecall = \"is (?<order>{order:shape})\"\nreply = \"It is {ordr}.\"",
        );
        assert_eq!((place.as_str(), help.as_str()), ("{ordr}", "did you mean `{order}`?"));
        let (place, message, _) = shown("when = \"b\"\notherwise = \"Not {order}.\"");
        assert_eq!(place, "{order}");
        assert!(message.starts_with("`otherwise` is said where nothing was found"), "{message}");
        let (place, message, _) = shown("when = \"\"");
        assert_eq!((place.as_str(), message.as_str()), ("\"\"", "an empty `when` is found in everything"));
    }

    #[test]
    fn a_shape_that_is_misspelt_is_shown_with_the_nearest() {
        for (written, help) in [
            ("{ordr:shape}", "did you mean `{order:shape}`?"),
            ("{order:shap}", "write `{order:shape}`"),
            ("{order}", "write `{order:shape}`"),
            ("{order:shape", "write `{order:shape}`"),
        ] {
            let (place, _, told) = shown(&format!("when = \"b\"\nrecall = \"is {written}\""));
            assert!(written.starts_with(&place) && place.len() > 5, "{written}: {place}");
            assert_eq!(told, help, "{written}");
        }
        passes(&format!("{RULE}when = '\\p{{Greek}}{{2,3}}{{order:shape}}\\x{{1F400}}'"));
    }

    #[test]
    fn a_role_is_one_of_those_that_profiles_know() {
        let (place, message, help) = shown("when = \"b\"\ncall = { role = \"memory-wirte\", with = \"x\" }");
        assert_eq!(
            (place.as_str(), message.as_str()),
            ("\"memory-wirte\"", "there is no role `memory-wirte`")
        );
        assert_eq!(help, "did you mean `memory-write`?");
    }

    #[test]
    fn a_peer_can_be_asked_for_something_of_a_shape() {
        let peer = |when: &str| {
            format!(
                "[[peer]]\nid = \"p\"\nname = \"P\"\ndescription = \"d\"\nanswer = [{{ when = \"{when}\", reply = \"x\" }}]"
            )
        };
        let head = "id = \"x\"\ntitle = \"t\"\nlevel = \"must\"\nprobes = [\"agent-card\"]\nfacts = { order = \"code\" }\n";
        let canary =
            crate::plan::Canary::read("x.toml", &format!("{head}{}", peer("code of {order:shape}"))).unwrap();
        assert_eq!(canary.peers[0].answer[0].when, "code of [A-Z]{3}-[0-9]{6}");
        assert_eq!(told(&peer("{ordr:shape}")).2, "did you mean `{order:shape}`?");
    }
}
