//! The honest model itself.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use regex::{Captures, Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde_json::Value;

use super::{Rule, RuleError, arguments, form};
use crate::{Answer, Prompt, Role, ToolOffer};

/// The largest that all rules together may get, in bytes.
const MAX_PATTERNS: usize = 64 << 20;

/// After how many questions it pays to put all rules together.
const PAYS_AFTER: usize = 1_000;

/// What is said to a question that no rule answers.
const NO_IDEA: &str = "I have no answer to that.";

/// What is said where a plan is wanted: it repeats nothing, so that a fact is only where it was told.
const PLAN: &str = "## 1. Facts survey\nAll that is known is in the task and in the history.\n\
                    ## 2. Plan\n1. Look up what is missing, where a tool can.\n2. Answer.\n";

/// Tool names by what the tools are for: role to pattern.
pub type Roles = BTreeMap<String, String>;

/// What the model wants, before it is brought into form.
enum Thought<'a> {
    Words(String),
    /// A tool or a function, and its arguments.
    Call(&'a ToolOffer, Value),
}

/// A model that knows nothing but its prompt.
#[derive(Debug, Default)]
pub struct SimulatedModel {
    groups: Vec<Vec<Compiled>>,
    /// What all rules speak to, in order: one look tells which of them fit. `None` where it would be too large.
    whens: OnceLock<Option<RegexSet>>,
    /// Questions that came before there was that.
    asked: AtomicUsize,
    roles: Vec<(String, Regex)>,
}

#[derive(Debug)]
struct Compiled {
    when: Regex,
    read: Option<Regex>,
    recall: Option<Regex>,
    rule: Rule,
}

impl SimulatedModel {
    /// A model with one group of rules; see [`Self::grouped`].
    ///
    /// # Errors
    /// The first pattern that is no regular expression, or a placeholder that nothing fills.
    pub fn new(rules: impl IntoIterator<Item = Rule>, roles: &Roles) -> Result<Self, RuleError> {
        Self::grouped([rules], roles)
    }

