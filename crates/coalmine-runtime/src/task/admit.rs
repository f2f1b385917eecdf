//! How a message finds its context and its task: the rules of 1.0 §3.4, kept in both dialects.

use std::sync::Arc;

use uuid::Uuid;

use crate::fault::{Fault, Faults};
use crate::wire::{ErrorKind, RpcError};

use super::{Cell, Incoming, Task, TaskStore};

/// What a message turned out to be.
#[derive(Debug)]
pub(crate) enum Admission {
    /// A turn to be taken, of a new task or of one that is running.
    Turn(Arc<Cell>),
    /// A second delivery of a message whose turn was taken: here is its task.
    Repeated(Arc<Cell>),
}

impl TaskStore {
    /// Admits a message. Two deliveries of one message at the same moment make one turn.
    ///
    /// # Errors
    /// The task is unknown or over, or does not belong to the context.
    pub(crate) fn admit(&self, incoming: &Incoming, faults: Faults) -> Result<Admission, RpcError> {
        let asked = incoming.context_id.as_deref().filter(|_| !faults.is(Fault::WireContextReplaced));
        let mut shelf = self.shelf();
        let running = match &incoming.task_id {
            Some(id) => Some(Arc::clone(shelf.cell(id).ok_or_else(|| RpcError::task_not_found(id))?)),
            None => None,
        };
        let context_id = match (&running, asked) {
            (Some(cell), asked) => {
                let inferred = cell.context_id();
                if asked.is_some_and(|asked| asked != inferred) {
                    return Err(RpcError::invalid_params("`taskId` belongs to another context than `contextId`"));
                }
                inferred
            }
            (None, Some(asked)) => asked.to_owned(),
            (None, None) => Uuid::new_v4().to_string(),
        };
        if let Some(cell) = shelf.of_message(&context_id, &incoming.message_id) {
            return Ok(Admission::Repeated(Arc::clone(cell)));
        }
        let cell = match running {
            Some(cell) => continued(cell, incoming, &context_id)?,
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

fn continued(cell: Arc<Cell>, incoming: &Incoming, context_id: &str) -> Result<Arc<Cell>, RpcError> {
    let id = cell.task().id;
    if cell.join(incoming.filed(context_id, &id)) {
        return Ok(cell);
    }
    Err(RpcError::new(ErrorKind::UnsupportedOperation, format!("task `{id}` is over; leave out `taskId`")))
}
