//! `coalmine explain`

use coalmine::judge::codes;

use crate::{failure::Failure, printer::Printer};

pub(crate) fn explain(code: Option<&str>, printer: &mut Printer) -> Result<u8, Failure> {
    match code {
        None => {
            for (code, page) in codes::PAGES {
                let title = page.lines().next().unwrap_or_default();
                let title = title.split_once(": ").map_or("", |(_, title)| title);
                printer.answer(format_args!("{code:<28} {title}"));
            }
        }
        Some(code) => {
            let known = codes::PAGES.iter().map(|(code, _)| *code);
            let page = codes::page(code).ok_or_else(|| Failure::unknown("diagnosis", code, known))?;
            printer.answer(page.trim_end());
        }
    }
    Ok(0)
}