    /// Compiles groups of rules (a canary's rules are one) and the roles of tools; a tool of a server or a plugin
    /// (`mcp__server__tool`, `plugin-tool`) is known by its own name.
    ///
    /// The group that speaks to what stands last in a question answers it, with its first rule that fits there: some
    /// runtimes write the history, with its old questions, into the user's message above the new one.
    ///
    /// # Errors
    /// The first pattern that is no regular expression, or a placeholder that nothing fills.
    pub fn grouped<G>(groups: impl IntoIterator<Item = G>, roles: &Roles) -> Result<Self, RuleError>
    where
        G: IntoIterator<Item = Rule>,
    {
        let groups = groups.into_iter().map(|rules| rules.into_iter().map(Compiled::new).collect());
        let groups = groups.collect::<Result<Vec<Vec<_>>, _>>()?;
        let roles = roles
            .iter()
            .map(|(role, names)| {
                Ok((role.clone(), pattern("tools", &format!("^(?:mcp__.+__)?(?:{names})$"))?))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { groups, roles, ..Self::default() })
    }

    /// What a tool of this name is for.
    pub fn role_of(&self, tool: &str) -> Option<&str> {
        let role = |tool: &str| self.roles.iter().find(|(_, names)| names.is_match(tool));
        role(tool).or_else(|| role(without_plugin(tool)?)).map(|(role, _)| role.as_str())
    }

    /// Answers a prompt from the prompt alone, in the form that it demands.
    pub fn answer(&self, prompt: &Prompt) -> Answer {
        if prompt.wants_plan() {
            return Answer { text: PLAN.into(), calls: vec![] };
        }
        match self.think(prompt) {
            Thought::Words(text) => form::words(prompt, text, |tool| self.role_of(tool).is_some()),
            Thought::Call(tool, arguments) => form::call(prompt, tool, arguments),
        }
    }

    /// Which group would answer a question, from 0, and with which of its rules.
    pub fn answering(&self, question: &str) -> Option<(usize, &Rule)> {
        self.rule_for(question).map(|(group, rule)| (group, &rule.rule))
    }

    fn think<'a>(&self, prompt: &'a Prompt) -> Thought<'a> {
        let question = prompt.question();
        let Some((_, rule)) = self.rule_for(&question) else {
            return Thought::Words(form::to_put(prompt).unwrap_or(NO_IDEA).to_owned());
        };
        let caught = rule.catch(&question, &prompt.everything());
        if let (Some(call), Some(caught)) = (&rule.rule.call, rule.catch_for_call(&question, &caught)) {
            if let Some(tool) = self.tool_for(&call.role, prompt) {
                let named =
                    call.args.iter().map(|(name, text)| (name.clone(), fill(text, &caught))).collect();
                let arguments = arguments::fill(&tool.parameters, &fill(&call.with, &caught), &named);
                return Thought::Call(tool, arguments);
            }
            if let Some((search, name)) = self.deferred(&call.role, prompt) {
                let query = format!("select:{name}");
                let named = BTreeMap::from([("query".to_owned(), query.clone())]);
                return Thought::Call(search, arguments::fill(&search.parameters, &query, &named));
            }
        }
        Thought::Words(match (&caught, &rule.rule.otherwise) {
            (Some(caught), _) => fill(&rule.rule.reply, caught),
            (None, Some(otherwise)) => otherwise.clone(),
            (None, None) => NO_IDEA.into(),
        })
    }

    /// The rule that answers, of the group that is spoken to last, of equals the first; and which group that is.
    fn rule_for(&self, question: &str) -> Option<(usize, &Compiled)> {
        let fits = self.whens().map(|whens| whens.matches(question));
        let place = |rule: &Compiled| rule.when.find_iter(question).last().map(|found| found.range());
        let mut rules_before = 0;
        let spoken_to = self.groups.iter().enumerate().filter_map(|(number, group)| {
            let first = rules_before;
            rules_before += group.len();
            let may_fit = |at: usize| fits.as_ref().is_none_or(|fits| fits.matched(first + at));
            let rules = group.iter().enumerate().filter(|(at, _)| may_fit(*at));
            let fitting: Vec<_> = rules.filter_map(|(_, rule)| Some((place(rule)?, rule))).collect();
            let end = fitting.iter().map(|(place, _)| place.end).max()?;
            // the first, unless another one speaks to what comes after
            let later = |best: (Range<usize>, _), next: (Range<usize>, _)| match next.0.start >= best.0.end {
                true => next,
                false => best,
            };
            Some((end, (number, fitting.into_iter().reduce(later)?.1)))
        });
        spoken_to
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map(|(_, answering)| answering)
    }

    /// One pattern for all rules, once it pays to make it.
    fn whens(&self) -> Option<&RegexSet> {
        if self.whens.get().is_none() && self.asked.fetch_add(1, Ordering::Relaxed) < PAYS_AFTER {
            return None;
        }
        let make = || {
            let whens = self.groups.iter().flatten().map(|rule| rule.when.as_str());
            RegexSetBuilder::new(whens).case_insensitive(true).size_limit(MAX_PATTERNS).build().ok()
        };
        self.whens.get_or_init(make).as_ref()
    }

    /// A tool for the role that is offered and was not called since the question.
    fn tool_for<'a>(&self, role: &str, prompt: &'a Prompt) -> Option<&'a ToolOffer> {
        let fits = |name: &str| self.roles.iter().any(|(r, names)| r == role && names.is_match(name));
        let is_for = |name: &str| fits(name) || self.role_of(name) == Some(role);
        if prompt.calls_since_question().any(|call| is_for(&call.name)) {
            return None;
        }
        prompt.callable().chain(&prompt.functions).find(|tool| is_for(&tool.name))
    }

    /// The tool by which others are loaded (Claude Code's), and one for the role among those that instructions list, a
    /// line each.
    fn deferred<'a>(&self, role: &str, prompt: &'a Prompt) -> Option<(&'a ToolOffer, &'a str)> {
        const SEARCH: &str = "ToolSearch";
        let search = prompt.callable().find(|tool| tool.name == SEARCH)?;
        if prompt
            .calls_since_question()
            .any(|call| call.name == SEARCH || self.role_of(&call.name) == Some(role))
        {
            return None;
        }
        let instructions = prompt.messages.iter().filter(|message| message.role == Role::System);
        let mut names = instructions.flat_map(|message| message.text.lines()).map(str::trim);
        names.find(|name| self.role_of(name) == Some(role)).map(|name| (search, name))
    }
}

