//! The simulated model itself.

use std::{collections::BTreeMap, ops::Range};

use regex::{RegexSet, RegexSetBuilder};
use serde_json::Value;

use super::{
    Rule, RuleError,
    arguments::{self, CallTexts},
    compiled_rule::CompiledRule,
    response_format,
    roles::{Roles, ToolRoles},
    side_call::{self, CompiledSideCallRule, SideCallKind, SideCallRule},
    template::fill,
};
use crate::{Answer, Prompt, Role, ToolOffer};

/// Maximum size of the pattern that combines all rules, in bytes.
const MAX_COMBINED_PATTERN: usize = 64 << 20;

/// The answer if no rule matches.
const NO_ANSWER: &str = "I have no answer to that.";

/// The answer if a plan is requested. It repeats nothing, so that facts stay where they were stated.
const PLAN: &str = "## 1. Facts survey\nAll that is known is in the task and in the history.\n\
                    ## 2. Plan\n1. Look up what is missing, where a tool can.\n2. Answer.\n";

/// The tool through which Claude Code loads other tools.
const TOOL_SEARCH: &str = "ToolSearch";

/// What the model says or does, before it is brought into the requested format.
enum Intent<'a> {
    Say(String),
    /// Say what the prompt holds.
    Recall(String),
    /// Call a tool or a function with these arguments.
    Call(&'a ToolOffer, Value),
}

/// A model whose answers are grounded in its prompt alone.
#[derive(Debug, Clone, Default)]
pub struct SimulatedModel {
    groups: Vec<Vec<CompiledRule>>,
    /// The `when` patterns of all rules, in order; see [`Self::precompile`].
    combined_when: Option<RegexSet>,
    roles: ToolRoles,
    side_calls: Vec<CompiledSideCallRule>,
}

/// What the model answers, and what it took the request for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelResponse {
    /// The answer.
    pub answer: Answer,
    /// The purpose of the request, if it is not the turn's own call.
    pub side_call: Option<SideCallKind>,
    /// Whether the answer says something that the prompt holds.
    pub recalls: bool,
}

impl From<Answer> for ModelResponse {
    fn from(answer: Answer) -> Self {
        Self { answer, side_call: None, recalls: false }
    }
}

/// A rule that matches a question, and the last place where it does.
struct RuleMatch<'a> {
    group: usize,
    rule: &'a CompiledRule,
    range: Range<usize>,
}

impl SimulatedModel {
    /// Creates a model with one group of rules; see [`Self::grouped`].
    ///
    /// # Errors
    /// Fails on the first invalid pattern, and on a placeholder that nothing captures.
    pub fn new(rules: impl IntoIterator<Item = Rule>, roles: &Roles) -> Result<Self, RuleError> {
        Self::grouped([rules], roles)
    }

    /// Creates a model with several groups of rules, such as one for each canary. A tool of a server or of a
    /// plugin (`mcp__server__tool`, `plugin-tool`) has the role of its own name.
    ///
    /// The group that matches last in a question answers it, with its first rule that matches there. Some
    /// runtimes write the history, with its old questions, into the user's message above the new one.
    ///
    /// # Errors
    /// Fails on the first invalid pattern, and on a placeholder that nothing captures.
    pub fn grouped<G>(groups: impl IntoIterator<Item = G>, roles: &Roles) -> Result<Self, RuleError>
    where
        G: IntoIterator<Item = Rule>,
    {
        let groups = groups.into_iter().map(|rules| rules.into_iter().map(CompiledRule::new).collect());
        let groups = groups.collect::<Result<_, _>>()?;
        Ok(Self { groups, combined_when: None, roles: ToolRoles::new(roles)?, side_calls: vec![] })
    }

    /// Combines the patterns of all rules, so that one search finds the rules that match a question. This
    /// changes no answer. It takes as long as hundreds of questions, so it pays off only for a model that
    /// answers thousands.
    pub fn precompile(&mut self) {
        let patterns = self.groups.iter().flatten().map(|rule| rule.when.as_str());
        let mut builder = RegexSetBuilder::new(patterns);
        // each rule is searched for by itself if the combined pattern is too large
        self.combined_when = builder.case_insensitive(true).size_limit(MAX_COMBINED_PATTERN).build().ok();
    }

    /// Returns the role of a tool by its name, if it has one.
    pub fn role_of(&self, tool: &str) -> Option<&str> {
        self.roles.role_of(tool)
    }

    /// Returns the role of an offered tool by its name and its arguments, if it has one.
    pub fn role_of_offer(&self, tool: &ToolOffer) -> Option<&str> {
        self.roles.role_of_offer(tool)
    }

