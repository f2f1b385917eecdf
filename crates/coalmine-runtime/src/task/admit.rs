//! How a message finds its context and its task. Both dialects follow the rules of 1.0 §3.4.

use std::sync::Arc;

use uuid::Uuid;

use super::{Incoming, LiveTask, Task, TaskStore};
use crate::fault::{Fault, Faults};

/// How a message was admitted.
#[derive(Debug)]
pub(crate) enum Admission {
    /// It starts a turn of this task, which is new or running.
    Turn(Arc<LiveTask>),
    /// It was delivered before, and this is the task of its turn.
    Repeated(Arc<LiveTask>),
}

/// Why a message was not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AdmitError {
    #[error("unknown task `{0}`")]
    UnknownTask(String),
    #[error("task `{0}` does not belong to the context of the message")]
    OtherContext(String),
    #[error("task `{0}` is over: leave out the task id to continue in its context")]
    TaskOver(String),
}

impl TaskStore {
    /// Admits a message. If it is delivered twice at the same time, it makes one turn.
    ///
    /// # Errors
    /// Returns the rule that the message breaks.
    pub(crate) fn admit(&self, incoming: &Incoming, faults: Faults) -> Result<Admission, AdmitError> {
        let requested = incoming.context_id.as_deref().filter(|_| !faults.is(Fault::WireContextReplaced));
        let mut index = self.index();
        let running = match &incoming.task_id {
            Some(id) => {
                let task = index.task(id).ok_or_else(|| AdmitError::UnknownTask(id.clone()))?;
                if requested.is_none_or(|requested| requested == task.context_id()) {
                    Some(Arc::clone(task))
                } else if faults.is(Fault::WireMismatchAccepted) {
                    None
                } else {
                    return Err(AdmitError::OtherContext(id.clone()));
                }
            }
            None => None,
        };
        let context_id = match (&running, requested) {
            (Some(task), _) => task.context_id().to_owned(),
            (None, Some(requested)) => requested.to_owned(),
            (None, None) if faults.is(Fault::WireContextNotGenerated) => String::new(),
            (None, None) => Uuid::new_v4().to_string(),
        };
        if let Some(task) = index.task_of_message(&context_id, &incoming.message_id)
            && !faults.is(Fault::WireDuplicateExecuted)
        {
            return Ok(Admission::Repeated(Arc::clone(task)));
        }
        let task = match running {
            Some(task) => add_turn(task, incoming, &context_id, faults)?,
            None => Arc::new(self.create(incoming, &context_id)),
        };
        index.insert(&context_id, &incoming.message_id, incoming.size(), &task);
        Ok(Admission::Turn(task))
    }

    fn create(&self, incoming: &Incoming, context_id: &str) -> LiveTask {
        let id = Uuid::new_v4().to_string();
        let message = incoming.to_message(context_id, &id);
        LiveTask::new(Task::submitted(id, context_id.to_owned(), message), self.stop.child_token())
    }
}

fn add_turn(
    task: Arc<LiveTask>,
    incoming: &Incoming,
    context_id: &str,
    faults: Faults,
) -> Result<Arc<LiveTask>, AdmitError> {
    let message = || incoming.to_message(context_id, task.id());
    if task.join(message()) || (faults.is(Fault::WireFinishedTaskAccepted) && task.reopen(message())) {
        Ok(task)
    } else {
        Err(AdmitError::TaskOver(task.id().to_owned()))
    }
}
