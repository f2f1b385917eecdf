//! How a message finds its context and its task: the rules of 1.0 §3.4, kept in both dialects.

use std::sync::Arc;

use uuid::Uuid;

use super::{Cell, Incoming, Task, TaskStore};
use crate::fault::{Fault, Faults};

/// What a message turned out to be.
#[derive(Debug)]
pub(crate) enum Admission {
    /// A turn to be taken, of a new task or of one that is running.
    Turn(Arc<Cell>),
    /// A second delivery of a message whose turn was taken: here is its task.
    Repeated(Arc<Cell>),
}

/// Why a message is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("there is no task `{0}`")]
    UnknownTask(String),
    #[error("task `{0}` does not belong to the message's context")]
    OtherContext(String),
    #[error("task `{0}` is over; leave out the task's id to go on in its context")]
    Over(String),
}

impl TaskStore {
    /// Admits a message. Two deliveries of one message at the same moment make one turn.
    pub(crate) fn admit(&self, incoming: &Incoming, faults: Faults) -> Result<Admission, Refused> {
        let asked = incoming.context_id.as_deref().filter(|_| !faults.is(Fault::WireContextReplaced));
        let mut shelf = self.shelf();
        let running = match &incoming.task_id {
            Some(id) => {
                let cell = shelf.cell(id).ok_or_else(|| Refused::UnknownTask(id.clone()))?;
                if asked.is_none_or(|asked| asked == cell.context_id()) {
                    Some(Arc::clone(cell))
                } else if faults.is(Fault::WireMismatchAccepted) {
                    None
                } else {
                    return Err(Refused::OtherContext(id.clone()));
                }
            }
            None => None,
        };
        let context_id = match (&running, asked) {
            (Some(cell), _) => cell.context_id().to_owned(),
            (None, Some(asked)) => asked.to_owned(),
            (None, None) if faults.is(Fault::WireContextNotGenerated) => String::new(),
            (None, None) => Uuid::new_v4().to_string(),
        };
        if let Some(cell) = shelf.of_message(&context_id, &incoming.message_id)
            && !faults.is(Fault::WireDuplicateExecuted)
        {
            return Ok(Admission::Repeated(Arc::clone(cell)));
        }
        let cell = match running {
            Some(cell) => continued(cell, incoming, &context_id, faults)?,
            None => Arc::new(self.open(incoming, &context_id)),
        };
        shelf.file(&context_id, &incoming.message_id, incoming.weight(), &cell);
        Ok(Admission::Turn(cell))
    }

    fn open(&self, incoming: &Incoming, context_id: &str) -> Cell {
        let id = Uuid::new_v4().to_string();
        let message = incoming.filed(context_id, &id);
        Cell::new(Task::submitted(id, context_id.to_owned(), message), self.stop.child_token())
    }
}

fn continued(
    cell: Arc<Cell>,
    incoming: &Incoming,
    context_id: &str,
    faults: Faults,
) -> Result<Arc<Cell>, Refused> {
    let message = || incoming.filed(context_id, cell.id());
    if cell.join(message()) || (faults.is(Fault::WireFinishedTaskAccepted) && cell.reopen(message())) {
        Ok(cell)
    } else {
        Err(Refused::Over(cell.id().to_owned()))
    }
}
