//! The tasks that clients can ask for.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::{LiveTask, Task};

/// The largest number of tasks. Beyond it, the oldest finished tasks are dropped. They need not outlive the
/// process, because the session holds everything that must be remembered.
const MAX_TASKS: usize = 1000;
/// About how many bytes of messages the tasks may hold together.
const MAX_BYTES: usize = 256 << 20;

#[derive(Debug)]
pub(crate) struct TaskStore {
    index: Mutex<TaskIndex>,
    /// Ends the work on all tasks. The token of each task is a child of it.
    pub(super) stop: CancellationToken,
}

#[derive(Debug, Default)]
pub(super) struct TaskIndex {
    tasks: HashMap<String, Arc<LiveTask>>,
    /// The messages in order of arrival.
    order: VecDeque<Entry>,
    /// The task that a message created or joined, by context id and message id.
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
        Self { index: Mutex::default(), stop }
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<LiveTask>> {
        self.index().tasks.get(id).cloned()
    }

    /// Returns all tasks, with the one that changed last first (1.0 §3.1.4).
    pub(crate) fn list(&self) -> Vec<Task> {
        let mut tasks: Vec<_> = self.index().tasks.values().map(|task| task.snapshot()).collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(task.status.timestamp));
        tasks
    }

    pub(super) fn index(&self) -> MutexGuard<'_, TaskIndex> {
        // A panic cannot leave the index half changed.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TaskIndex {
    pub(super) fn task(&self, id: &str) -> Option<&Arc<LiveTask>> {
        self.tasks.get(id)
    }

    /// Returns the task that a message already belongs to.
    pub(super) fn task_of_message(&self, context_id: &str, message_id: &str) -> Option<&Arc<LiveTask>> {
        let id = self.by_message.get(&(context_id.to_owned(), message_id.to_owned()))?;
        self.tasks.get(id)
    }

    pub(super) fn insert(&mut self, context_id: &str, message_id: &str, bytes: usize, task: &Arc<LiveTask>) {
        let task_id = task.id().to_owned();
        let message = (context_id.to_owned(), message_id.to_owned());
        self.tasks.insert(task_id.clone(), Arc::clone(task));
        self.by_message.insert(message.clone(), task_id.clone());
        self.order.push_back(Entry { task_id, message, bytes });
        self.bytes += bytes;
        while (self.order.len() > MAX_TASKS || self.bytes > MAX_BYTES) && self.evict() {}
    }

    /// Drops the oldest finished task; returns false if all are running.
    fn evict(&mut self) -> bool {
        let over = |entry: &Entry| self.tasks.get(&entry.task_id).is_none_or(|task| task.is_over());
        let Some(entry) = self.order.iter().position(over).and_then(|index| self.order.remove(index)) else {
            return false;
        };
        self.tasks.remove(&entry.task_id);
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
    fn evicts_the_oldest_finished_task() {
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
                Admission::Turn(task) | Admission::Repeated(task) => task,
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
        assert_ne!(admit(1).id(), finished.id(), "a repeated message of a dropped task is not recognized");
        assert_eq!(admit(0).id(), running.id());
    }
}
