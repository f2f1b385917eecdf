//! Canary mode: answers without a model, from the real sessions, memories and attachments.

use super::{
    Agent,
    outcome::{TurnAnswer, TurnError},
};
use crate::{
    attachment::Attachment,
    session::{View, VisibleTurn},
    text::{clip, keywords, overlap, words},
};

/// How many characters of a file an answer quotes.
const MAX_QUOTE: usize = 200;
const NOTED: &str = "Noted.";
const UNKNOWN: &str = "I don't know: you have not told me.";

/// Words that ask the agent to remember something.
const REMEMBER_WORDS: &[&str] = &["remember", "memorise", "memorize", "commit", "save", "store", "note"];
/// Words that begin a question.
const QUESTION_WORDS: &[&str] = &[
    "what", "whats", "who", "whose", "which", "where", "when", "why", "how", "recall", "do", "does", "did",
    "is", "are", "can", "could", "tell",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Remember,
    Question,
    Statement,
}

impl Agent {
    /// Answers the current turn.
    pub(super) async fn answer_in_canary_mode(&self, view: View<'_>) -> Result<TurnAnswer, TurnError> {
        let current = view.current();
        let text = if !current.files.is_empty() {
            describe_files(current)
        } else {
            match intent(current.text) {
                Intent::Remember => {
                    self.memory.commit(current.text).await?;
                    NOTED.to_owned()
                }
                Intent::Question => recall(&self.memory.all().await?, &view),
                Intent::Statement => NOTED.to_owned(),
            }
        };
        let files = current.files.iter().filter_map(|file| file.text().map(str::to_owned));
        Ok(TurnAnswer { text, prompt: files.chain([current.text.to_owned()]).collect() })
    }
}

fn intent(text: &str) -> Intent {
    let mut words = words(text).skip_while(|word| word == "please");
    let first = words.next().unwrap_or_default();
    let asks_to_remember = |word: &str| REMEMBER_WORDS.contains(&word);
    if asks_to_remember(&first) {
        Intent::Remember
    } else if text.contains('?') || QUESTION_WORDS.contains(&first.as_str()) {
        Intent::Question
    } else if words.any(|word| asks_to_remember(&word)) {
        Intent::Remember
    } else {
        Intent::Statement
    }
}

fn describe_files(VisibleTurn { text: caption, files, .. }: &VisibleTurn<'_>) -> String {
    if caption.is_empty() {
        let lines = files.iter().map(|file| format!("You sent {}: \"{}\".", file.name, quote(file)));
        let lines: Vec<_> = lines.collect();
        return format!("{}\nWhat would you like me to do with it?", lines.join("\n"));
    }
    let lines = files.iter().map(|file| format!("Summary of {}: {}", file.name, quote(file)));
    let lines: Vec<_> = lines.collect();
    format!("You asked: \"{caption}\". {}", lines.join("\n"))
}

fn quote(file: &Attachment) -> String {
    match file.text() {
        Some(text) => clip(text, MAX_QUOTE),
        None => format!("(no text, {})", file.mime_type),
    }
}

/// Returns the statement that shares the most keywords with the question, and the newest of several.
fn recall(memories: &[String], view: &View<'_>) -> String {
    let keywords = keywords(view.current().text);
    let said = view.earlier().iter().flat_map(|turn| {
        let files = turn
            .files
            .iter()
            .filter_map(|file| Some(format!("File {}: {}", file.name, clip(file.text()?, MAX_QUOTE))));
        let text = Some(turn.text.to_owned()).filter(|text| intent(text) != Intent::Question);
        files.chain(text)
    });
    // The statements of this session come last, so that they win over memories of other sessions.
    let statements = memories.iter().cloned().chain(said);
    let best = statements.map(|said| (overlap(&keywords, &said), said)).max_by_key(|(shared, _)| *shared);
    match best {
        Some((1.., statement)) => format!("You told me: \"{statement}\""),
        _ => UNKNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::{
        fault::Faults,
        session::{Turn, UserInput},
    };

    fn input(text: &str) -> UserInput {
        UserInput { text: text.into(), files: Vec::new() }
    }

    fn asked(question: &str, memories: &[String], earlier: &[Turn]) -> String {
        recall(memories, &View::new(earlier, &input(question), Faults::new(None)))
    }

    fn turn(text: &str) -> Turn {
        Turn {
            context_id: "c".into(),
            task_id: "t".into(),
            message_id: "m".into(),
            user: input(text),
            agent: Some(NOTED.into()),
        }
    }

    #[test]
    fn words_decide_the_intent() {
        for (text, expected) in [
            ("Hi, my name is Zorvane.", Intent::Statement),
            ("What's my name?", Intent::Question),
            ("Do you remember my name", Intent::Question),
            ("What did I ask you to remember?", Intent::Question),
            ("Please remember: the code is 4417. Will you?", Intent::Remember),
            ("The code is 4417, save it", Intent::Remember),
            ("I took my notebook", Intent::Statement),
        ] {
            assert_eq!(intent(text), expected, "{text}");
        }
    }

    #[test]
    fn recalls_the_best_and_newest_statement() {
        let said =
            [turn("My name is Old."), turn("What's my name?"), turn("My name is New."), turn("Nice day.")];
        assert_eq!(asked("What's my name?", &[], &said), "You told me: \"My name is New.\"");
        assert_eq!(asked("What's my name?", &[], &said[3..]), UNKNOWN);
        let memories = ["remember the vault code 4417".to_owned()];
        assert_eq!(
            asked("What is the vault code?", &memories, &said),
            "You told me: \"remember the vault code 4417\""
        );
    }

    #[test]
    fn names_and_quotes_files() {
        let file = Attachment::new("a.txt".into(), "text/plain".into(), "é".repeat(300).into_bytes());
        let quoted = "é".repeat(MAX_QUOTE);
        let shown = |text| VisibleTurn { text, files: vec![Cow::Borrowed(&file)], answer: None };
        assert_eq!(
            describe_files(&shown("")),
            format!("You sent a.txt: \"{quoted}\".\nWhat would you like me to do with it?")
        );
        assert_eq!(
            describe_files(&shown("summarize this")),
            format!("You asked: \"summarize this\". Summary of a.txt: {quoted}")
        );
    }
}
