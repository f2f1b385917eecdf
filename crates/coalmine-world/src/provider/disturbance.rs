//! Which of the model's answers suffer, and from what.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Trouble;
use crate::Prompt;

/// What the model's answers suffer from now.
#[derive(Debug)]
pub(crate) struct Disturbances {
    /// What every answer suffers from, as the world was made.
    always: Option<Trouble>,
    now: Arc<Mutex<Now>>,
}

#[derive(Debug, Default)]
struct Now {
    /// What the next answers suffer from, whatever they answer.
    next: VecDeque<Trouble>,
    some: Vec<Disturbance>,
    ids: u64,
}

/// Answers to some questions suffer.
#[derive(Debug)]
struct Disturbance {
    id: u64,
    /// One of them stands in the question; none for all questions.
    words: Vec<String>,
    first: VecDeque<Trouble>,
    then: Option<Trouble>,
}

/// A disturbance, which ends when this is dropped.
#[derive(Debug)]
#[must_use = "the disturbance ends when this is dropped"]
pub struct Disturbed {
    id: u64,
    now: Arc<Mutex<Now>>,
}

impl Disturbances {
    pub(crate) fn new(always: Option<Trouble>) -> Self {
        Self { always, now: Arc::default() }
    }

    /// The next answers suffer, one each; the number that is still to come.
    pub(crate) fn next(&self, troubles: impl IntoIterator<Item = Trouble>) -> usize {
        let mut now = lock(&self.now);
        now.next.extend(troubles);
        now.next.len()
    }

    /// See [`crate::World::disturb`].
    pub(crate) fn add(&self, words: Vec<String>, first: Vec<Trouble>, then: Option<Trouble>) -> Disturbed {
        let mut now = lock(&self.now);
        now.ids += 1;
        let id = now.ids;
        now.some.push(Disturbance { id, words, first: first.into(), then });
        Disturbed { id, now: Arc::clone(&self.now) }
    }

    /// What the answer to a prompt suffers from.
    pub(crate) fn of(&self, prompt: &Prompt) -> Option<Trouble> {
        let mut now = lock(&self.now);
        if let Some(trouble) = now.next.pop_front() {
            return Some(trouble);
        }
        let question = match now.some.iter().any(|some| !some.words.is_empty()) {
            true => prompt.question(),
            false => String::new(),
        };
        let meant = |some: &&mut Disturbance| {
            some.words.is_empty() || some.words.iter().any(|words| question.contains(words))
        };
        let suffered =
            now.some.iter_mut().filter(meant).find_map(|some| some.first.pop_front().or(some.then));
        suffered.or(self.always)
    }
}

impl Drop for Disturbed {
    fn drop(&mut self) {
        lock(&self.now).some.retain(|some| some.id != self.id);
    }
}

fn lock(now: &Mutex<Now>) -> MutexGuard<'_, Now> {
    now.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Role};

    fn asks(text: &str) -> Prompt {
        Prompt { messages: vec![Message::text(Role::User, text)], ..Prompt::default() }
    }

    fn status(status: u16) -> Trouble {
        Trouble::Status { status, retry_after: None }
    }

    #[test]
    fn only_the_questions_that_are_meant_suffer_and_only_for_as_long() {
        let all = Disturbances::new(None);
        let rain = all.add(vec!["rain".into(), "snow".into()], vec![status(429)], Some(status(500)));
        assert_eq!(all.of(&asks("Will the sun shine?")), None);
        assert_eq!(all.of(&asks("Will it snow?")), Some(status(429)));
        assert_eq!(all.of(&asks("Will it rain?")), Some(status(500)));
        let everything = all.add(vec![], vec![Trouble::Cut], None);
        assert_eq!(all.of(&asks("Will the sun shine?")), Some(Trouble::Cut));
        assert_eq!(all.of(&asks("Will the sun shine?")), None);
        drop((rain, everything));
        assert_eq!(all.of(&asks("Will it rain?")), None);
    }

    #[test]
    fn what_comes_next_goes_first_and_what_is_always_so_last() {
        let all = Disturbances::new(Some(Trouble::Reset));
        assert_eq!(all.next([Trouble::Cut]), 1);
        let _rain = all.add(vec!["rain".into()], vec![status(429)], None);
        let suffered: Vec<_> = (0..3).map(|_| all.of(&asks("Will it rain?"))).collect();
        assert_eq!(suffered, [Some(Trouble::Cut), Some(status(429)), Some(Trouble::Reset)]);
    }
}
