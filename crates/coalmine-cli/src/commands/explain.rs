//! `coalmine explain`

use coalmine::event::Code;
use coalmine_gate::lint::{RULES, rule};

use crate::{failure::Failure, printer::Printer};

pub(crate) fn explain(code: Option<&str>, printer: &mut Printer) -> Result<u8, Failure> {
    match code {
        None => {
            for code in Code::ALL {
                printer.answer(format_args!("{code:<30} {}", code.sentence()));
            }
            for rule in &RULES {
                printer.answer(format_args!("{:<30} {}", rule.id, rule.sentence));
            }
        }
        Some(id) => printer.answer(page(id)?.trim_end()),
    }
    Ok(0)
}

fn page(id: &str) -> Result<&'static str, Failure> {
    if let Some(code) = Code::from_id(id) {
        return Ok(code.page());
    }
    let known = || Code::ALL.iter().map(|code| code.id()).chain(RULES.iter().map(|rule| rule.id));
    rule(id).map(|rule| rule.page).ok_or_else(|| Failure::unknown("code", id, known()))
}
