//! Panics: mistakes of coalmine itself. They end a run in order, and the process with exit code 2.

use std::panic::{PanicHookInfo, set_hook, take_hook};

use coalmine::run::Crash;

use crate::failure::Failure;

/// Notes every panic of the process from now on, in whatever thread it happens, instead of printing it. If
/// `RUST_BACKTRACE` asks for details, it is printed as well.
pub(crate) fn note() -> Crash {
    let crash = Crash::default();
    let (noted, print) = (crash.clone(), take_hook());
    let is_wanted = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    set_hook(Box::new(move |panic| {
        if is_wanted {
            print(panic);
        }
        noted.note(describe(panic));
    }));
    crash
}

/// Returns what a panic says, and where it happened.
fn describe(panic: &PanicHookInfo<'_>) -> String {
    let said = panic.payload_as_str().unwrap_or("a panic without a message");
    match panic.location() {
        Some(place) => format!("{said} (at {}:{})", place.file(), place.line()),
        None => said.to_owned(),
    }
}

/// Returns the failure of a command that did not come to its end because of a panic.
pub(crate) fn failure(crash: &Crash) -> Failure {
    let reason = crash.reason().unwrap_or("a panic");
    Failure::new(format!("coalmine itself failed: {reason}"))
        .hint("this is a mistake in coalmine: please report it, with the command and its version (`coalmine --version`)")
}
