//! Which faults are injected into which answers of the model.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use super::ModelFault;
use crate::{Prompt, lock::lock};

/// The faults to inject into the model's answers.
#[derive(Debug)]
pub(crate) struct FaultPlan {
    /// Injected into every answer that no other fault is planned for.
    default: Option<ModelFault>,
    planned: Arc<Mutex<PlannedFaults>>,
}

#[derive(Debug, Default)]
struct PlannedFaults {
    /// Injected into the next answers, whatever the question, one each.
    next: VecDeque<ModelFault>,
    scoped: Vec<ScopedFaults>,
    last_id: u64,
}

/// Faults for the answers to some questions.
#[derive(Debug)]
struct ScopedFaults {
    id: u64,
    /// The question must hold one of them; if there are none, any question is in scope.
    words: Vec<String>,
    /// Injected into the first answers, one each.
    first: VecDeque<ModelFault>,
    /// Injected into every answer after those.
    then: Option<ModelFault>,
}

/// Keeps faults in force until it is dropped.
#[derive(Debug)]
#[must_use = "the faults end when the guard is dropped"]
pub struct FaultGuard {
    id: u64,
    planned: Arc<Mutex<PlannedFaults>>,
}

impl FaultPlan {
    /// Creates a plan with a fault for every answer, if there is to be one.
    pub(crate) fn new(default: Option<ModelFault>) -> Self {
        Self { default, planned: Arc::default() }
    }

    /// See [`crate::World::inject_next`].
    pub(crate) fn inject_next(&self, faults: impl IntoIterator<Item = ModelFault>) -> usize {
        let mut planned = lock(&self.planned);
        planned.next.extend(faults);
        planned.next.len()
    }

    /// See [`crate::World::inject`].
    pub(crate) fn inject(
        &self,
        words: Vec<String>,
        first: Vec<ModelFault>,
        then: Option<ModelFault>,
    ) -> FaultGuard {
        let mut planned = lock(&self.planned);
        planned.last_id = planned.last_id.wrapping_add(1);
        let id = planned.last_id;
        planned.scoped.push(ScopedFaults { id, words, first: first.into(), then });
        FaultGuard { id, planned: Arc::clone(&self.planned) }
    }

    /// Returns the fault for the answer to a prompt, and removes it from the plan if it is meant for one
    /// answer only.
    pub(crate) fn next_fault_for(&self, prompt: &Prompt) -> Option<ModelFault> {
        let mut planned = lock(&self.planned);
        if let Some(fault) = planned.next.pop_front() {
            return Some(fault);
        }
        let needs_question = planned.scoped.iter().any(|faults| !faults.words.is_empty());
        let question = if needs_question { prompt.question() } else { String::new() };
        let nearest = planned.scoped.iter().filter_map(|faults| faults.place_in(&question)).max();
        let mut nearest = planned.scoped.iter_mut().filter(|faults| {
            let place = faults.place_in(&question);
            place.is_some() && place == nearest
        });
        let fault = nearest.find_map(|faults| faults.first.pop_front().or(faults.then));
        fault.or(self.default)
    }
}

impl ScopedFaults {
    /// Returns where the words of a question end that are in scope; `None` if none are. The question may hold the words
    /// of several messages, and it asks what stands last. Faults for any question come before all of it.
    fn place_in(&self, question: &str) -> Option<usize> {
        if self.words.is_empty() {
            return Some(0);
        }
        let end = |words: &String| {
            if words.is_empty() {
                Some(0)
            } else {
                Some(question.rfind(words.as_str())?.saturating_add(words.len()))
            }
        };
        self.words.iter().filter_map(end).max()
    }
}

impl Drop for FaultGuard {
    fn drop(&mut self) {
        lock(&self.planned).scoped.retain(|faults| faults.id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Role};

    fn question(text: &str) -> Prompt {
        Prompt { messages: vec![Message::text(Role::User, text)], ..Prompt::default() }
    }

    fn status(status: u16) -> ModelFault {
        ModelFault::Status { status, retry_after: None }
    }

    #[test]
    fn affects_only_matching_questions_until_dropped() {
        let plan = FaultPlan::new(None);
        let (sun, rain, snow) =
            (question("Will the sun shine?"), question("Will it rain?"), question("Will it snow?"));
        let bad_weather =
            plan.inject(vec!["rain".into(), "snow".into()], vec![status(429)], Some(status(500)));
        assert_eq!(plan.next_fault_for(&sun), None);
        assert_eq!(plan.next_fault_for(&snow), Some(status(429)));
        assert_eq!(plan.next_fault_for(&rain), Some(status(500)));
        let any_question = plan.inject(vec![], vec![ModelFault::Cut], None);
        assert_eq!(plan.next_fault_for(&sun), Some(ModelFault::Cut));
        assert_eq!(plan.next_fault_for(&sun), None);
        drop((bad_weather, any_question));
        assert_eq!(plan.next_fault_for(&rain), None);
    }

    #[test]
    fn what_stands_last_is_asked() {
        let plan = FaultPlan::new(None);
        let _rain = plan.inject(vec!["Will it rain?".into()], vec![], Some(status(500)));
        let _snow = plan.inject(vec!["Will it snow?".into()], vec![], Some(status(429)));
        let _sun = plan.inject(vec!["Will the sun shine?".into()], vec![], None);
        for (asked, fault) in [
            ("Will it rain?\nWill it snow?", Some(status(429))),
            ("Will it snow?\nWill it rain?", Some(status(500))),
            ("Will it rain?\nWill the sun shine?", None),
        ] {
            assert_eq!(plan.next_fault_for(&question(asked)), fault, "{asked}");
        }
    }

    #[test]
    fn next_faults_come_first_and_the_default_last() {
        let plan = FaultPlan::new(Some(ModelFault::Reset));
        assert_eq!(plan.inject_next([ModelFault::Cut]), 1);
        let _guard = plan.inject(vec!["rain".into()], vec![status(429)], None);
        let faults = [(); 3].map(|()| plan.next_fault_for(&question("Will it rain?")));
        assert_eq!(faults, [Some(ModelFault::Cut), Some(status(429)), Some(ModelFault::Reset)]);
    }
}
