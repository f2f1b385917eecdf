//! `coalmine list`

use coalmine::{event::escape_json, plan::builtin};
use coalmine_runtime::fault::{CATALOGUE, FaultInfo};
use serde_json::{Value, json};

use crate::{
    arguments::{Json, ListCommand, OwnCanaries},
    failure::Failure,
    printer::Printer,
};

pub(crate) fn list(what: &ListCommand, printer: &mut Printer) -> Result<u8, Failure> {
    match what {
        ListCommand::Canaries { own, json } => show(printer, *json, canaries(own)?),
        ListCommand::Profiles(json) => show(printer, *json, profiles()?),
        ListCommand::Faults(json) => show_faults(printer, *json),
    }
    Ok(0)
}

/// A listed item, as JSON and as columns for people.
struct Row {
    json: Value,
    columns: Vec<String>,
}

fn canaries(own: &OwnCanaries) -> Result<Vec<Row>, Failure> {
    let row = |canary: coalmine::plan::Canary| Row {
        json: json!({
            "id": canary.id, "number": canary.number, "title": canary.title, "level": canary.level,
            "turns": canary.turns.len(),
        }),
        columns: vec![canary.number.map_or("-".into(), |number| number.to_string()), canary.id, canary.title],
    };
    Ok(crate::canaries::all(&own.canaries)?.into_iter().map(row).collect())
}

fn profiles() -> Result<Vec<Row>, Failure> {
    builtin::profile_names()
        .map(|name| {
            let profile = builtin::profile(name)?;
            let about = builtin::profile_text(name).unwrap_or_default().lines().next().unwrap_or_default();
            let about = about.trim_start_matches(['#', ' ']).to_owned();
            let scope = format!("{:?}", profile.session.scope).to_lowercase();
            Ok(Row {
                json: json!({ "name": name, "about": about, "scope": scope, "port": profile.port }),
                columns: vec![name.to_owned(), about],
            })
        })
        .collect()
}

/// Prints the faults by layer, each with what it does beneath it.
fn show_faults(printer: &mut Printer, json: Json) {
    if json.json {
        let item = |info: &FaultInfo| {
            json!({
                "id": info.id, "layer": info.layer, "about": info.about, "report": info.report,
                "canaries": info.canaries().collect::<Vec<_>>(), "code": info.code,
            })
        };
        return print_json(printer, CATALOGUE.iter().map(item).collect());
    }
    for layer in CATALOGUE.chunk_by(|one, next| one.layer == next.layer) {
        let heading = layer.first().map_or("", |info| info.layer);
        printer.answer(heading);
        for info in layer {
            let canaries = match info.canaries().collect::<Vec<_>>()[..] {
                ["*"] => "all canaries".to_owned(),
                ref names => several(names),
            };
            printer.answer(format_args!("  {:<28}{:<29}{canaries}", info.id, info.code));
            for line in textwrap::wrap(info.about, 76) {
                printer.answer(format_args!("    {line}"));
            }
        }
    }
}

/// Returns the only one of some canaries, or how many they are.
pub(crate) fn several(canaries: &[impl AsRef<str>]) -> String {
    match canaries {
        [one] => one.as_ref().to_owned(),
        all => format!("{} canaries", all.len()),
    }
}

fn print_json(printer: &mut Printer, all: Vec<Value>) {
    printer.answer(escape_json(&serde_json::to_string_pretty(&all).unwrap_or_default()));
}

fn show(printer: &mut Printer, json: Json, rows: Vec<Row>) {
    if json.json {
        return print_json(printer, rows.into_iter().map(|row| row.json).collect());
    }
    let count = rows.first().map_or(0, |row| row.columns.len());
    let widths: Vec<usize> = (0..count)
        .map(|at| rows.iter().map(|row| row.columns[at].chars().count()).max().unwrap_or(0))
        .collect();
    for row in rows {
        let cells = row.columns.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        printer.answer(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
