//! The signals that interrupt a run. A thread of its own waits for them, so that nothing can hold them up.

use std::{
    io, process, thread,
    time::{Duration, Instant},
};

use coalmine::run::Interrupt;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

/// The exit code of a process that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// How long a further signal counts as the same one: a terminal sends it to all processes, and a process above
/// this one may pass it on.
const SAME: Duration = Duration::from_millis(100);

/// Starts to listen. The first signal cancels the run, and the second one ends the process at once. Signals have
/// handlers and are not blocked, because a runtime would inherit that.
pub(crate) fn listen(interrupt: Interrupt) -> io::Result<()> {
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::Builder::new().name("signals".into()).spawn(move || wait(signals, &interrupt))?;
    Ok(())
}

#[expect(clippy::exit, reason = "whatever hangs must not keep the process from ending")]
fn wait(mut signals: Signals, interrupt: &Interrupt) {
    let mut first: Option<Instant> = None;
    for _signal in signals.forever() {
        if first.get_or_insert_with(Instant::now).elapsed() < SAME {
            interrupt.cancel();
        } else {
            process::exit(INTERRUPTED.into());
        }
    }
}
