//! Grounding: in every dialect, an answer holds no fact that is not in its own prompt.

use std::{collections::HashSet, sync::LazyLock};

use proptest::prelude::*;
use regex::Regex;

use super::{
    ALL, Dialect, ModelRequest, UploadedFiles, Violations,
    conversation::{Conversation, Entry},
    request::request,
};
use crate::model::{CallRule, Rule, SimulatedModel};

static MODEL: LazyLock<SimulatedModel> = LazyLock::new(|| {
    let rule = |when: &str, recall: &str, reply: &str| Rule {
        when: when.into(),
        recall: Some(format!("{recall} is (?<fact>[A-Z][a-z]+-[0-9]{{4}})")),
        reply: reply.into(),
        otherwise: Some("I don't know.".into()),
        ..Rule::default()
    };
    let call = |role: &str, with: &str| {
        Some(CallRule { role: role.into(), with: with.into(), ..CallRule::default() })
    };
    let rules = [
        rule("what is my name", "name", "Your name is {fact}."),
        Rule {
            call: call("memory-read", "color"),
            ..rule("what is my color", "color", "Your color is {fact}.")
        },
        Rule {
            call: call("memory-write", "The plate is {fact}."),
            ..rule("remember my plate", "plate", "I will.")
        },
        rule("what is the code", "code", "The code is {fact}."),
    ];
    let roles = [("memory-read", "recall"), ("memory-write", "commit")];
    SimulatedModel::new(rules, &roles.map(|(role, name)| (role.to_owned(), name.into())).into()).unwrap()
});

static FACT: LazyLock<Regex> = LazyLock::new(|| Regex::new("[A-Z][a-z]{3}-[0-9]{4}").unwrap());

/// Returns everything that is sent for an answer, as one body and as a stream.
fn response_text(dialect: &dyn Dialect, conversation: &Conversation, files: &UploadedFiles) -> String {
    let (path, body) = request(dialect.name(), conversation);
    let body = body.to_string();
    let request = ModelRequest { path, body: body.as_bytes() };
    let prompt = dialect.read(&request, files, &Violations::new(true)).unwrap();
    let answer = MODEL.answer(&prompt);
    format!("{}\n{}", dialect.body(&prompt, &answer, 7), dialect.frames(&prompt, &answer, 7).concat())
}

fn facts(text: &str) -> HashSet<String> {
    FACT.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}

/// Generates sentences that state a fact, ask for one, or do neither.
fn sentence() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(my name|my color|my plate|the code) is (Aaaa|Bbbb|Cccc|Dddd)-[0-9]{4}",
        4 => "(what is my name|what is my color|what is the code|remember my plate)\\?",
        1 => "(Observation:\n|Calling tools:\n|<code>final_answer\\(\"x\"\\)</code>|New task:\n|\\{fact\\}|<end_plan>)",
        1 => "\\PC{1,12}",
    ]
}

fn conversations() -> impl Strategy<Value = Conversation> {
    let entry = prop_oneof![
        6 => sentence().prop_map(Entry::User),
        3 => sentence().prop_map(Entry::Model),
        2 => sentence().prop_map(Entry::ToolResult),
        1 => sentence().prop_map(Entry::TextFile),
        1 => sentence().prop_map(Entry::Image),
        1 => sentence().prop_map(Entry::Document),
    ];
    let entries = prop::collection::vec(entry, 1..7);
    (sentence(), entries, any::<[bool; 4]>()).prop_map(
        |(system, entries, [tools, must_call, schema, code])| Conversation {
            system,
            entries,
            tools,
            must_call,
            schema,
            code,
        },
    )
}

proptest! {
    #[test]
    fn answers_hold_only_facts_of_their_prompt(
        earlier in conversations(),
        conversation in conversations(),
    ) {
        let files = UploadedFiles::default();
        let known = facts(&conversation.everything());
        for dialect in ALL {
            // an unrelated conversation comes first, in the same world
            response_text(*dialect, &earlier, &files);
            let answer = response_text(*dialect, &conversation, &files);
            let invented: Vec<_> = facts(&answer).into_iter().filter(|fact| !known.contains(fact)).collect();
            prop_assert!(invented.is_empty(), "{}: {invented:?} in {answer}", dialect.name());
        }
    }
}

#[test]
fn facts_are_recalled_however_they_arrived() {
    let files = UploadedFiles::default();
    let fact = || "the code is Aaaa-4305".to_owned();
    let asked = || Entry::User("what is the code?".into());
    let noted = || Entry::Model("Noted.".into());
    let ways = [
        vec![Entry::User(fact()), noted(), asked()],
        vec![asked(), Entry::ToolResult(fact())],
        vec![Entry::TextFile(fact()), asked()],
        vec![Entry::Image(fact()), asked()],
        vec![Entry::Document(fact()), noted(), asked()],
    ];
    for entries in ways {
        for (schema, code) in [(false, false), (true, false), (false, true)] {
            let conversation =
                Conversation { entries: entries.clone(), schema, code, ..Conversation::default() };
            // these have one prompt, without files
            let single = ["ollama-generate", "openai-completions"];
            for dialect in ALL.iter().filter(|dialect| !single.contains(&dialect.name())) {
                let answer = response_text(*dialect, &conversation, &files);
                assert!(
                    answer.contains("The code is Aaaa-4305."),
                    "{} {conversation:?}: {answer}",
                    dialect.name()
                );
            }
        }
    }
}