    /// Adds rules for side calls. They come before everything that the model recognizes by itself.
    ///
    /// # Errors
    /// Fails on the first invalid pattern.
    pub fn with_side_calls(
        mut self,
        rules: impl IntoIterator<Item = SideCallRule>,
    ) -> Result<Self, RuleError> {
        self.side_calls = rules.into_iter().map(CompiledSideCallRule::new).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Compiles what only the first answer would compile: runtimes may be impatient.
    pub(crate) fn prepare() {
        side_call::prepare();
    }

    /// Answers a prompt from the prompt alone, in the format that it requests.
    pub fn answer(&self, prompt: &Prompt) -> Answer {
        self.respond(prompt).answer
    }

    /// Answers a prompt like [`Self::answer`], and returns what it took the request for.
    pub fn respond(&self, prompt: &Prompt) -> ModelResponse {
        if prompt.wants_plan() {
            return ModelResponse::from(Answer { text: PLAN.into(), calls: vec![] });
        }
        let has_role = |tool: &str| self.role_of(tool).is_some();
        let is_answered = |words: &str| self.find_rule(words).is_some();
        match side_call::answer(prompt, &self.side_calls, has_role, is_answered) {
            Some(found) => ModelResponse { side_call: Some(found.kind), ..found.answer.into() },
            None => self.own_answer(prompt),
        }
    }

    /// Answers the turn's own call.
    fn own_answer(&self, prompt: &Prompt) -> ModelResponse {
        let in_format =
            |text| response_format::format_text(prompt, text, |tool| self.role_of(tool).is_some());
        match self.decide(prompt) {
            Intent::Say(text) => in_format(text).into(),
            Intent::Recall(text) => ModelResponse { recalls: true, ..in_format(text).into() },
            Intent::Call(tool, arguments) => response_format::format_call(prompt, tool, arguments).into(),
        }
    }

    /// Returns the group that would answer a question, counted from 0, and its rule.
    pub fn answering(&self, question: &str) -> Option<(usize, &Rule)> {
        self.find_rule(question).map(|found| (found.group, &found.rule.rule))
    }

    fn decide<'a>(&self, prompt: &'a Prompt) -> Intent<'a> {
        let question = prompt.question();
        let Some(RuleMatch { rule, .. }) = self.find_rule(&question) else {
            return Intent::Say(response_format::text_to_format(prompt).unwrap_or(NO_ANSWER).to_owned());
        };
        let captured = rule.capture(&question, &prompt.everything());
        if let Some(call) = &rule.rule.call
            && let Some(captured) = captured.clone().or_else(|| rule.capture_in_question(&question))
        {
            if let Some(tool) = self.find_tool(&call.role, rule, prompt) {
                let named = call.args.iter();
                let named = named.map(|(name, text)| (name.clone(), fill(text, &captured))).collect();
                let text = fill(&call.with, &captured);
                let texts = CallTexts { role: &call.role, text: &text, named };
                let mut arguments = arguments::fill_call(tool, texts, prompt);
                if let Value::Object(arguments) = &mut arguments {
                    let fixed = self.roles.args_of(&call.role);
                    arguments.extend(fixed.map(|(name, value)| (name.clone(), value.clone())));
                }
                return Intent::Call(tool, arguments);
            }
            if let Some((search, name)) = self.find_deferred_tool(&call.role, rule, prompt) {
                let query = format!("select:{name}");
                let named = BTreeMap::from([("query".to_owned(), query.clone())]);
                return Intent::Call(search, arguments::fill(&search.parameters, &query, &named));
            }
        }
        match (&captured, &rule.rule.otherwise) {
            (Some(captured), _) if captured.is_empty() => Intent::Say(rule.rule.reply.clone()),
            (Some(captured), _) => Intent::Recall(fill(&rule.rule.reply, captured)),
            (None, Some(otherwise)) => Intent::Say(otherwise.clone()),
            (None, None) => Intent::Say(NO_ANSWER.into()),
        }
    }

    /// Returns the rule that answers a question: of the group that matches last, or of the first of several
    /// such groups.
    fn find_rule(&self, question: &str) -> Option<RuleMatch<'_>> {
        let candidates = self.combined_when.as_ref().map(|when| when.matches(question));
        let mut last: Option<(usize, RuleMatch<'_>)> = None;
        let mut first_rule = 0_usize;
        for (group, rules) in self.groups.iter().enumerate() {
            let matches = rules.iter().enumerate().filter_map(|(index, rule)| {
                let is_candidate = candidates
                    .as_ref()
                    .is_none_or(|candidates| candidates.matched(first_rule.saturating_add(index)));
                let range = is_candidate.then(|| rule.when.find_iter(question).last())??.range();
                Some(RuleMatch { group, rule, range })
            });
            if let Some((end, found)) = answering_rule(matches)
                && last.as_ref().is_none_or(|(last_end, _)| end > *last_end)
            {
                last = Some((end, found));
            }
            first_rule = first_rule.saturating_add(rules.len());
        }
        last.map(|(_, found)| found)
    }

    /// Returns an offered tool with the role, unless one was already called for the question of the rule.
    fn find_tool<'a>(&self, role: &str, rule: &CompiledRule, prompt: &'a Prompt) -> Option<&'a ToolOffer> {
        let mut calls = prompt.calls_since(|text| rule.when.is_match(text));
        if calls.any(|call| self.roles.has_role(&call.name, role)) {
            return None;
        }
        prompt.callable().chain(&prompt.functions).find(|tool| self.roles.offer_has_role(tool, role))
    }

    /// Returns the tool through which Claude Code loads others, and the name of a tool with the role among
    /// those that the instructions list, one a line.
    fn find_deferred_tool<'a>(
        &self,
        role: &str,
        rule: &CompiledRule,
        prompt: &'a Prompt,
    ) -> Option<(&'a ToolOffer, &'a str)> {
        let search = prompt.callable().find(|tool| tool.name == TOOL_SEARCH)?;
        let mut calls = prompt.calls_since(|text| rule.when.is_match(text));
        if calls.any(|call| call.name == TOOL_SEARCH || self.role_of(&call.name) == Some(role)) {
            return None;
        }
        let instructions = prompt.messages.iter().filter(|message| message.role == Role::System);
        let mut names = instructions.flat_map(|message| message.text.lines()).map(str::trim);
        names.find(|name| self.role_of(name) == Some(role)).map(|name| (search, name))
    }
}

