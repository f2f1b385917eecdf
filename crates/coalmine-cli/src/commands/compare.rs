//! `coalmine compare`

use camino::Utf8Path;
use coalmine_report::{Comparison, ComparisonFormat, Summary, compare as compare_runs, read_summary};
use fs_err as fs;

use crate::{arguments::FormatTo, failure::Failure, printer::Printer};

pub(crate) fn compare(
    old: &Utf8Path,
    new: &Utf8Path,
    strict: bool,
    mut formats: Vec<FormatTo<ComparisonFormat>>,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let comparison = compare_runs(&read(old)?, &read(new)?, strict);
    if formats.is_empty() {
        formats.push(FormatTo { format: ComparisonFormat::Text, file: None });
    }
    let mut is_complete = true;
    for to in formats {
        if let Err(failure) = write(&comparison, &to, printer) {
            is_complete = false;
            printer.failure(&failure);
        }
    }
    match comparison.exit_code() {
        0 if !is_complete => Ok(2),
        code => Ok(code),
    }
}

/// Reads a run: its folder, or its `summary.json`.
pub(crate) fn read(path: &Utf8Path) -> Result<Summary, Failure> {
    read_summary(path).map_err(|error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let failure = Failure::new(error.to_string()).hint("give the folder of a run, or its `summary.json`");
        match source {
            Some(source) => failure.because(source),
            None => failure,
        }
    })
}

fn write(
    comparison: &Comparison,
    to: &FormatTo<ComparisonFormat>,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("the comparison as `{}` could not be written", to.format)).because(error)
    };
    let text = to.format.render(comparison).map_err(|error| failed(&error))?;
    match &to.file {
        Some(file) => fs::write(file, text).map_err(|error| failed(&error)),
        None => printer.print(text.trim_end()).map_err(|error| failed(&error)),
    }
}
