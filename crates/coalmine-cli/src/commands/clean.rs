//! `coalmine clean`

use coalmine::deploy::{SweepScope, sweep};

use crate::{context::Context, failure::Failure, printer::Printer};

pub(crate) fn clean(context: &Context, printer: &mut Printer) -> Result<u8, Failure> {
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
    if swept.is_empty() {
        printer.note("nothing to remove");
    }
    Ok(0)
}
