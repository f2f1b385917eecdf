//! Tasks of peers: each is complete as soon as it is there.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};
use uuid::Uuid;

use super::wire::Dialect;

/// Most tasks that can still be asked for.
const KEPT: usize = 1000;

/// A complete task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: String,
    /// Whose it is.
    pub(super) peer: String,
    pub(super) context: String,
    answer: String,
    artifact: String,
}

impl Task {
    pub(super) fn new(peer: &str, context: Option<&str>, answer: &str) -> Self {
        let fresh = || Uuid::new_v4().to_string();
        Self {
            id: fresh(),
            peer: peer.to_owned(),
            context: context.map_or_else(fresh, str::to_owned),
            answer: answer.to_owned(),
            artifact: fresh(),
        }
    }

    /// The whole task.
    pub(super) fn whole(&self, dialect: Dialect) -> Value {
        let mut task = self.in_state(dialect, "completed");
        task["artifacts"] = json!([self.artifact(dialect)]);
        task
    }

    /// What a send is answered with.
    pub(super) fn sent(&self, dialect: Dialect) -> Value {
        match dialect {
            Dialect::V0_3 => self.whole(dialect),
            Dialect::V1_0 => json!({ "task": self.whole(dialect) }),
        }
    }

    /// The task's life, as a stream tells it (0.3 §7.2, 1.0 §3.1.2).
    pub(super) fn events(&self, dialect: Dialect) -> Vec<Value> {
        let ids = || json!({ "taskId": self.id, "contextId": self.context });
        let status = |state: &str| {
            let mut event = ids();
            event["status"] = json!({ "state": said(dialect, state) });
            event
        };
        let mut artifact = ids();
        artifact["artifact"] = self.artifact(dialect);
        let events = [
            ("task", self.in_state(dialect, "submitted")),
            ("statusUpdate", status("working")),
            ("artifactUpdate", artifact),
            ("statusUpdate", status("completed")),
        ];
        let last = events.len() - 1;
        let told = events.into_iter().enumerate().map(|(at, (kind, mut event))| match dialect {
            Dialect::V1_0 => json!({ kind: event }),
            Dialect::V0_3 => {
                match kind {
                    "statusUpdate" => {
                        event["kind"] = json!("status-update");
                        event["final"] = json!(at == last);
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
        });
        told.collect()
    }

    fn in_state(&self, dialect: Dialect, state: &str) -> Value {
        let status = json!({ "state": said(dialect, state) });
        let mut task = json!({ "id": self.id, "contextId": self.context, "status": status });
        if dialect == Dialect::V0_3 {
            task["kind"] = json!("task");
        }
        task
    }

    fn artifact(&self, dialect: Dialect) -> Value {
        let mut part = json!({ "text": self.answer });
        if dialect == Dialect::V0_3 {
            part["kind"] = json!("text");
        }
        json!({ "artifactId": self.artifact, "name": "answer", "parts": [part] })
    }
}

fn said(dialect: Dialect, state: &str) -> String {
    match dialect {
        Dialect::V0_3 => state.to_owned(),
        Dialect::V1_0 => format!("TASK_STATE_{}", state.to_uppercase()),
    }
}

/// The newest tasks.
#[derive(Debug, Default)]
pub(super) struct Tasks(Mutex<VecDeque<Arc<Task>>>);

impl Tasks {
    pub(super) fn keep(&self, task: Task) -> Arc<Task> {
        let task = Arc::new(task);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(&task));
        task
    }

    pub(super) fn find(&self, peer: &str, id: &str) -> Option<Arc<Task>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|task| task.id == id && task.peer == peer).cloned()
    }
}
