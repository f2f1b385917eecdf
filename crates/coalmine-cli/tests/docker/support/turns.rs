//! Who may use the engine beside whom: a run sweeps what dead runs left, so a test about leftovers wants to be alone.

use std::{fs::File, io::Write};

use super::{engine, images};

/// Held as long as a test uses the engine.
#[must_use]
#[derive(Debug)]
pub(crate) struct Turn {
    _lock: File,
}

/// For a test that may run beside others; `None` where there is no engine.
pub(crate) fn beside_others() -> Option<Turn> {
    turn(File::lock_shared)
}

/// For a test that nothing else may sweep after; `None` where there is no engine.
pub(crate) fn alone() -> Option<Turn> {
    turn(File::lock)
}

fn turn(take: fn(&File) -> std::io::Result<()>) -> Option<Turn> {
    if !engine::answers() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci.is_empty()),
            "there is no container engine, and CI needs one"
        );
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        let _ = writeln!(std::io::stderr(), "SKIPPED {name}: no container engine answers");
        return None;
    }
    images::ensure();
    // between processes as well: not every runner keeps the tests of a binary in one
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/docker-tests.lock");
    let lock = File::create(path).unwrap();
    take(&lock).unwrap();
    Some(Turn { _lock: lock })
}
