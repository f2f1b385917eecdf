//! Heartbeats, which say how busy the runtime is and how often it fails.

use std::time::Instant;

use serde::Serialize;

/// A heartbeat, with the field names of the platform.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Heartbeat {
    pub(super) workspace_id: String,
    pub(super) current_task: String,
    pub(super) active_tasks: usize,
    pub(super) error_rate: f64,
    pub(super) sample_error: String,
    pub(super) uptime_seconds: u64,
}

/// The counts behind the heartbeats.
#[derive(Debug)]
pub(super) struct Load {
    workspace: String,
    since: Instant,
    active: usize,
    ended: u32,
    failed: u32,
    last_error: String,
}

impl Load {
    pub(super) fn new(workspace: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            since: Instant::now(),
            active: 0,
            ended: 0,
            failed: 0,
            last_error: String::new(),
        }
    }

    pub(super) fn started(&mut self, task_id: &str) -> Heartbeat {
        self.active += 1;
        self.heartbeat(task_id)
    }

    pub(super) fn ended(&mut self, error: Option<String>) -> Heartbeat {
        self.active = self.active.saturating_sub(1);
        self.ended += 1;
        if let Some(error) = error {
            self.failed += 1;
            self.last_error = error;
        }
        self.heartbeat("")
    }

    fn heartbeat(&self, current_task: &str) -> Heartbeat {
        Heartbeat {
            workspace_id: self.workspace.clone(),
            current_task: current_task.to_owned(),
            active_tasks: self.active,
            error_rate: f64::from(self.failed) / f64::from(self.ended.max(1)),
            sample_error: self.last_error.clone(),
            uptime_seconds: self.since.elapsed().as_secs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_running_and_failed_turns() {
        let mut load = Load::new("w");
        assert_eq!(load.started("t").active_tasks, 1);
        let heartbeat = load.ended(Some("why".into()));
        assert_eq!(
            (heartbeat.active_tasks, heartbeat.error_rate, heartbeat.sample_error.as_str()),
            (0, 1.0, "why")
        );
        load.started("u");
        let heartbeat = load.ended(None);
        assert_eq!((heartbeat.error_rate, heartbeat.sample_error.as_str()), (0.5, "why"));
    }
}
