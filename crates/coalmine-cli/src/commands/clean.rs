//! `coalmine clean`

use camino::Utf8Path;
use coalmine::deploy::{SweepScope, sweep};

use crate::{
    context::Context,
    failure::Failure,
    printer::Printer,
    runs::{RUNS_FOLDER, remove_all},
};

pub(crate) fn clean(runs: bool, context: &Context, printer: &mut Printer) -> Result<u8, Failure> {
    let swept = super::block_on(sweep(&context.host, SweepScope { containers: true, kept: true }))?;
    for (kind, names) in [
        ("run", &swept.runs),
        ("container", &swept.containers),
        ("network", &swept.networks),
        ("volume", &swept.volumes),
    ] {
        for name in names {
            printer.answer(format_args!("removed {kind} {name}"));
        }
    }
    let folders = if runs { remove_all(Utf8Path::new(RUNS_FOLDER)) } else { vec![] };
    for folder in &folders {
        printer.answer(format_args!("removed run folder {folder}"));
    }
    if swept.is_empty() && folders.is_empty() {
        printer.note("nothing to remove");
    }
    Ok(0)
}