/// The name of a tool without its plugin's (`plugin-tool`, `plugin__tool`, `plugin.tool`), if it says enough by itself: a
/// single word can be about anything.
fn without_plugin(tool: &str) -> Option<&str> {
    let rest = tool.rsplit(['-', '.', ':', '/']).next().filter(|rest| rest.len() < tool.len());
    let rest = rest.or_else(|| Some(tool.rsplit_once("__")?.1));
    rest.filter(|rest| rest.contains('_'))
}

type Caught = BTreeMap<String, String>;

impl Compiled {
    fn new(rule: Rule) -> Result<Self, RuleError> {
        let optional =
            |key, text: &Option<String>| text.as_deref().map(|text| pattern(key, text)).transpose();
        let compiled = Self {
            when: pattern("when", &rule.when)?,
            read: optional("read", &rule.read)?,
            recall: optional("recall", &rule.recall)?,
            rule,
        };
        compiled.check_placeholders()?;
        Ok(compiled)
    }

    fn check_placeholders(&self) -> Result<(), RuleError> {
        let known = |name: &str| {
            [&self.read, &self.recall]
                .into_iter()
                .flatten()
                .any(|p| p.capture_names().flatten().any(|n| n == name))
        };
        let with = self.rule.call.iter().map(|call| ("call.with", call.with.as_str()));
        let args = self.rule.call.iter().flat_map(|call| call.args.values());
        let args = args.map(|text| ("call.args", text.as_str()));
        for (key, template) in with.chain(args).chain([("reply", self.rule.reply.as_str())]) {
            for name in placeholders(template) {
                if !known(name) {
                    return Err(RuleError::Placeholder { key, name: name.to_owned() });
                }
            }
        }
        Ok(())
    }

    /// All that the patterns catch; `None` where one of them finds nothing.
    fn catch(&self, question: &str, everything: &str) -> Option<Caught> {
        let mut caught = Caught::new();
        if let Some(read) = &self.read {
            collect(read, &read.captures_iter(question).last()?, &mut caught);
        }
        if let Some(recall) = &self.recall {
            // the last word counts, wherever it stands: some runtimes write the history into the user's message
            collect(recall, &recall.captures_iter(everything).last()?, &mut caught);
        }
        Some(caught)
    }

    /// What a call can be made with: a call that looks something up comes before anything is recalled.
    fn catch_for_call(&self, question: &str, caught: &Option<Caught>) -> Option<Caught> {
        caught.clone().or_else(|| match &self.read {
            Some(read) => {
                let mut found = Caught::new();
                collect(read, &read.captures_iter(question).last()?, &mut found);
                Some(found)
            }
            None => Some(Caught::new()),
        })
    }
}

fn collect(pattern: &Regex, captures: &Captures<'_>, into: &mut Caught) {
    for name in pattern.capture_names().flatten() {
        if let Some(found) = captures.name(name) {
            into.insert(name.to_owned(), found.as_str().to_owned());
        }
    }
}

pub(crate) fn pattern(key: &'static str, text: &str) -> Result<Regex, RuleError> {
    let built = RegexBuilder::new(text).case_insensitive(true).size_limit(1 << 20).build();
    built.map_err(|error| RuleError::Pattern { key, reason: error.to_string() })
}

