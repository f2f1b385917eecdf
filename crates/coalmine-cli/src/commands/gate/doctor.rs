//! `coalmine gate doctor`

use coalmine::event::escape_json;
use coalmine_gate::rollout::{
    doctor::{Finding, Seen, Severity, examine},
    survey::Depth,
};
use coalmine_report::escape;
use serde_json::json;

use super::operator::Operator;
use crate::{arguments::FleetArguments, context::Context, failure::Failure, printer::Printer};

pub(super) async fn doctor(
    fleet: &FleetArguments,
    repositories: &[String],
    pulls: usize,
    json: bool,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let operator = Operator::new(fleet, context)?;
    let depth = Depth { pulls, all_heads: false, trust_statuses: false };
    let (mut failures, mut all) = (vec![], vec![]);
    for repository in operator.repositories(repositories)? {
        match operator.look(repository, depth, printer).await {
            Ok(survey) => {
                let seen = Seen {
                    branch: &survey.branch,
                    file: survey.file,
                    folders: survey.folders,
                    heads: &survey.heads,
                };
                all.push((repository.name.clone(), examine(&operator.gate, &seen)));
            }
            Err(failure) => failures.push(failure),
        }
    }
    let is_sick =
        all.iter().flat_map(|(_, findings)| findings).any(|finding| finding.severity == Severity::Error);
    if json {
        let all: Vec<_> =
            all.iter().map(|(name, findings)| json!({ "repository": name, "findings": findings })).collect();
        printer.answer(escape_json(&json!({ "repositories": all }).to_string()));
    } else {
        for (name, findings) in &all {
            show(name, findings, printer);
        }
    }
    if !failures.is_empty() {
        return Err(Failure::Several(failures));
    }
    Ok(u8::from(is_sick))
}

fn show(name: &str, findings: &[Finding], printer: &mut Printer) {
    if findings.is_empty() {
        printer.answer(format_args!("{name}: sound"));
        return;
    }
    printer.answer(format_args!("{name}:"));
    for Finding { severity, message, hint } in findings {
        let word = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        printer.answer(format_args!("  {word}: {}", escape(message)));
        if *severity != Severity::Note {
            printer.answer(format_args!("    hint: {}", escape(hint)));
        }
    }
}
