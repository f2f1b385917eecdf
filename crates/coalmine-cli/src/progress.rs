//! Consumes the events of a run: feeds the reports, and shows a progress bar while they print nothing.

use coalmine::event::{Envelope, Event, Phase, Progress};
use coalmine_report::{Broken, Fanout, escape_bounded};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::mpsc::UnboundedReceiver;

/// Feeds the reports until the stream ends. Returns the reports that failed. `watched` shows the progress
/// bar.
pub(crate) fn consume(
    mut events: UnboundedReceiver<Envelope>,
    mut reports: Fanout<'_>,
    watched: bool,
) -> Vec<Broken> {
    let mut bar: Option<ProgressBar> = None;
    while let Some(envelope) = events.blocking_recv() {
        match (&envelope.event, watched) {
            (Event::Progress(progress), true) => show(&mut bar, progress),
            (Event::CanaryStarted { id }, true) => {
                let message = format!("{id} …");
                show(&mut bar, &Progress { phase: Phase::Canaries, message, done: None, total: None });
            }
            _ => hide(&mut bar),
        }
        reports.event(&envelope);
    }
    hide(&mut bar);
    reports.finish()
}

fn show(bar: &mut Option<ProgressBar>, progress: &Progress) {
    let message = escape_bounded(&progress.message, 100);
    let bar = bar.get_or_insert_with(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
        bar
    });
    if let (Some(done), Some(total)) = (progress.done, progress.total) {
        let template = "{bar:30} {binary_bytes}/{binary_total_bytes} {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_length(total);
        bar.set_position(done);
    }
    bar.set_message(message);
}

fn hide(bar: &mut Option<ProgressBar>) {
    if let Some(bar) = bar.take() {
        bar.finish_and_clear();
    }
}
