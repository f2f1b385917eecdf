//! The end of what reached the model in a turn, as a report shows it.

use coalmine_world::{Message, Prompt, Role};

use super::TurnSeen;
use crate::event::PromptMessage;

/// The most messages that are kept of a prompt, beside the user's last one.
const MAX_MESSAGES: usize = 5;
/// The most characters of one message.
const MAX_TEXT: usize = 300;
/// The most texts that are named as missing or unwanted.
const MAX_MISSING: usize = 8;

impl TurnSeen {
    /// Returns the last messages of the turn's last prompt, in order, and among them the user's last one. The user's words
    /// are at the end of what a runtime sends, so each message is cut at its beginning.
    pub fn prompt_end(&self) -> Vec<PromptMessage> {
        let Some(Prompt { messages, .. }) = self.prompts().last() else { return vec![] };
        let from = messages.len().saturating_sub(MAX_MESSAGES);
        let earlier = messages[..from].iter().rfind(|message| is_user(message));
        let asked_later = messages[from..].iter().any(is_user);
        let shown = earlier.filter(|_| !asked_later).into_iter().chain(&messages[from..]);
        shown.map(|message| PromptMessage { role: role(message), text: end_of(message, MAX_TEXT) }).collect()
    }

    /// Returns the texts that the turn depends on and that are in none of its prompts, if the model was called at all.
    pub fn missing(&self) -> Vec<String> {
        if self.prompts().next().is_none() {
            return vec![];
        }
        let mut missing: Vec<String> = vec![];
        for text in self.turn.prompt_contains.iter().chain(&self.turn.reply_contains) {
            if !self.prompted(text) && !missing.contains(text) {
                missing.push(text.clone());
            }
        }
        missing.truncate(MAX_MISSING);
        missing
    }

    /// Returns the texts that must not reach the model in this turn and did.
    pub fn unwanted(&self) -> Vec<String> {
        self.turn.prompt_lacks.iter().filter(|text| self.prompted(text)).take(MAX_MISSING).cloned().collect()
    }
}

/// Returns the user's last message and the last message of a prompt, such as `user: What's my name?`, each cut to its last
/// `max` characters.
pub(crate) fn last_words(prompt: &Prompt, max: usize) -> Vec<String> {
    let messages = &prompt.messages;
    let user = messages.iter().rposition(is_user);
    let mut shown: Vec<usize> = user.into_iter().chain(messages.len().checked_sub(1)).collect();
    shown.dedup();
    let words = |at: usize| format!("{}: {}", role(&messages[at]), end_of(&messages[at], max));
    shown.into_iter().map(words).collect()
}

fn is_user(message: &Message) -> bool {
    message.role == Role::User
}

fn role(message: &Message) -> String {
    format!("{:?}", message.role).to_lowercase()
}

/// Returns the last `max` characters of a message, with `…` in front if it is longer.
fn end_of(message: &Message, max: usize) -> String {
    let text = message.readable();
    match text.char_indices().rev().nth(max.saturating_sub(1)) {
        Some((at, _)) if at > 0 => {
            let rest = &text[at..];
            let kept = rest.chars().next().map_or(0, char::len_utf8);
            format!("…{}", &rest[kept..])
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use coalmine_world::CallContent;

    use super::*;
    use crate::{observe::model_call, plan::ScriptTurn};

    fn prompt(messages: &[(Role, &str)]) -> Prompt {
        let messages = messages.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        Prompt { messages, ..Prompt::default() }
    }

    fn turn(turn: ScriptTurn, messages: &[(Role, &str)]) -> TurnSeen {
        let content = CallContent { prompt: Some(prompt(messages)), ..CallContent::default() };
        TurnSeen { skipped: None, calls: vec![model_call(content)], ..TurnSeen::skipped(1, turn, "") }
    }

    #[test]
    fn a_message_is_cut_at_its_beginning() {
        let system = format!("You are helpful. {}Answer briefly.", "x".repeat(900));
        let seen = turn(ScriptTurn::default(), &[(Role::System, &system), (Role::User, "Who am I?")]);
        let end = seen.prompt_end();
        assert_eq!(end[0].text.chars().count(), 300);
        assert!(end[0].text.starts_with("…x") && end[0].text.ends_with("Answer briefly."), "{end:?}");
        assert_eq!((end[1].role.as_str(), end[1].text.as_str()), ("user", "Who am I?"));
    }

    #[test]
    fn the_users_last_message_is_always_there() {
        let mut messages = vec![(Role::User, "first"), (Role::User, "asked")];
        messages.extend([(Role::Tool, "result"); 9]);
        let end = turn(ScriptTurn::default(), &messages).prompt_end();
        assert_eq!(end.len(), 6);
        assert_eq!(end[0].text, "asked");
        let messages = [(Role::User, "asked"), (Role::Tool, "result")];
        assert_eq!(last_words(&prompt(&messages), 100), ["user: asked", "tool: result"]);
        assert_eq!(last_words(&prompt(&messages[..1]), 3), ["user: …ed"]);
    }

    #[test]
    fn what_no_prompt_holds_is_missing() {
        let wanted = || ScriptTurn {
            prompt_contains: vec!["tent".into(), "lamp".into()],
            reply_contains: vec!["lamp".into()],
            ..ScriptTurn::default()
        };
        assert_eq!(turn(wanted(), &[(Role::User, "my tent")]).missing(), ["lamp"]);
        let leaky = ScriptTurn { prompt_lacks: vec!["tent".into(), "lamp".into()], ..ScriptTurn::default() };
        assert_eq!(turn(leaky, &[(Role::User, "my tent")]).unwanted(), ["tent"]);
        let uncalled = TurnSeen { calls: vec![], ..turn(wanted(), &[]) };
        assert!(uncalled.missing().is_empty());
    }
}
