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

use super::{ActionOutcome, Reply};
use crate::plan::During;

/// How long to wait for a server that sends nothing in the middle of a turn before the connection is dropped
/// anyway.
const SILENCE: Duration = Duration::from_millis(200);

/// How much later the end of a stream may come than an answer that was sent after it.
const OVERTAKEN: Duration = Duration::from_millis(50);

/// What was seen of a stream so far, and whether to leave it.
#[derive(Default)]
struct Progress {
    leave: AtomicBool,
    canceled: AtomicBool,
    streamed: AtomicUsize,
    settled: AtomicBool,
}

/// Streams a turn and acts in the middle of it: once the model was called and the task is known.
pub(super) async fn stream(
    client: &Client,
    endpoint: &Endpoint,
    message: &Outgoing,
    action: During,
    model_called: &(dyn Fn() -> bool + Sync),
) -> Reply {
    let (announce, announced) = watch::channel::<Option<String>>(None);
    let progress = Progress::default();
    let mut stream = Box::pin(client.stream(endpoint, message, |view| progress.watch(view, &announce)));
    let task = tokio::select! {
        biased;
        sent = &mut stream => return sent.into(),
        task = time_to_act(model_called, announced) => task,
    };
    if action == During::Cancel {
        return cancel(client, endpoint, &task, &progress, stream).await;
    }
    progress.leave.store(true, Ordering::Relaxed);
    let mut sent = match timeout(SILENCE, &mut stream).await {
        Ok(sent) => sent,
        Err(_) => {
            drop(stream);
            left_in_silence(&task)
        }
    };
    if !sent.hung_up {
        return sent.into();
    }
    sent.view.task_id.get_or_insert_with(|| task.clone());
    let mut outcome = ActionOutcome::default();
    if action == During::Resubscribe {
        outcome.sent = client.resubscribe(endpoint, &task, |_| Flow::GoOn).await;
    }
    Reply { sent, action: Some(outcome) }
}

/// Waits until the model was called and the task is known; returns the task, empty if the stream names none.
async fn time_to_act(
    model_called: &(dyn Fn() -> bool + Sync),
    mut announced: watch::Receiver<Option<String>>,
) -> String {
    wait_until(model_called).await;
    // without a task there is nothing to cancel or to come back to
    match announced.wait_for(Option::is_some).await {
        Ok(task) => task.clone().unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// Cancels the task over another connection, and reads the stream on meanwhile: it must end by itself.
async fn cancel(
    client: &Client,
    endpoint: &Endpoint,
    task: &str,
    progress: &Progress,
    stream: impl Future<Output = WireOutcome>,
) -> Reply {
    if progress.is_settled() {
        return stream.await.into();
    }
    let cancel = async {
        let sent = client.cancel(endpoint, task).await;
        if sent.error.is_some() {
            // a refusal may overtake the end of the stream, which comes over another connection
            let _ = timeout(OVERTAKEN, wait_until(|| progress.is_settled())).await;
        }
        progress.canceled.store(true, Ordering::Relaxed);
        let streamed = progress.streamed.load(Ordering::Relaxed);
        ActionOutcome { sent, streamed, late: progress.is_settled() }
    };
    let (sent, outcome) = tokio::join!(stream, cancel);
    Reply { sent, action: Some(outcome) }
}

impl Progress {
    fn watch(&self, view: &View, announce: &watch::Sender<Option<String>>) -> Flow {
        if !self.canceled.load(Ordering::Relaxed) {
            self.streamed.store(view.text().len(), Ordering::Relaxed);
            self.settled.store(view.is_settled(), Ordering::Relaxed);
        }
        if let Some(task) = &view.task_id {
            announce.send_if_modified(|known| known.replace(task.clone()).is_none());
        }
        if self.leave.load(Ordering::Relaxed) { Flow::HangUp } else { Flow::GoOn }
    }

    fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Relaxed)
    }
}

/// Returns what a stream that was dropped in the middle of its silence has shown.
fn left_in_silence(task: &str) -> WireOutcome {
    let mut view = View::default();
    view.task_id = Some(task.to_owned());
    WireOutcome { view, hung_up: true, ..WireOutcome::default() }
}

/// Waits until a condition holds, and checks it again and again.
pub async fn wait_until(holds: impl Fn() -> bool) {
    while !holds() {
        sleep(Duration::from_millis(2)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(task: &str) -> View {
        let mut view = View::default();
        view.task_id = Some(task.to_owned());
        view
    }

    #[test]
    fn first_task_of_a_stream_is_announced() {
        let (announce, announced) = watch::channel(None);
        let progress = Progress::default();
        assert!(matches!(progress.watch(&view("one"), &announce), Flow::GoOn));
        assert_eq!(announced.borrow().as_deref(), Some("one"));
    }

    #[test]
    fn stream_is_left_when_it_is_time() {
        let (announce, _announced) = watch::channel(None);
        let progress = Progress::default();
        progress.leave.store(true, Ordering::Relaxed);
        assert!(matches!(progress.watch(&view("one"), &announce), Flow::HangUp));
    }
}
