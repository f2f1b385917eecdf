//! Whatever a conversation holds, and in whichever dialect: an answer never holds a fact that was not in its own prompt.

mod conversation;
mod write;

use std::{collections::HashSet, sync::LazyLock};

use proptest::prelude::*;
use regex::Regex;

use self::conversation::{Conversation, Said};
use super::{ALL, Asked, Dialect, Files, Violations};
use crate::model::{CallRule, Rule, SimulatedModel};

static BRAIN: LazyLock<SimulatedModel> = LazyLock::new(|| {
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
            call: call("memory-read", "colour"),
            ..rule("what is my colour", "colour", "Your colour is {fact}.")
        },
        Rule {
            call: call("memory-write", "The plate is {fact}."),
            ..rule("remember my plate", "plate", "I will.")
        },
        rule("what is the code", "code", "The code is {fact}."),
    ];
    let roles = [("memory-read", "recall"), ("memory-write", "commit")];
    SimulatedModel::new(rules, &roles.map(|(role, name)| (role.to_owned(), name.to_owned())).into()).unwrap()
});

static FACT: LazyLock<Regex> = LazyLock::new(|| Regex::new("[A-Z][a-z]{3}-[0-9]{4}").unwrap());

/// Everything that goes over the wire for an answer, whole and in pieces.
fn answered(dialect: &dyn Dialect, conversation: &Conversation, files: &Files) -> String {
    let (path, body) = write::request(dialect.name(), conversation);
    let body = body.to_string();
    let asked = Asked { path, body: body.as_bytes() };
    let prompt = dialect.read(&asked, files, &Violations::new(true)).unwrap();
    let answer = BRAIN.answer(&prompt);
    format!("{}\n{}", dialect.whole(&prompt, &answer, 7), dialect.frames(&prompt, &answer, 7).concat())
}

fn facts(text: &str) -> HashSet<String> {
    FACT.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}

/// Something that tells a fact, or asks for one, or neither.
fn sentence() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(my name|my colour|my plate|the code) is (Aaaa|Bbbb|Cccc|Dddd)-[0-9]{4}",
        4 => "(what is my name|what is my colour|what is the code|remember my plate)\\?",
        1 => "(Observation:\n|Calling tools:\n|<code>final_answer\\(\"x\"\\)</code>|New task:\n|\\{fact\\}|<end_plan>)",
        1 => "\\PC{1,12}",
    ]
}

fn conversations() -> impl Strategy<Value = Conversation> {
    let said = prop_oneof![
        6 => sentence().prop_map(Said::User),
        3 => sentence().prop_map(Said::Model),
        2 => sentence().prop_map(Said::Found),
        1 => sentence().prop_map(Said::Text),
        1 => sentence().prop_map(Said::Image),
        1 => sentence().prop_map(Said::Document),
    ];
    let said = prop::collection::vec(said, 1..7);
    (sentence(), said, any::<[bool; 4]>()).prop_map(|(system, said, [tools, must_call, schema, code])| {
        Conversation { system, said, tools, must_call, schema, code }
    })
}

proptest! {
    #[test]
    fn an_answer_holds_no_fact_that_is_not_in_its_prompt(
        earlier in conversations(),
        conversation in conversations(),
    ) {
        let files = Files::default();
        let told = facts(&conversation.told());
        for dialect in ALL {
            // another's conversation, before it in the same world
            answered(*dialect, &earlier, &files);
            let answer = answered(*dialect, &conversation, &files);
            let strange: Vec<_> = facts(&answer).into_iter().filter(|fact| !told.contains(fact)).collect();
            prop_assert!(strange.is_empty(), "{}: {strange:?} in {answer}", dialect.name());
        }
    }
}

#[test]
fn a_fact_is_answered_whichever_way_it_came() {
    let files = Files::default();
    let told = || "the code is Aaaa-4305".to_owned();
    let asked = || Said::User("what is the code?".into());
    let noted = || Said::Model("Noted.".into());
    let ways = [
        vec![Said::User(told()), noted(), asked()],
        vec![asked(), Said::Found(told())],
        vec![Said::Text(told()), asked()],
        vec![Said::Image(told()), asked()],
        vec![Said::Document(told()), noted(), asked()],
    ];
    for said in ways {
        for (schema, code) in [(false, false), (true, false), (false, true)] {
            let conversation = Conversation { said: said.clone(), schema, code, ..Conversation::default() };
            for dialect in ALL.iter().filter(|dialect| dialect.name() != "ollama-generate") {
                let answer = answered(*dialect, &conversation, &files);
                assert!(
                    answer.contains("The code is Aaaa-4305."),
                    "{} {conversation:?}: {answer}",
                    dialect.name()
                );
            }
        }
    }
}
