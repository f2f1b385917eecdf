//! Rules with compiled patterns.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

use super::{Rule, RuleError, template};

/// Maximum size of one compiled pattern in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// What the named groups of patterns captured.
pub(super) type Captured = BTreeMap<String, String>;

/// A rule with its compiled patterns.
#[derive(Debug, Clone)]
pub(super) struct CompiledRule {
    pub(super) when: Regex,
    read: Option<Regex>,
    recall: Option<Regex>,
    pub(super) rule: Rule,
}

/// Compiles the case-insensitive pattern of a key.
pub(crate) fn pattern(key: &'static str, text: &str) -> Result<Regex, RuleError> {
    let built = RegexBuilder::new(text).case_insensitive(true).size_limit(MAX_PATTERN).build();
    built.map_err(|error| RuleError::Pattern { key, reason: error.to_string() })
}

fn optional_pattern(key: &'static str, text: Option<&str>) -> Result<Option<Regex>, RuleError> {
    text.map(|text| pattern(key, text)).transpose()
}

impl CompiledRule {
    /// Compiles the patterns of a rule, and checks that something captures each placeholder.
    pub(super) fn new(rule: Rule) -> Result<Self, RuleError> {
        let compiled = Self {
            when: pattern("when", &rule.when)?,
            read: optional_pattern("read", rule.read.as_deref())?,
            recall: optional_pattern("recall", rule.recall.as_deref())?,
            rule,
        };
        compiled.check_placeholders()?;
        Ok(compiled)
    }

    fn check_placeholders(&self) -> Result<(), RuleError> {
        if let Some(call) = &self.rule.call {
            self.check_template("call.with", &call.with)?;
            for text in call.args.values() {
                self.check_template("call.args", text)?;
            }
        }
        self.check_template("reply", &self.rule.reply)
    }

    fn check_template(&self, key: &'static str, template: &str) -> Result<(), RuleError> {
        let mut names = template::placeholders(template);
        match names.find(|name| !self.captures(name)) {
            Some(name) => Err(RuleError::Placeholder { key, name: name.to_owned() }),
            None => Ok(()),
        }
    }

    /// Returns whether one of the patterns has a group of this name.
    fn captures(&self, name: &str) -> bool {
        let patterns = self.read.iter().chain(&self.recall);
        patterns.flat_map(Regex::capture_names).flatten().any(|group| group == name)
    }

    /// Returns everything that the patterns capture, or `None` if one of them is not found.
    pub(super) fn capture(&self, question: &str, everything: &str) -> Option<Captured> {
        let mut captured = self.capture_in_question(question)?;
        if let Some(recall) = &self.recall {
            // searches the question as well: some runtimes write the history into the user's message
            collect_last(recall, everything, &mut captured)?;
        }
        Some(captured)
    }

    /// Returns what `read` captures. That is enough for a call, because a lookup comes before anything can be
    /// recalled.
    pub(super) fn capture_in_question(&self, question: &str) -> Option<Captured> {
        let mut captured = Captured::new();
        if let Some(read) = &self.read {
            collect_last(read, question, &mut captured)?;
        }
        Some(captured)
    }
}

/// Collects the named groups of the last match.
fn collect_last(pattern: &Regex, text: &str, into: &mut Captured) -> Option<()> {
    let captures = pattern.captures_iter(text).last()?;
    for name in pattern.capture_names().flatten() {
        if let Some(group) = captures.name(name) {
            into.insert(name.to_owned(), group.as_str().to_owned());
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{super::CallRule, *};

    fn compile(rule: Rule) -> Result<CompiledRule, RuleError> {
        CompiledRule::new(Rule { when: "x".into(), ..rule })
    }

    #[test]
    fn rejects_placeholders_that_nothing_captures() {
        let error = compile(Rule { reply: "{nam}".into(), ..Rule::default() }).unwrap_err();
        assert_eq!(error, RuleError::Placeholder { key: "reply", name: "nam".into() });
        let call = CallRule { args: [("agent".into(), "{who}".into())].into(), ..CallRule::default() };
        let error = compile(Rule { call: Some(call), ..Rule::default() }).unwrap_err();
        assert_eq!(error, RuleError::Placeholder { key: "call.args", name: "who".into() });
    }

    #[test]
    fn rejects_invalid_patterns() {
        let error = compile(Rule { recall: Some("(".into()), ..Rule::default() }).unwrap_err();
        assert!(matches!(error, RuleError::Pattern { key: "recall", .. }), "{error}");
    }

    #[test]
    fn captures_the_last_match_of_each_pattern() {
        let rule = compile(Rule {
            read: Some("to (?<agent>[a-z]+)".into()),
            recall: Some("name is (?<name>[A-Z][a-z]+)".into()),
            reply: "{name} {agent}".into(),
            ..Rule::default()
        });
        let rule = rule.unwrap();
        let captured = rule.capture("to alice, to bob", "name is Zor\nname is Quo").unwrap();
        assert_eq!((captured["agent"].as_str(), captured["name"].as_str()), ("bob", "Quo"));
        assert_eq!(rule.capture("to bob", "nothing"), None);
        assert_eq!(rule.capture("nothing", "name is Zor"), None);
        assert_eq!(rule.capture_in_question("to bob").unwrap().len(), 1);
    }
}
