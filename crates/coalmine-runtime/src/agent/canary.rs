//! Canary mode: answers without a model, from what the runtime really has: session, memory and attachments.

use super::{Agent, error::TurnError, turn::Thought};
use crate::{
    attachment::Attachment,
    session::{Shown, View},
    words::{keywords, overlap, words},
};

/// How much of a file is quoted, in characters.
const QUOTED: usize = 200;
const NOTED: &str = "Noted.";
const UNKNOWN: &str = "I don't know: you have not told me.";

/// Words that ask for something to be kept.
const KEEP: &[&str] = &["remember", "memorise", "memorize", "commit", "save", "store", "note"];
/// Words that begin a question.
const ASK: &[&str] = &[
    "what", "whats", "who", "whose", "which", "where", "when", "why", "how", "recall", "do", "does", "did",
    "is", "are", "can", "could", "tell",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Keep,
    Ask,
    State,
}

impl Agent {
    pub(super) async fn answer_canary(&self, view: View<'_>) -> Result<Thought, TurnError> {
        let now = view.now();
        let answer = if !now.files.is_empty() {
            about_files(now)
        } else {
            match intent(now.text) {
                Intent::Keep => {
                    self.memory.commit(now.text).await?;
                    NOTED.to_owned()
                }
                Intent::Ask => recalled(&self.memory.all().await?, &view),
                Intent::State => NOTED.to_owned(),
            }
        };
        let prompt = now.files.iter().filter_map(|file| file.text().map(str::to_owned));
        Ok(Thought { answer, prompt: prompt.chain([now.text.to_owned()]).collect() })
    }
}

fn intent(text: &str) -> Intent {
    let mut spoken = words(text).skip_while(|word| word == "please");
    let first = spoken.next().unwrap_or_default();
    let keeps = |word: &str| KEEP.contains(&word);
    if keeps(&first) {
        Intent::Keep
    } else if text.contains('?') || ASK.contains(&first.as_str()) {
        Intent::Ask
    } else if spoken.any(|word| keeps(&word)) {
        Intent::Keep
    } else {
        Intent::State
    }
}

fn about_files(Shown { text: caption, files, .. }: &Shown<'_>) -> String {
    let content = |file: &Attachment| match file.text() {
        Some(text) => clip(text),
        None => format!("(no text, {})", file.mime_type),
    };
    if caption.is_empty() {
        let told = files.iter().map(|file| format!("You sent {}: \"{}\".", file.name, content(file)));
        let told: Vec<_> = told.collect();
        return format!("{}\nWhat would you like me to do with it?", told.join("\n"));
    }
    let told: Vec<_> =
        files.iter().map(|file| format!("Summary of {}: {}", file.name, content(file))).collect();
    format!("You asked: \"{caption}\". {}", told.join("\n"))
}

/// The statement that shares most words with the question; of equals, the newest.
fn recalled(memories: &[String], view: &View<'_>) -> String {
    let words = keywords(view.now().text);
    let said = view.earlier().iter().flat_map(|turn| {
        let files =
            turn.files.iter().filter_map(|file| Some(format!("File {}: {}", file.name, clip(file.text()?))));
        let text = Some(turn.text.to_owned()).filter(|text| intent(text) != Intent::Ask);
        files.chain(text)
    });
    // This session's statements come last: they are newer to this conversation than what others left.
    let statements = memories.iter().cloned().chain(said);
    let best = statements.map(|said| (overlap(&words, &said), said)).max_by_key(|(shared, _)| *shared);
    match best {
        Some((1.., statement)) => format!("You told me: \"{statement}\""),
        _ => UNKNOWN.to_owned(),
    }
}

fn clip(text: &str) -> String {
    text.chars().take(QUOTED).collect()
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
        recalled(memories, &View::new(earlier, &input(question), Faults::new(None)))
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
    fn messages_are_understood_by_their_words() {
        for (text, expected) in [
            ("Hi, my name is Zorvane.", Intent::State),
            ("What's my name?", Intent::Ask),
            ("Do you remember my name", Intent::Ask),
            ("What did I ask you to remember?", Intent::Ask),
            ("Please remember: the code is 4417. Will you?", Intent::Keep),
            ("The code is 4417, save it", Intent::Keep),
            ("I took my notebook", Intent::State),
        ] {
            assert_eq!(intent(text), expected, "{text}");
        }
    }

    #[test]
    fn the_best_statement_is_told_and_of_equals_the_newest() {
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
    fn files_are_named_and_quoted() {
        let file = Attachment::new("a.txt".into(), "text/plain".into(), "é".repeat(300).into_bytes());
        let quoted = "é".repeat(QUOTED);
        let shown = |text| Shown { text, files: vec![Cow::Borrowed(&file)], answer: None };
        assert_eq!(
            about_files(&shown("")),
            format!("You sent a.txt: \"{quoted}\".\nWhat would you like me to do with it?")
        );
        assert_eq!(
            about_files(&shown("summarize this")),
            format!("You asked: \"summarize this\". Summary of a.txt: {quoted}")
        );
    }
}
