//! `coalmine gate require` and `coalmine gate unrequire`

use camino::Utf8Path;
use coalmine::event::escape_json;
use coalmine_gate::{
    forge::{Protection, ProtectionChange},
    rollout::{
        bake::bake,
        require::{PROOF_SCHEMA, Proof, limits, lint_errors, with_gate, without_gate},
    },
};
use coalmine_report::{escape, write_atomically};
use jiff::Timestamp;

use super::operator::{Operator, failed};
use crate::{
    arguments::{EvidenceArguments, FleetArguments},
    context::Context,
    failure::Failure,
    printer::Printer,
};

/// What is to be required, and how.
pub(super) struct Require<'a> {
    pub(super) repository: &'a str,
    pub(super) yes: bool,
    pub(super) proof: &'a Utf8Path,
    pub(super) evidence: &'a EvidenceArguments,
}

pub(super) async fn require(
    fleet: &FleetArguments,
    what: Require<'_>,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let operator = Operator::new(fleet, context)?;
    let (repository, _) = operator.repository(what.repository)?;
    let survey = operator.survey(repository, what.evidence, printer).await?;
    let (name, branch) = (operator.name(repository)?, &survey.branch.name);
    let now = operator.forge.protection(&name, branch).await.map_err(failed)?;
    let version = operator.forge.version().await.map_err(failed)?.clone();
    let proof = Proof {
        schema: PROOF_SCHEMA,
        repository: format!("{}/{}", operator.fleet.owner, repository.name),
        branch: branch.clone(),
        forge: (version.kind.name(), version.text.clone()),
        context: operator.gate.context(),
        canonical_sha256: operator.gate.sha256(),
        file: survey.file,
        lint: lint_errors(&operator.gate, &version),
        trusted_statuses: what.evidence.trust_statuses,
        admins_bypass: now.as_ref().map(|now| now.admins_bypass),
        bake: bake(&operator.rules, &survey.pulls, Timestamp::MIN, context.now),
        other_file: survey.other_file,
        lost: survey.lost,
        made_at: context.now,
    };
    write(&proof, what.proof)?;
    show(&proof, printer);
    printer.answer(format_args!("proof: {}", what.proof));
    let refusals = proof.refusals();
    if !refusals.is_empty() {
        for refusal in &refusals {
            printer.answer(format_args!("refused: {}", escape(refusal)));
        }
        return Ok(1);
    }
    let own = operator.forge.required_context(operator.gate.context());
    let Some(change) = with_gate(&operator.gate, own, now.as_ref()) else {
        printer.answer(format_args!("`{}` requires the gate already", escape(branch)));
        return Ok(0);
    };
    if !what.yes {
        show_change(now.as_ref(), &change, printer);
        printer.answer("nothing was changed: `--yes` does it");
        return Ok(0);
    }
    operator.forge.change_protection(&name, branch, now.as_ref(), &change).await.map_err(failed)?;
    printer.answer(format_args!("`{}` requires `{}` now", escape(branch), operator.gate.context()));
    for limit in limits(version.kind, proof.admins_bypass) {
        printer.answer(format_args!("note: {limit}"));
    }
    Ok(0)
}

pub(super) async fn unrequire(
    fleet: &FleetArguments,
    repository: &str,
    reason: &str,
    yes: bool,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    if reason.trim().is_empty() {
        return Err(Failure::new("`--reason` is empty").hint("say why, for the record"));
    }
    let operator = Operator::new(fleet, context)?;
    let (repository, _) = operator.repository(repository)?;
    let name = operator.name(repository)?;
    let branch = operator.forge.repository(&name).await.map_err(failed)?.default_branch;
    let now = operator.forge.protection(&name, &branch).await.map_err(failed)?;
    let change = now.as_ref().and_then(|now| without_gate(&operator.gate, now));
    let Some(change) = change else {
        printer.answer(format_args!("`{}` does not require the gate", escape(&branch)));
        return Ok(0);
    };
    show_change(now.as_ref(), &change, printer);
    if !yes {
        printer.answer("nothing was changed: `--yes` does it");
        return Ok(0);
    }
    operator.forge.change_protection(&name, &branch, now.as_ref(), &change).await.map_err(failed)?;
    printer.answer(format_args!(
        "`{}` no longer requires the gate, since {}: {}",
        escape(&branch),
        context.started_at,
        escape(reason)
    ));
    Ok(0)
}

fn write(proof: &Proof, file: &Utf8Path) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(proof)
        .map_err(|error| Failure::new("the proof cannot be written as JSON").because(error))?;
    let folder = file.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let name = file.file_name().ok_or_else(|| Failure::new(format!("`{file}` names no file")))?;
    write_atomically(folder, name, format!("{}\n", escape_json(&text)).as_bytes())
        .map_err(|error| Failure::new(format!("cannot write {file}")).because(error))
}

fn show(proof: &Proof, printer: &mut Printer) {
    let Proof { bake, .. } = proof;
    printer.answer(format_args!("{}, branch `{}`", escape(&proof.repository), escape(&proof.branch)));
    printer.answer(format_args!("  context: {}", proof.context));
    printer.answer(format_args!("  canonical file: sha256:{}", proof.canonical_sha256));
    printer.answer(format_args!(
        "  green: {} heads on {} business days; red and explained: {}",
        bake.green.len(),
        bake.days.len(),
        bake.explained.len()
    ));
    if let Some(red) = &bake.restarted_by {
        printer.answer(format_args!(
            "  the bake began again after the red head of #{}, at {}",
            red.pull, red.at
        ));
    }
    let sides = [
        ("not judged", bake.not_judged.len()),
        ("green without proof", bake.unproven.len()),
        ("with another workflow file", proof.other_file.len()),
        ("lost by a force push", proof.lost.len()),
    ];
    for (what, count) in sides.into_iter().filter(|(_, count)| *count > 0) {
        printer.answer(format_args!("  not counted, {what}: {count}"));
    }
    if proof.trusted_statuses {
        printer.answer("  statuses counted without a run that proves them (`--trust-statuses`)");
    }
}

fn show_change(now: Option<&Protection>, change: &ProtectionChange, printer: &mut Printer) {
    let before = now.map_or(&[][..], |now| &now.contexts);
    for context in before.iter().filter(|context| !change.contexts.contains(context)) {
        printer.answer(format_args!("- {}", escape(context.written())));
    }
    for context in change.contexts.iter().filter(|context| !before.contains(context)) {
        printer.answer(format_args!("+ {}", escape(context.written())));
    }
    let enforced = now.is_some_and(|now| now.enforced);
    if enforced != change.enforced {
        printer.answer(format_args!("status check: {enforced} -> {}", change.enforced));
    }
}
