//! Consumes the events of a run: feeds the reports, and shows what the run waits for while they print nothing.

use std::time::{Duration, Instant};

use coalmine::event::{Envelope, Event, Phase, Progress};
use coalmine_report::{Broken, Fanout, escape_bounded};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::{runtime::Handle, sync::mpsc::UnboundedReceiver, time::timeout};

use crate::{context::Context, printer::Printer};

/// The most characters of what the run waits for.
const MAX_MESSAGE: usize = 100;
/// How often to say how far a command has come if nobody watches it.
pub(crate) const EVERY: Duration = Duration::from_secs(30);
/// Longer than any run.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// How to show what the run waits for.
pub(crate) enum Display {
    /// In the last line of a terminal.
    Bar {
        ascii: bool,
    },
    /// In a line of its own, as often as this.
    Lines {
        every: Duration,
        print: Box<dyn FnMut(String) + Send>,
    },
    Nothing,
}

/// Feeds the reports until the stream ends. Returns the reports that failed. Must be called in a blocking thread of a
/// runtime.
pub(crate) fn consume(
    mut events: UnboundedReceiver<Envelope>,
    mut reports: Fanout<'_>,
    mut display: Display,
) -> Vec<Broken> {
    let runtime = Handle::current();
    let mut status = Status::new();
    let mut bar: Option<ProgressBar> = None;
    let every = if let Display::Lines { every, .. } = &display { *every } else { NEVER };
    let mut due = Instant::now() + every;
    loop {
        let wait = due.saturating_duration_since(Instant::now());
        let received = runtime.block_on(async { timeout(wait, events.recv()).await });
        if let Ok(Some(envelope)) = &received {
            status.take(&envelope.event);
            match (&envelope.event, &display) {
                (Event::Progress(_) | Event::CanaryStarted { .. }, Display::Bar { ascii }) => {
                    show(&mut bar, &status, *ascii);
                }
                _ => hide(&mut bar),
            }
            reports.event(envelope);
        }
        if let Ok(None) = received {
            break;
        }
        if let Display::Lines { print, .. } = &mut display
            && Instant::now() >= due
        {
            print(status.line());
            due = Instant::now() + every;
        }
    }
    hide(&mut bar);
    reports.finish()
}

/// How far the run has come.
struct Status {
    began: Instant,
    planned: usize,
    ended: usize,
    /// Canaries that are done but have not ended, because they run at the same time as others.
    done_together: usize,
    waits_for: String,
    /// Bytes that were pulled, and how many there are.
    pulled: Option<(u64, u64)>,
}

impl Status {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            planned: 0,
            ended: 0,
            done_together: 0,
            waits_for: "starting".into(),
            pulled: None,
        }
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted(started) => self.planned = started.canaries.len(),
            Event::Progress(Progress { phase, message, done, total }) => {
                self.waits_for = escape_bounded(message, MAX_MESSAGE);
                self.pulled = done.zip(*total).filter(|_| *phase == Phase::Pull);
                let done = done.filter(|_| *phase == Phase::Canaries);
                self.done_together = done.and_then(|done| usize::try_from(done).ok()).unwrap_or_default();
            }
            Event::CanaryStarted { id } => {
                self.waits_for = escape_bounded(&format!("running {id}"), MAX_MESSAGE);
                (self.pulled, self.done_together) = (None, 0);
            }
            Event::CanaryEnded(_) => self.ended += 1,
            Event::TargetReady(_) | Event::Finding(_) | Event::RunEnded(_) => {}
        }
    }

    /// Returns what the run waits for and how many canaries are left.
    fn words(&self) -> String {
        let left = self.planned.saturating_sub(self.ended + self.done_together);
        format!("{}; {left} of {} canaries left", self.waits_for, self.planned)
    }

    /// Returns the words with the time that has passed.
    fn line(&self) -> String {
        format!("{} s: {}", self.began.elapsed().as_secs(), self.words())
    }
}

