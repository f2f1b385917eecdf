//! The signals that interrupt a run. A thread of its own waits for them, so that nothing can hold them up.

use std::{
    io, process, thread,
    time::{Duration, Instant},
};

use coalmine::run::Interrupt;
use nix::sys::signal::{SigSet, Signal};

/// The exit code of a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// How long a further signal counts as the same one: a terminal sends it to all processes, and a process above
/// this one may pass it on.
const SAME: Duration = Duration::from_millis(100);

/// Starts to listen. The first signal cancels the run, and the second one ends the process at once. Must be called
/// before other threads are started, because they inherit that the signals do not end the process.
pub(crate) fn listen(interrupt: Interrupt) -> io::Result<()> {
    let mut signals = SigSet::empty();
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().for_each(|signal| signals.add(signal));
    signals.thread_block()?;
    thread::Builder::new().name("signals".into()).spawn(move || wait(signals, &interrupt))?;
    Ok(())
}

#[expect(clippy::exit, reason = "whatever hangs must not keep the process from ending")]
fn wait(signals: SigSet, interrupt: &Interrupt) {
    let mut first: Option<Instant> = None;
    while signals.wait().is_ok() {
        if first.get_or_insert_with(Instant::now).elapsed() < SAME {
            interrupt.cancel();
        } else {
            process::exit(INTERRUPTED);
        }
    }
}