/// Returns the matching rule of a group that answers, and where the last match of the group ends. The first
/// rule answers, unless another one matches after it.
fn answering_rule<'a>(matches: impl Iterator<Item = RuleMatch<'a>>) -> Option<(usize, RuleMatch<'a>)> {
    let mut answering: Option<(usize, RuleMatch<'a>)> = None;
    for next in matches {
        answering = Some(match answering {
            None => (next.range.end, next),
            Some((end, best)) => {
                let end = end.max(next.range.end);
                (end, if next.range.start >= best.range.end { next } else { best })
            }
        });
    }
    answering
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;
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
    fn recalls_only_names_in_the_history() {
        let model = SimulatedModel::new(name_rules(), &Roles::new()).unwrap();
        let stated = (Role::User, "Hi, my name is Zorvane-4417.");
        let noted = (Role::Assistant, "Noted.");
        let asked = (Role::User, "What's my name?");
        assert_eq!(model.answer(&chat(&[stated, noted, asked])).text, "Your name is Zorvane-4417.");
        assert_eq!(model.answer(&chat(&[asked])).text, "I don't know your name.");
        assert_eq!(model.answer(&chat(&[stated])).text, "Noted.");
        let recalls = |said: &[_]| model.respond(&chat(said)).recalls;
        assert!(recalls(&[stated, noted, asked]) && !recalls(&[asked]) && !recalls(&[stated]));
    }

    #[test]
    fn answers_the_last_words_of_a_written_history() {
        let model = SimulatedModel::new(name_rules(), &Roles::new()).unwrap();
        let asked = "User: Hi, my name is Zorvane-4417.\nAgent: Noted.\nUser: What's my name?\nAgent: ";
        assert_eq!(model.answer(&chat(&[(Role::User, asked)])).text, "Your name is Zorvane-4417.");
        let continued =
            format!("{asked}Your name is Zorvane-4417.\nUser: From now on my name is Quorvel-11.");
        assert_eq!(model.answer(&chat(&[(Role::User, &continued)])).text, "Noted.");
    }

    #[test]
    fn formats_the_last_answer_if_nothing_else_is_asked() {
        let model = SimulatedModel::new(name_rules(), &Roles::new()).unwrap();
        let parameters = json!({"properties": {"reply": {"type": "string"}}, "required": ["reply"]});
        let reply = ToolOffer { name: "Reply".into(), parameters };
        let messages =
            [(Role::User, "my name is Z"), (Role::Assistant, "Noted."), (Role::User, "Format that.")];
        let prompt = Prompt { tools: vec![reply], ..chat(&messages) };
        assert_eq!(model.answer(&prompt).text, NO_ANSWER);
        let prompt = Prompt { tool_choice: ToolChoice::Named("Reply".into()), ..prompt };
        assert_eq!(model.answer(&prompt).calls[0].arguments, json!({"reply": "Noted."}));
    }

    #[test]
    fn loads_deferred_tools_first_and_once() {
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
        assert_eq!(model.answer(&prompt).text, "I will.", "the search did not provide it");
        prompt.tools.push(tool("mcp__mem__commit_memory", "content"));
        assert_eq!(model.answer(&prompt).calls[0].arguments, json!({"content": "teal"}));
    }

    #[test]
    fn recalls_the_last_of_several_facts() {
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
    fn calls_a_tool_once_and_uses_its_result() {
        let rule = Rule {
            when: "favorite color".into(),
            recall: Some("color is (?<color>[a-z]+)".into()),
            call: Some(CallRule {
                role: "memory-read".into(),
                with: "favorite color".into(),
                ..Default::default()
            }),
            reply: "It is {color}.".into(),
            otherwise: Some("I don't know.".into()),
            ..Rule::default()
        };
        let roles = Roles::from([("memory-read".into(), "recall_memory|search".into())]);
        let model = SimulatedModel::new([rule], &roles).unwrap();
        let mut prompt = chat(&[(Role::User, "What is my favorite color?")]);
        prompt.tools = vec![ToolOffer {
            name: "recall_memory".into(),
            parameters: json!({"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}),
        }];
        let answer = model.answer(&prompt);
        assert_eq!(answer.calls[0].arguments, json!({"query": "favorite color"}));
        let called = Message { calls: answer.calls, ..Message::text(Role::Assistant, "") };
        prompt.messages.extend([called, Message::text(Role::Tool, "their color is teal")]);
        assert_eq!(model.answer(&prompt).text, "It is teal.");
        // the same question again, as agents repeat their task, is not another one
        prompt.messages.push(Message::text(Role::User, "What is my favorite color?"));
        assert_eq!(model.answer(&prompt).text, "It is teal.");
    }

    #[test]
    fn calls_a_tool_again_for_the_next_question() {
        let rule = |about: &str| Rule {
            when: format!("favorite {about}"),
            recall: Some(format!("{about} is (?<it>[a-z]+)")),
            call: Some(CallRule { role: "memory-read".into(), with: about.into(), ..Default::default() }),
            reply: "It is {it}.".into(),
            otherwise: Some("I don't know.".into()),
            ..Rule::default()
        };
        let roles = Roles::from([("memory-read".into(), "recall_memory".into())]);
        let model = SimulatedModel::new([rule("color"), rule("town")], &roles).unwrap();
        let mut prompt = chat(&[(Role::User, "What is my favorite color?")]);
        prompt.tools =
            vec![ToolOffer { name: "recall_memory".into(), parameters: json!({"type": "object"}) }];
        let called = Message { calls: model.answer(&prompt).calls, ..Message::text(Role::Assistant, "") };
        let result = Message::text(Role::Tool, "their color is teal");
        // the answer to the first question is lost
        prompt.messages.extend([called, result, Message::text(Role::User, "And my favorite town?")]);
        assert_eq!(model.answer(&prompt).calls.len(), 1);
    }

    proptest! {
        #[test]
        fn precompiling_changes_no_answer(question in "(alpha|beta|gamma|my|is| ){1,12}") {
            let rule = |when: &str| Rule { when: when.into(), ..Rule::default() };
            let groups = || [[rule("alpha beta"), rule("my")], [rule("beta"), rule("is (alpha|gamma)")]];
            let each = SimulatedModel::grouped(groups(), &Roles::new()).unwrap();
            let mut combined = SimulatedModel::grouped(groups(), &Roles::new()).unwrap();
            combined.precompile();
            prop_assert!(combined.combined_when.is_some());
            let chosen = |model: &SimulatedModel| model.answering(&question).map(|(at, rule)| (at, rule.when.clone()));
            prop_assert_eq!(chosen(&each), chosen(&combined));
        }

        #[test]
        fn answers_hold_only_facts_of_their_prompt(
            texts in prop::collection::vec("(my name is [A-Z][a-z]{3}-[0-9]{4}|what is my name|\\PC{0,20})", 0..6),
            roles in prop::collection::vec(0..4_usize, 6),
        ) {
            let all = [Role::System, Role::User, Role::Assistant, Role::Tool];
            let messages: Vec<_> = texts.iter().zip(&roles).map(|(t, r)| (all[*r], t.as_str())).collect();
            let prompt = chat(&messages);
            let answer = SimulatedModel::new(name_rules(), &Roles::new()).unwrap().answer(&prompt).text;
            let shape = Regex::new("[A-Z][a-z]{3}-[0-9]{4}").unwrap();
            for fact in shape.find_iter(&answer) {
                prop_assert!(prompt.contains(fact.as_str()));
            }
        }
    }
}
