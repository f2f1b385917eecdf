//! What a heartbeat says: how busy the runtime is and how it fares.

use std::time::Instant;

use serde::Serialize;

/// One heartbeat, in the platform's words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Beat {
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

    pub(super) fn started(&mut self, task_id: &str) -> Beat {
        self.active += 1;
        self.beat(task_id)
    }

    pub(super) fn ended(&mut self, error: Option<String>) -> Beat {
        self.active = self.active.saturating_sub(1);
        self.ended += 1;
        if let Some(error) = error {
            self.failed += 1;
            self.last_error = error;
        }
        self.beat("")
    }

    fn beat(&self, current_task: &str) -> Beat {
        Beat {
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
    fn beats_count_what_runs_and_what_failed() {
        let mut load = Load::new("w");
        assert_eq!(load.started("t").active_tasks, 1);
        let beat = load.ended(Some("why".into()));
        assert_eq!((beat.active_tasks, beat.error_rate, beat.sample_error.as_str()), (0, 1.0, "why"));
        load.started("u");
        let beat = load.ended(None);
        assert_eq!((beat.error_rate, beat.sample_error.as_str()), (0.5, "why"));
    }
}
