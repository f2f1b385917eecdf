//! `coalmine gate onboard`

use coalmine_gate::rollout::{
    act,
    fleet::Repository,
    onboard::{PROJECT, Plan, Present, plan},
    status::is_through,
};
use coalmine_report::escape;

use super::{
    operator::{Operator, failed},
    status::standing,
};
use crate::{
    arguments::{EvidenceArguments, FleetArguments},
    context::Context,
    failure::Failure,
    printer::Printer,
};

/// Brings the gate to each repository; what fails in one stops the others, and says what was done until then.
pub(super) async fn onboard(
    fleet: &FleetArguments,
    repositories: &[String],
    dry_run: bool,
    evidence: &EvidenceArguments,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let operator = Operator::new(fleet, context)?;
    let mut left: Vec<&str> = repositories.iter().map(String::as_str).collect();
    for name in repositories {
        let (repository, before) = operator.repository(name)?;
        if let Some(before) = before {
            let standing = standing(&operator, before, evidence, context, printer).await?;
            if !is_through(&standing) {
                let missing = standing.bake.missing.join(", ");
                let reason =
                    if missing.is_empty() { "the gate is not there yet".to_owned() } else { missing };
                return Err(Failure::new(format!("{name} follows {}, whose bake is not done", before.name))
                    .because(reason)
                    .hint(not_done(&left)));
            }
        }
        one(&operator, repository, dry_run, printer)
            .await
            .map_err(|failure| failure.also(not_done(&left)))?;
        left.remove(0);
    }
    Ok(0)
}

fn not_done(left: &[&str]) -> String {
    format!("not done: {}; the same command goes on from there", left.join(", "))
}

async fn one(
    operator: &Operator,
    repository: &Repository,
    dry_run: bool,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let name = operator.name(repository)?;
    let base = operator.forge.repository(&name).await.map_err(failed)?.default_branch;
    let read = |path: &'static str| operator.forge.read_file(&name, &base, path);
    let present = Present {
        workflow: read(operator.gate.path()).await.map_err(failed)?,
        project: read(PROJECT).await.map_err(failed)?,
    };
    let Some(plan) = plan(&operator.fleet, repository, &operator.gate, &base, &present) else {
        printer.answer(format_args!("{}: the gate is there", repository.name));
        return Ok(());
    };
    if dry_run {
        show(repository, &plan, &present, printer);
        return Ok(());
    }
    let opened = act::onboard(&operator.forge, &name, &plan).await.map_err(failed)?;
    let what = if opened.created { "opened" } else { "is open already" };
    printer.answer(format_args!(
        "{}: pull request #{} {what}: {}",
        repository.name,
        opened.pull.number,
        escape(&opened.pull.url)
    ));
    Ok(())
}

/// Shows what would be written, as a diff.
fn show(repository: &Repository, plan: &Plan, present: &Present, printer: &mut Printer) {
    printer.answer(format_args!(
        "{}: would open a pull request from `{}` to `{}`: {}",
        repository.name,
        plan.pull.head,
        escape(&plan.pull.base),
        plan.pull.title
    ));
    for file in &plan.commit.files {
        let old = if file.path == PROJECT { &present.project } else { &present.workflow };
        let old = old.as_ref().map(|file| String::from_utf8_lossy(&file.content).into_owned());
        printer.answer(format_args!("--- {}", if old.is_some() { &file.path } else { "/dev/null" }));
        printer.answer(format_args!("+++ {}", file.path));
        for line in old.iter().flat_map(|old| old.lines()) {
            printer.answer(format_args!("-{}", escape(line)));
        }
        for line in String::from_utf8_lossy(&file.content).lines() {
            printer.answer(format_args!("+{}", escape(line)));
        }
    }
}
