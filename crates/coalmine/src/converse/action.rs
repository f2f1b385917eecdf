//! What a client does while its answer is on the way.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use coalmine_a2a::{Client, Endpoint, Flow, Outgoing, View, WireOutcome};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::attempt::Outcome;

/// What is done once the model was called and something came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MidTurnAction {
    /// The connection is dropped.
    HangUp,
    /// The task is canceled over another connection.
    Cancel,
    /// The connection is dropped, and the task subscribed to again.
    Resubscribe,
}

/// How long a server that sends nothing in the middle of a turn is given before the connection is dropped anyway.
const SILENCE: Duration = Duration::from_millis(200);

/// What a client means to do, and when.
#[derive(Clone, Copy)]
pub struct PlannedAction<'a> {
    /// What.
    pub action: MidTurnAction,
    /// Whether the model was called, which is when.
    pub called: &'a (dyn Fn() -> bool + Sync),
}

/// What came of a action.
#[derive(Debug, Default)]
pub struct Done {
    /// The answer to it.
    pub sent: WireOutcome,
    /// How much text, in bytes, had been streamed when a cancellation was answered.
    pub streamed: usize,
    /// Whether the turn was over before that answer came.
    pub late: bool,
}

/// How much later the end of a stream may come than an answer that was sent after it.
const OVERTAKEN: Duration = Duration::from_millis(50);

/// Streams a turn and does the action in the middle. The second is what came of the action; `None` where the turn was over
/// before it could be done.
pub(super) async fn stream(
    client: &Client,
    endpoint: &Endpoint,
    message: &Outgoing,
    PlannedAction { action, called }: PlannedAction<'_>,
) -> Outcome {
    let (tell, mut told) = watch::channel::<Option<String>>(None);
    let leave = AtomicBool::new(false);
    let (canceled, streamed_so_far) = (AtomicBool::new(false), AtomicUsize::new(0));
    let settled = AtomicBool::new(false);
    let watcher = |view: &View| {
        if action == MidTurnAction::Cancel && !canceled.load(Ordering::Relaxed) {
            streamed_so_far.store(view.text().len(), Ordering::Relaxed);
            settled.store(view.is_settled(), Ordering::Relaxed);
        }
        if let Some(task) = &view.task_id {
            tell.send_if_modified(|known| known.replace(task.clone()).is_none());
        }
        if leave.load(Ordering::Relaxed) { Flow::HangUp } else { Flow::GoOn }
    };
    let mut streamed = Box::pin(client.stream(endpoint, message, watcher));
    let ready = async {
        until(called).await;
        // without a task there is nothing to cancel or to come back to
        match told.wait_for(Option::is_some).await {
            Ok(task) => task.clone().unwrap_or_default(),
            Err(_) => String::new(),
        }
    };
    let task = tokio::select! {
        biased;
        sent = &mut streamed => return (sent, None),
        task = ready => task,
    };
    if action == MidTurnAction::Cancel {
        if settled.load(Ordering::Relaxed) {
            return (streamed.await, None);
        }
        // the stream is read on during: it must end by itself
        let cancel = async {
            let sent = client.cancel(endpoint, &task).await;
            if sent.error.is_some() {
                // a refusal may overtake the end of the stream, which comes over another connection
                let _ = timeout(OVERTAKEN, until(|| settled.load(Ordering::Relaxed))).await;
            }
            canceled.store(true, Ordering::Relaxed);
            Done {
                sent,
                streamed: streamed_so_far.load(Ordering::Relaxed),
                late: settled.load(Ordering::Relaxed),
            }
        };
        let (sent, done) = tokio::join!(streamed, cancel);
        return (sent, Some(done));
    }
    leave.store(true, Ordering::Relaxed);
    let mut sent = match timeout(SILENCE, &mut streamed).await {
        Ok(sent) => sent,
        Err(_) => {
            drop(streamed);
            left(&task)
        }
    };
    if !sent.hung_up {
        return (sent, None);
    }
    sent.view.task_id.get_or_insert_with(|| task.clone());
    match action {
        MidTurnAction::Resubscribe => {
            let again = client.resubscribe(endpoint, &task, |_| Flow::GoOn).await;
            (sent, Some(Done { sent: again, ..Done::default() }))
        }
        MidTurnAction::HangUp | MidTurnAction::Cancel => (sent, Some(Done::default())),
    }
}

/// A stream that was dropped in the middle of its silence.
fn left(task: &str) -> WireOutcome {
    let mut view = View::default();
    view.task_id = Some(task.to_owned());
    WireOutcome { view, hung_up: true, ..WireOutcome::default() }
}

/// Waits until a condition holds, looking again and again.
pub async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        sleep(Duration::from_millis(2)).await;
    }
}
