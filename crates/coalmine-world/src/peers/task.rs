//! Tasks of peers: each is completed as soon as it is created.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use uuid::Uuid;

use super::wire::Version;
use crate::lock::lock;

/// Maximum number of tasks that can still be fetched.
const MAX_TASKS: usize = 1_000;

/// A completed task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: String,
    /// The id of the peer that completed it.
    pub(super) peer: String,
    pub(super) context: String,
    answer: String,
    artifact_id: String,
}

impl Task {
    /// Creates a task, in a new context if none is given.
    pub(super) fn new(peer: &str, context: Option<&str>, answer: &str) -> Self {
        Self {
            id: new_id(),
            peer: peer.to_owned(),
            context: context.map_or_else(new_id, str::to_owned),
            answer: answer.to_owned(),
            artifact_id: new_id(),
        }
    }

    /// Returns the task with its artifact.
    pub(super) fn to_json(&self, version: Version) -> Value {
        let mut task = self.in_state(version, "completed");
        task["artifacts"] = json!([self.artifact(version)]);
        task
    }

    /// Returns the result of sending a message.
    pub(super) fn send_result(&self, version: Version) -> Value {
        match version {
            Version::V0_3 => self.to_json(version),
            Version::V1_0 => json!({ "task": self.to_json(version) }),
        }
    }

    /// Returns the events of a stream, from submission to completion (0.3 §7.2, 1.0 §3.1.2).
    pub(super) fn events(&self, version: Version) -> Vec<Value> {
        let ids = || json!({ "taskId": self.id, "contextId": self.context });
        let status = |state: &str| {
            let mut event = ids();
            event["status"] = json!({ "state": state_name(version, state) });
            event
        };
        let mut artifact = ids();
        artifact["artifact"] = self.artifact(version);
        let events = [
            ("task", self.in_state(version, "submitted")),
            ("statusUpdate", status("working")),
            ("artifactUpdate", artifact),
            ("statusUpdate", status("completed")),
        ];
        let last = events.len().saturating_sub(1);
        let events = events.into_iter().enumerate();
        events
            .map(|(index, (kind, event))| match version {
                Version::V1_0 => json!({ kind: event }),
                Version::V0_3 => with_kind(event, kind, index == last),
            })
            .collect()
    }

    fn in_state(&self, version: Version, state: &str) -> Value {
        let status = json!({ "state": state_name(version, state) });
        let mut task = json!({ "id": self.id, "contextId": self.context, "status": status });
        if version == Version::V0_3 {
            task["kind"] = json!("task");
        }
        task
    }

    fn artifact(&self, version: Version) -> Value {
        let mut part = json!({ "text": self.answer });
        if version == Version::V0_3 {
            part["kind"] = json!("text");
        }
        json!({ "artifactId": self.artifact_id, "name": "answer", "parts": [part] })
    }
}

fn new_id() -> String {
    Uuid::new_v4().to_string()
}

/// Adds the fields that 0.3 has in the event itself.
fn with_kind(mut event: Value, kind: &str, is_final: bool) -> Value {
    match kind {
        "statusUpdate" => {
            event["kind"] = json!("status-update");
            event["final"] = json!(is_final);
        }
        "artifactUpdate" => {
            event["kind"] = json!("artifact-update");
            event["append"] = json!(false);
            event["lastChunk"] = json!(true);
        }
        _ => {}
    }
    event
}

/// Returns the name of a state in a version of the protocol.
fn state_name(version: Version, state: &str) -> String {
    match version {
        Version::V0_3 => state.to_owned(),
        Version::V1_0 => format!("TASK_STATE_{}", state.to_uppercase()),
    }
}

/// The most recent tasks.
#[derive(Debug, Default)]
pub(super) struct Tasks(Mutex<VecDeque<Arc<Task>>>);

impl Tasks {
    /// Adds a task; the oldest one is dropped if there are too many.
    pub(super) fn add(&self, task: Task) -> Arc<Task> {
        let task = Arc::new(task);
        let mut tasks = lock(&self.0);
        if tasks.len() == MAX_TASKS {
            tasks.pop_front();
        }
        tasks.push_back(Arc::clone(&task));
        task
    }

    /// Returns a task of a peer.
    pub(super) fn find(&self, peer: &str, id: &str) -> Option<Arc<Task>> {
        lock(&self.0).iter().find(|task| task.id == id && task.peer == peer).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_only_recent_tasks_of_the_same_peer() {
        let tasks = Tasks::default();
        let first = tasks.add(Task::new("weather", Some("c1"), "It rains."));
        assert_eq!(tasks.find("weather", &first.id).unwrap().context, "c1");
        assert!(tasks.find("travel", &first.id).is_none());
        for _ in 0..MAX_TASKS {
            tasks.add(Task::new("weather", None, "It rains."));
        }
        assert!(tasks.find("weather", &first.id).is_none());
    }

    #[test]
    fn only_the_last_event_is_final() {
        let task = Task::new("weather", None, "It rains.");
        let events = task.events(Version::V0_3);
        let finals: Vec<_> = events.iter().map(|event| event["final"] == true).collect();
        assert_eq!(finals, [false, false, false, true]);
        assert_eq!(task.events(Version::V1_0)[3]["statusUpdate"]["status"]["state"], "TASK_STATE_COMPLETED");
    }
}
