//! `coalmine clean`

use crate::{failure::Failure, printer::Printer};

pub(crate) fn clean(printer: &mut Printer) -> Result<u8, Failure> {
    let swept = super::block_on(coalmine::deploy::sweep(true, true))?;
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
