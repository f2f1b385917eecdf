//! The embedded run: everything in one binary.

use std::time::Duration;

use super::{Figures, Subject, line, memory, verdict};
use crate::{failure::Failure, printer::Printer};

const MAX_TIME: Duration = Duration::from_millis(150);
const MAX_MEMORY: u64 = 40_000_000;

/// Measures the embedded run; returns whether its promises are kept.
pub(super) fn measure(subject: &Subject, runs: u16, printer: &mut Printer) -> Result<bool, Failure> {
    printer.note("measuring the embedded run");
    // the first run reads the binary from the disk
    subject.time(&[])?;
    let mut figures = Figures::default();
    for _ in 0..runs {
        figures.add(subject.time(&[])?);
    }
    let (mut peak, mut bound, mut processes) = (0, 0, 0);
    for _ in 0..5 {
        let memory = memory::peak(&mut subject.command(&[]))?;
        peak = peak.max(memory.bytes);
        bound = bound.max(memory.bound);
        processes = processes.max(memory.processes);
    }
    line(printer, "embedded: coalmine run", &figures);
    let quick = figures.median() < MAX_TIME;
    let small = peak < MAX_MEMORY;
    printer.result(format_args!("  promise: under 150 ms                        {}", verdict(quick)));
    printer.result(format_args!(
        "  promise: under 40 MB ({processes} processes together)    {:.1} MB ({:.1} MB if shared pages count twice), {}",
        peak as f64 / 1e6,
        bound as f64 / 1e6,
        verdict(small)
    ));
    Ok(quick && small)
}
