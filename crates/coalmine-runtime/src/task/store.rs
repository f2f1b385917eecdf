//! The tasks that can be asked for.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::{Cell, Task};

/// At most this many tasks are kept, and about this many bytes of messages; the oldest finished ones go
/// first. Tasks need not outlive the process: what must be remembered is in the session.
const MAX_TASKS: usize = 1000;
const MAX_BYTES: usize = 256 << 20;

#[derive(Debug)]
pub(crate) struct TaskStore {
    shelf: Mutex<Shelf>,
    /// Ends the work on all tasks; each task's own token is a child of it.
    pub(super) stop: CancellationToken,
}

#[derive(Debug, Default)]
pub(super) struct Shelf {
    cells: HashMap<String, Arc<Cell>>,
    /// The tasks in order of arrival.
    order: VecDeque<Entry>,
    /// Which task a message opened or joined, by context and message id.
    by_message: HashMap<(String, String), String>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    task_id: String,
    message: (String, String),
    bytes: usize,
}

impl TaskStore {
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self { shelf: Mutex::default(), stop }
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Cell>> {
        self.shelf().cells.get(id).cloned()
    }

    /// All tasks, the one that changed last first (1.0 §3.1.4).
    pub(crate) fn list(&self) -> Vec<Task> {
        let mut tasks: Vec<_> = self.shelf().cells.values().map(|cell| cell.task()).collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(task.status.timestamp));
        tasks
    }

    pub(super) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Nothing that holds the lock can leave the shelf half changed.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    pub(super) fn cell(&self, id: &str) -> Option<&Arc<Cell>> {
        self.cells.get(id)
    }

    /// The task that a message already belongs to.
    pub(super) fn of_message(&self, context_id: &str, message_id: &str) -> Option<&Arc<Cell>> {
        let id = self.by_message.get(&(context_id.to_owned(), message_id.to_owned()))?;
        self.cells.get(id)
    }

    pub(super) fn file(&mut self, context_id: &str, message_id: &str, bytes: usize, cell: &Arc<Cell>) {
        let task_id = cell.id().to_owned();
        let message = (context_id.to_owned(), message_id.to_owned());
        self.cells.insert(task_id.clone(), Arc::clone(cell));
        self.by_message.insert(message.clone(), task_id.clone());
        self.order.push_back(Entry { task_id, message, bytes });
        self.bytes += bytes;
        while (self.order.len() > MAX_TASKS || self.bytes > MAX_BYTES) && self.evict() {}
    }

    /// Lets go of the oldest finished task; false if all are running.
    fn evict(&mut self) -> bool {
        let over = |entry: &Entry| self.cells.get(&entry.task_id).is_none_or(|cell| cell.is_over());
        let Some(entry) = self.order.iter().position(over).and_then(|index| self.order.remove(index)) else {
            return false;
        };
        self.cells.remove(&entry.task_id);
        self.by_message.remove(&entry.message);
        self.bytes -= entry.bytes;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Admission, Incoming},
        *,
    };
    use crate::fault::Faults;

    #[test]
    fn the_oldest_finished_tasks_go_first_and_running_ones_stay() {
        let store = TaskStore::new(CancellationToken::new());
        let admit = |n: usize| {
            let incoming = Incoming {
                message_id: n.to_string(),
                context_id: Some("c".into()),
                task_id: None,
                parts: Vec::new(),
                version: "0.3",
                extras: serde_json::Map::new(),
            };
            match store.admit(&incoming, Faults::new(None)).unwrap() {
                Admission::Turn(cell) | Admission::Repeated(cell) => cell,
            }
        };
        let running = admit(0);
        let finished = admit(1);
        finished.complete();
        for n in 2..=MAX_TASKS {
            admit(n).complete();
        }
        assert!(store.get(running.id()).is_some() && store.get(finished.id()).is_none());
        assert_eq!(store.list().len(), MAX_TASKS);
        assert_ne!(admit(1).id(), finished.id(), "what is gone is not known to be repeated");
        assert_eq!(admit(0).id(), running.id());
    }
}
