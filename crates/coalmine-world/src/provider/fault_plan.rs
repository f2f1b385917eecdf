//! Which of the model's answers suffer, and from what.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::ModelFault;
use crate::Prompt;

/// What the model's answers suffer from now.
#[derive(Debug)]
pub(crate) struct FaultPlan {
    /// What every answer suffers from, as the world was made.
    always: Option<ModelFault>,
    now: Arc<Mutex<Now>>,
}

#[derive(Debug, Default)]
struct Now {
    /// What the next answers suffer from, whatever they answer.
    next: VecDeque<ModelFault>,
    some: Vec<ScopedFault>,
    ids: u64,
}

/// Answers to some questions suffer.
#[derive(Debug)]
struct ScopedFault {
    id: u64,
    /// One of them stands in the question; none for all questions.
    words: Vec<String>,
    first: VecDeque<ModelFault>,
    then: Option<ModelFault>,
}

/// A fault_plan, which ends when this is dropped.
#[derive(Debug)]
#[must_use = "the fault_plan ends when this is dropped"]
pub struct FaultGuard {
    id: u64,
    now: Arc<Mutex<Now>>,
}

impl FaultPlan {
    pub(crate) fn new(always: Option<ModelFault>) -> Self {
        Self { always, now: Arc::default() }
    }

    /// The next answers suffer, one each; the number that is still to come.
    pub(crate) fn next(&self, model_faults: impl IntoIterator<Item = ModelFault>) -> usize {
        let mut now = lock(&self.now);
        now.next.extend(model_faults);
        now.next.len()
    }

    /// See [`crate::World::inject`].
    pub(crate) fn add(
        &self,
        words: Vec<String>,
        first: Vec<ModelFault>,
        then: Option<ModelFault>,
    ) -> FaultGuard {
        let mut now = lock(&self.now);
        now.ids += 1;
        let id = now.ids;
        now.some.push(ScopedFault { id, words, first: first.into(), then });
        FaultGuard { id, now: Arc::clone(&self.now) }
    }

    /// What the answer to a prompt suffers from.
    pub(crate) fn of(&self, prompt: &Prompt) -> Option<ModelFault> {
        let mut now = lock(&self.now);
        if let Some(model_fault) = now.next.pop_front() {
            return Some(model_fault);
        }
        let question = match now.some.iter().any(|some| !some.words.is_empty()) {
            true => prompt.question(),
            false => String::new(),
        };
        let meant = |some: &&mut ScopedFault| {
            some.words.is_empty() || some.words.iter().any(|words| question.contains(words))
        };
        let suffered =
            now.some.iter_mut().filter(meant).find_map(|some| some.first.pop_front().or(some.then));
        suffered.or(self.always)
    }
}

impl Drop for FaultGuard {
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

    fn status(status: u16) -> ModelFault {
        ModelFault::Status { status, retry_after: None }
    }

    #[test]
    fn only_the_questions_that_are_meant_suffer_and_only_for_as_long() {
        let all = FaultPlan::new(None);
        let rain = all.add(vec!["rain".into(), "snow".into()], vec![status(429)], Some(status(500)));
        assert_eq!(all.of(&asks("Will the sun shine?")), None);
        assert_eq!(all.of(&asks("Will it snow?")), Some(status(429)));
        assert_eq!(all.of(&asks("Will it rain?")), Some(status(500)));
        let everything = all.add(vec![], vec![ModelFault::Cut], None);
        assert_eq!(all.of(&asks("Will the sun shine?")), Some(ModelFault::Cut));
        assert_eq!(all.of(&asks("Will the sun shine?")), None);
        drop((rain, everything));
        assert_eq!(all.of(&asks("Will it rain?")), None);
    }

    #[test]
    fn what_comes_next_goes_first_and_what_is_always_so_last() {
        let all = FaultPlan::new(Some(ModelFault::Reset));
        assert_eq!(all.next([ModelFault::Cut]), 1);
        let _rain = all.add(vec!["rain".into()], vec![status(429)], None);
        let suffered: Vec<_> = (0..3).map(|_| all.of(&asks("Will it rain?"))).collect();
        assert_eq!(suffered, [Some(ModelFault::Cut), Some(status(429)), Some(ModelFault::Reset)]);
    }
}
