//! Waiting for what a canary left running: a turn that failed or was slow may still write, and a runtime with
//! one session for all writes it into the next canary's.

use std::time::Duration;

use coalmine_a2a::{State, WireError};
use coalmine_world::JournalPosition;
use tokio::time::{Instant, sleep};

use super::RunContext;
use crate::{
    observe::{CanaryRun, TurnSeen},
    plan::{During, ModelFaults},
};

/// The longest wait for a task that still runs.
const WITHIN: Duration = Duration::from_secs(10);
/// The time between two requests for a task.
const INTERVAL: Duration = Duration::from_millis(250);

/// Waits, within bounds, until the turns of a canary have ended that may not have: until their tasks are over,
/// and the model is asked nothing more.
pub(super) async fn settle(
    context: &RunContext<'_>,
    run: CanaryRun<'_>,
    began: JournalPosition,
    seen: &[TurnSeen],
) {
    let left: Vec<&TurnSeen> = seen.iter().filter(|turn| may_still_run(turn)).collect();
    if left.is_empty() || context.ended().is_some() {
        return;
    }
    let until = Instant::now() + WITHIN;
    for turn in &left {
        let conversation = run.context(&turn.turn.context);
        while let Some(task) = context.conversations.fetch_task(&conversation).await
            && task.error.is_none()
            && task.view.state.is_some_and(is_under_way)
            && Instant::now() < until
        {
            sleep(INTERVAL).await;
        }
    }
    let turns: Vec<_> = left.iter().map(|turn| &turn.turn).collect();
    context.observer.wait_until_quiet(began, run.concurrency, &turns).await;
}

/// Returns whether a turn may go on though the client is done with it.
fn may_still_run(turn: &TurnSeen) -> bool {
    if turn.skipped.is_some() {
        return false;
    }
    let failed = turn.error.is_some() || turn.state.is_some_and(State::is_refusal);
    let cut_off = matches!(
        turn.error,
        Some(
            WireError::Timeout { .. }
                | WireError::NotFinished { .. }
                | WireError::Lost(_)
                | WireError::StreamEnded(_)
        )
    );
    let left = turn.turn.during == Some(During::HangUp) && turn.action.done;
    cut_off || left || failed && turn.turn.model_fault != ModelFaults::None
}

fn is_under_way(state: State) -> bool {
    !state.is_terminal() && state != State::InputRequired
}

#[cfg(test)]
mod tests {
    use coalmine_world::ModelFault;

    use super::*;
    use crate::plan::ScriptTurn;

    fn turn(error: Option<WireError>, model_fault: ModelFaults) -> TurnSeen {
        let turn = ScriptTurn { model_fault, ..ScriptTurn::default() };
        TurnSeen { skipped: None, error, ..TurnSeen::skipped(1, turn, "") }
    }

    #[test]
    fn failed_and_slow_turns_may_still_run() {
        let lost = || Some(WireError::Lost("reset".into()));
        let refused = || Some(WireError::Http { status: 400, body: String::new() });
        let cut = || ModelFaults::All(ModelFault::Cut);
        assert!(may_still_run(&turn(lost(), ModelFaults::None)));
        assert!(may_still_run(&turn(refused(), cut())));
        assert!(!may_still_run(&turn(refused(), ModelFaults::None)));
        assert!(!may_still_run(&turn(None, cut())), "it was answered in spite of the fault");
    }
}
