//! `coalmine explain`

use coalmine::event::Code;

use crate::{failure::Failure, printer::Printer};

pub(crate) fn explain(code: Option<&str>, printer: &mut Printer) -> Result<u8, Failure> {
    match code {
        None => {
            for code in Code::ALL {
                printer.answer(format_args!("{code:<30} {}", code.sentence()));
            }
        }
        Some(id) => {
            let known = || Code::ALL.iter().map(|code| code.id());
            let code = Code::from_id(id).ok_or_else(|| Failure::unknown("code", id, known()))?;
            printer.answer(code.page().trim_end());
        }
    }
    Ok(0)
}