fn show(bar: &mut Option<ProgressBar>, status: &Status, ascii: bool) {
    let is_new = bar.is_none();
    let bar = bar.get_or_insert_with(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.with_elapsed(status.began.elapsed())
    });
    let template = if status.pulled.is_some() {
        "{bar:20} {binary_bytes}/{binary_total_bytes} {elapsed} {wide_msg}"
    } else {
        "{spinner} {elapsed} {wide_msg}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        let style = if ascii { style.tick_chars("|/-\\ ").progress_chars("#>-") } else { style };
        bar.set_style(style);
    }
    if let Some((done, total)) = status.pulled {
        bar.set_length(total);
        bar.set_position(done);
    }
    bar.set_message(status.words());
    if is_new {
        // not before the style is set, because the first tick draws the bar
        bar.enable_steady_tick(Duration::from_millis(100));
    }
}

fn hide(bar: &mut Option<ProgressBar>) {
    if let Some(bar) = bar.take() {
        bar.finish_and_clear();
    }
}

/// How far a command has come that does the same with many things.
pub(crate) struct Counter {
    what: &'static str,
    total: usize,
    done: usize,
    began: Instant,
    due: Instant,
    /// What a person sees who watches the terminal.
    bar: Option<ProgressBar>,
}

impl Counter {
    pub(crate) fn new(what: &'static str, total: usize, context: &Context) -> Self {
        let bar = context.is_watched().then(|| {
            let bar = ProgressBar::with_draw_target(u64::try_from(total).ok(), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} {msg} {elapsed}") {
                bar.set_style(if context.ascii { style.progress_chars("#>-") } else { style });
            }
            bar.set_message(what);
            bar
        });
        let now = Instant::now();
        Self { what, total, done: 0, began: now, due: now + EVERY, bar }
    }

    /// Counts one more. In a log, says now and then how many there are.
    pub(crate) fn advance(&mut self, printer: &mut Printer) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if Instant::now() >= self.due => {
                self.due = Instant::now() + EVERY;
                let (seconds, what) = (self.began.elapsed().as_secs(), self.what);
                printer.note(format_args!("{seconds} s: {} of {} {what}", self.done, self.total));
            }
            None => {}
        }
    }

    /// Prints a line of the result, above what shows how far the command is.
    pub(crate) fn print(&self, printer: &mut Printer, line: impl std::fmt::Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| printer.answer(line)),
            None => printer.answer(line),
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        hide(&mut self.bar);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn progress(message: &str) -> Event {
        Event::Progress(Progress { phase: Phase::Turn, message: message.into(), done: None, total: None })
    }

    #[test]
    fn words_say_what_is_waited_for_and_what_is_left() {
        let mut status = Status { planned: 38, ended: 24, ..Status::new() };
        status.take(&progress("waiting for the answer of name-recall, turn 2"));
        let words = "waiting for the answer of name-recall, turn 2; 14 of 38 canaries left";
        assert_eq!(status.words(), words);
        assert_eq!(status.line(), format!("0 s: {words}"));
        status.take(&Event::CanaryStarted { id: "isolation\n".into() });
        assert_eq!(status.words(), "running isolation\\n; 14 of 38 canaries left");
        let message = "3 of 10 canaries done".to_owned();
        let together = Progress { phase: Phase::Canaries, message, done: Some(3), total: Some(10) };
        status.take(&Event::Progress(together));
        assert_eq!(status.words(), "3 of 10 canaries done; 11 of 38 canaries left");
        assert_eq!(status.pulled, None);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_line_is_printed_as_often_as_asked() {
        let (out, events) = tokio::sync::mpsc::unbounded_channel();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let print = Box::new(move |line: String| kept.lock().unwrap().push(line));
        let display = Display::Lines { every: Duration::ZERO, print };
        let consumer = tokio::task::spawn_blocking(move || consume(events, Fanout::new(), display));
        out.send(Envelope { seq: 0, at_ms: 0, event: progress("booting") }).unwrap();
        drop(out);
        assert!(consumer.await.unwrap().is_empty());
        assert!(lines.lock().unwrap().iter().any(|line| line.contains("booting; 0 of 0 canaries left")));
    }
}