/// Names in braces.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// Puts what was caught into a template, in one pass: caught text is never a template itself.
fn fill(template: &str, caught: &Caught) -> String {
    let mut rest = template;
    let mut filled = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, after)| Some((caught.get(name)?, after))) {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{super::CallRule, *};
    use crate::{Message, ToolChoice};

    fn name_rules() -> Vec<Rule> {
        vec![
            Rule {
                when: "what('s| is) my name".into(),
                recall: Some("my name is (?<name>[A-Z][a-z]+-[0-9]+)".into()),
                reply: "Your name is {name}.".into(),
                otherwise: Some("I don't know your name.".into()),
                ..Rule::default()
            },
            Rule { when: "my name is".into(), reply: "Noted.".into(), ..Rule::default() },
        ]
    }

    fn chat(messages: &[(Role, &str)]) -> Prompt {
        let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        Prompt { messages, ..Prompt::default() }
    }

    #[test]
    fn a_tool_is_known_without_the_name_of_its_plugin_unless_that_says_too_little() {
        let roles = [("memory-write", "commit_memory|save"), ("read-file", "read")];
        let roles = roles.map(|(role, names)| (role.to_owned(), names.to_owned())).into();
        let model = SimulatedModel::new([], &roles).unwrap();
        for name in [
            "commit_memory",
            "Mem-commit_memory",
            "mcp__mem__save",
            "mem__commit_memory",
            "a.b.commit_memory",
        ] {
            assert_eq!(model.role_of(name), Some("memory-write"), "{name}");
        }
        for name in ["memory-read", "calendar.save", "uncommit_memory", "commit_memory-later"] {
            assert_eq!(model.role_of(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_in_the_history_is_known_and_one_that_is_lost_is_not() {
        let model = SimulatedModel::new(name_rules(), &Roles::new()).unwrap();
        let told = (Role::User, "Hi, my name is Zorvane-4417.");
        let noted = (Role::Assistant, "Noted.");
        let asked = (Role::User, "What's my name?");
        assert_eq!(model.answer(&chat(&[told, noted, asked])).text, "Your name is Zorvane-4417.");
        assert_eq!(model.answer(&chat(&[asked])).text, "I don't know your name.");
        assert_eq!(model.answer(&chat(&[told])).text, "Noted.");
    }

    #[test]
    fn of_a_conversation_in_one_message_the_last_words_are_answered() {
        let model = SimulatedModel::new(name_rules(), &Roles::new()).unwrap();
        let asked = "User: Hi, my name is Zorvane-4417.\nAgent: Noted.\nUser: What's my name?\nAgent: ";
        assert_eq!(model.answer(&chat(&[(Role::User, asked)])).text, "Your name is Zorvane-4417.");
        let told = format!("{asked}Your name is Zorvane-4417.\nUser: From now on my name is Quorvel-11.");
        assert_eq!(model.answer(&chat(&[(Role::User, &told)])).text, "Noted.");
    }

    #[test]
    fn what_was_said_last_is_put_into_a_form_where_nothing_else_is_asked() {
        let model = SimulatedModel::new(name_rules(), &Roles::new()).unwrap();
        let parameters = json!({"properties": {"reply": {"type": "string"}}, "required": ["reply"]});
        let reply = ToolOffer { name: "Reply".into(), parameters };
        let said = [(Role::User, "my name is Z"), (Role::Assistant, "Noted."), (Role::User, "Format that.")];
        let prompt = Prompt { tools: vec![reply], ..chat(&said) };
        assert_eq!(model.answer(&prompt).text, NO_IDEA);
        let prompt = Prompt { tool_choice: ToolChoice::Named("Reply".into()), ..prompt };
        assert_eq!(model.answer(&prompt).calls[0].arguments, json!({"reply": "Noted."}));
    }

    #[test]
    fn a_tool_that_is_loaded_on_demand_is_loaded_first_and_once() {
        let call = CallRule { role: "memory-write".into(), with: "teal".into(), args: BTreeMap::new() };
        let rule =
            Rule { when: "remember".into(), reply: "I will.".into(), call: Some(call), ..Rule::default() };
        let roles = Roles::from([("memory-write".into(), "commit_memory".into())]);
        let model = SimulatedModel::new([rule], &roles).unwrap();
        let tool = |name: &str, argument: &str| {
            let parameters = json!({"properties": {argument: {"type": "string"}}, "required": [argument]});
            ToolOffer { name: name.into(), parameters }
        };
        let deferred = "Load these by ToolSearch:\nWebFetch\nmcp__mem__commit_memory";
        let mut prompt = chat(&[(Role::User, "Please remember teal."), (Role::System, deferred)]);
        prompt.tools = vec![tool("ToolSearch", "query")];
        let search = model.answer(&prompt).calls.pop().unwrap();
        assert_eq!(search.arguments, json!({"query": "select:mcp__mem__commit_memory"}));
        prompt.messages.push(Message { calls: vec![search], ..Message::text(Role::Assistant, "") });
        assert_eq!(model.answer(&prompt).text, "I will.", "it was looked for and is not there");
        prompt.tools.push(tool("mcp__mem__commit_memory", "content"));
        assert_eq!(model.answer(&prompt).calls[0].arguments, json!({"content": "teal"}));
    }

    #[test]
    fn the_last_of_several_facts_counts() {
        let model = SimulatedModel::new(name_rules(), &Roles::new()).unwrap();
        let prompt = chat(&[
            (Role::System, "My name is Agent-1."),
            (Role::User, "my name is Zorvane-4417"),
            (Role::Assistant, "Noted."),
            (Role::User, "What is my name?"),
        ]);
        assert_eq!(model.answer(&prompt).text, "Your name is Zorvane-4417.");
    }

    #[test]
    fn a_tool_is_called_once_and_its_result_is_used() {
        let rule = Rule {
            when: "favourite colour".into(),
            recall: Some("colour is (?<colour>[a-z]+)".into()),
            call: Some(CallRule {
                role: "memory-read".into(),
                with: "favourite colour".into(),
                ..Default::default()
            }),
            reply: "It is {colour}.".into(),
            otherwise: Some("I don't know.".into()),
            ..Rule::default()
        };
        let roles = Roles::from([("memory-read".into(), "recall_memory|search".into())]);
        let model = SimulatedModel::new([rule], &roles).unwrap();
        let mut prompt = chat(&[(Role::User, "What is my favourite colour?")]);
        prompt.tools = vec![ToolOffer {
            name: "recall_memory".into(),
            parameters: json!({"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}),
        }];
        let answer = model.answer(&prompt);
        assert_eq!(answer.calls[0].arguments, json!({"query": "favourite colour"}));
        let called = Message { calls: answer.calls, ..Message::text(Role::Assistant, "") };
        prompt.messages.extend([called, Message::text(Role::Tool, "their colour is teal")]);
        assert_eq!(model.answer(&prompt).text, "It is teal.");
    }

    #[test]
    fn a_placeholder_that_nothing_fills_is_refused() {
        let rule = Rule { when: "x".into(), reply: "{nam}".into(), ..Rule::default() };
        let error = SimulatedModel::new([rule], &Roles::new()).unwrap_err();
        assert_eq!(error, RuleError::Placeholder { key: "reply", name: "nam".into() });
        let call = CallRule { args: [("agent".into(), "{who}".into())].into(), ..Default::default() };
        let rule = Rule { when: "x".into(), call: Some(call), ..Rule::default() };
        let error = SimulatedModel::new([rule], &Roles::new()).unwrap_err();
        assert_eq!(error, RuleError::Placeholder { key: "call.args", name: "who".into() });
    }

    proptest! {
        #[test]
        fn all_rules_in_one_choose_as_each_by_itself(question in "(alpha|beta|gamma|my|is| ){1,12}") {
            let rule = |when: &str| Rule { when: when.into(), ..Rule::default() };
            let groups = || [[rule("alpha beta"), rule("my")], [rule("beta"), rule("is (alpha|gamma)")]];
            let each = SimulatedModel::grouped(groups(), &Roles::new()).unwrap();
            let all = SimulatedModel::grouped(groups(), &Roles::new()).unwrap();
            all.asked.store(PAYS_AFTER, Ordering::Relaxed);
            let chosen = |model: &SimulatedModel| model.answering(&question).map(|(at, rule)| (at, rule.when.clone()));
            prop_assert_eq!(chosen(&each), chosen(&all));
            prop_assert!(each.whens.get().is_none() && all.whens.get().is_some());
        }

        #[test]
        fn an_answer_holds_no_fact_that_is_not_in_its_prompt(
            texts in prop::collection::vec("(my name is [A-Z][a-z]{3}-[0-9]{4}|what is my name|\\PC{0,20})", 0..6),
            roles in prop::collection::vec(0..4_usize, 6),
        ) {
            let all = [Role::System, Role::User, Role::Assistant, Role::Tool];
            let said: Vec<_> = texts.iter().zip(&roles).map(|(t, r)| (all[*r], t.as_str())).collect();
            let prompt = chat(&said);
            let answer = SimulatedModel::new(name_rules(), &Roles::new()).unwrap().answer(&prompt).text;
            let shape = Regex::new("[A-Z][a-z]{3}-[0-9]{4}").unwrap();
            for fact in shape.find_iter(&answer) {
                prop_assert!(prompt.contains(fact.as_str()));
            }
        }
    }
}
