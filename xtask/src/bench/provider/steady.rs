//! The world's memory under many requests, and the time of a very long one.

use std::time::Duration;

use camino::Utf8Path;

use super::{BYTES, CONNECTIONS, journal, load::Load, promise, server::Server};
use crate::{failure::Failure, printer::Printer};

/// How much the memory may grow between the two measurements. The allocator's pages fill up unevenly for a while; a leak of
/// some 60 bytes per request would exceed this.
const MAX_GROWTH: f64 = 0.15;
/// The number of answers before the first measurement; what is kept in memory is full by then.
const FIRST: usize = 10_000;
const WITHIN: Duration = Duration::from_secs(60);

/// Body lengths in bytes, and the number of answers before the second measurement. For long prompts it is limited by
/// the size of the journal's file.
const LOADS: [(usize, usize); 2] = [(BYTES, 100_000), (20_000, 45_000)];

/// Measures the memory; returns whether its promises are kept.
pub(super) fn measure(folder: &Utf8Path, printer: &mut Printer) -> Result<bool, Failure> {
    let mut kept = true;
    for (bytes, last) in LOADS {
        let kilobytes = bytes / 1000;
        printer.note(format_args!("measuring the memory with {last} prompts of {kilobytes} kB"));
        let written = folder.join(format!("steady-{bytes}.ndjson"));
        let world = Server::world(&written)?;
        let load =
            Load { connections: CONNECTIONS, bytes, max_answers: FIRST, within: WITHIN, grounded: true };
        let mut calls = load.run(world.address)?.all;
        // what waits for the writer is in memory as well
        let mut whole = journal::is_complete(&written, calls)?;
        let first = world.memory()?;
        calls += Load { max_answers: last - calls, ..load }.run(world.address)?.all;
        whole &= calls >= last && journal::is_complete(&written, calls)?;
        let second = world.memory()?;
        let (growth, max) = ((second as f64 / first as f64 - 1.0) * 100.0, MAX_GROWTH * 100.0);
        printer.result(format_args!(
            "memory after {FIRST} and {last} prompts of {kilobytes} kB: {:.1} MB, {:.1} MB",
            first as f64 / 1e6,
            second as f64 / 1e6
        ));
        let grows = format!("grows by at most {max:.0} %");
        kept &= promise(printer, &grows, &format!("{growth:.1} %"), growth <= max);
        kept &= promise(printer, "the journal holds every call in order", &format!("{calls} calls"), whole);
        fs_err::remove_file(written)?;
    }
    large(folder, printer)?;
    Ok(kept)
}

/// Measures prompts of a megabyte, for information only.
fn large(folder: &Utf8Path, printer: &mut Printer) -> Result<(), Failure> {
    let world = Server::world(&folder.join("large.ndjson"))?;
    let load = Load { connections: 1, bytes: 1_000_000, max_answers: 20, within: WITHIN, grounded: true };
    let loaded = load.run(world.address)?;
    let each = loaded.time.div_f64(loaded.answers.max(1) as f64);
    printer.result(format_args!("one request of 1 MB: {:.1} ms", each.as_secs_f64() * 1e3));
    Ok(())
}
