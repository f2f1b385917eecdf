//! A lock on the container engine. Every run sweeps what dead runs left, so tests about leftovers need
//! exclusive access.

use std::{fs::File, io::Write};

use super::{engine, images};

/// Access to the engine, held while a test uses it.
#[must_use]
#[derive(Debug)]
pub(crate) struct EngineLock {
    _lock: File,
}

/// Returns shared access, or `None` if there is no engine.
pub(crate) fn share_engine() -> Option<EngineLock> {
    acquire(File::lock_shared)
}

/// Returns exclusive access, or `None` if there is no engine.
pub(crate) fn own_engine() -> Option<EngineLock> {
    acquire(File::lock)
}

fn acquire(take: fn(&File) -> std::io::Result<()>) -> Option<EngineLock> {
    if !engine::answers() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci.is_empty()),
            "no container engine answers, and CI needs one"
        );
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        let _ = writeln!(std::io::stderr(), "SKIPPED {name}: no container engine answers");
        return None;
    }
    images::ensure();
    // a file lock also works between processes: some test runners start one for each test
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/docker-tests.lock");
    let lock = File::create(path).unwrap();
    take(&lock).unwrap();
    Some(EngineLock { _lock: lock })
}
