//! The embedded run: everything in one binary.

use std::time::Duration;

use super::{Figures, Subject, line, memory, verdict};
use crate::{failure::Failure, printer::Printer};

const TIME: Duration = Duration::from_millis(150);
const MEMORY: u64 = 40_000_000;

/// Whether the promises hold.
pub(super) fn measure(subject: &Subject, runs: u16, printer: &mut Printer) -> Result<bool, Failure> {
    printer.note("measuring the embedded run");
    // the first run reads the binary from the disk
    subject.time(&[])?;
    let mut figures = Figures::default();
    for _ in 0..runs {
        figures.add(subject.time(&[])?);
    }
    let (mut peak, mut processes) = (0, 0);
    for _ in 0..5 {
        let (sum, count) = memory::peak(&mut subject.command(&[]))?;
        peak = peak.max(sum);
        processes = processes.max(count);
    }
    line(printer, "embedded: coalmine run", &figures);
    let quick = figures.median() < TIME;
    let small = peak < MEMORY;
    printer.result(format_args!(
        "  promise: under 150 ms                        {}\n  promise: under 40 MB ({processes} processes together)    {:.1} MB, {}",
        verdict(quick),
        peak as f64 / 1e6,
        verdict(small)
    ));
    Ok(quick && small)
}
