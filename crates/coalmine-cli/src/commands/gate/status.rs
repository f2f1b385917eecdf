//! `coalmine gate status`

use coalmine::event::escape_json;
use coalmine_gate::{
    forge::PullFilter,
    rollout::{
        bake::bake,
        gate::FileState,
        history::{Head, Outcome},
        onboard::BRANCH,
        status::{Next, Standing, next},
    },
};
use jiff::Timestamp;
use serde_json::json;

use super::operator::{Operator, failed};
use crate::{
    arguments::{EvidenceArguments, FleetArguments},
    context::Context,
    failure::Failure,
    printer::Printer,
};

/// How many open pull requests are searched for the one of the onboarding.
const MAX_OPEN: usize = 200;

pub(super) async fn status(
    fleet: &FleetArguments,
    json: bool,
    evidence: &EvidenceArguments,
    context: &Context,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let operator = Operator::new(fleet, context)?;
    let mut standings = vec![];
    for repository in &operator.fleet.repositories {
        standings.push(standing(&operator, repository, evidence, context, printer).await?);
    }
    let steps = next(&standings);
    if json {
        let rows: Vec<_> = standings
            .iter()
            .zip(&steps)
            .map(|(standing, step)| json!({ "standing": standing, "next": step }))
            .collect();
        printer.answer(escape_json(&json!({ "repositories": rows }).to_string()));
    } else {
        table(&standings, &steps, &operator, printer);
    }
    Ok(0)
}

/// Looks where one repository stands.
pub(super) async fn standing(
    operator: &Operator,
    repository: &coalmine_gate::rollout::fleet::Repository,
    evidence: &EvidenceArguments,
    context: &Context,
    printer: &mut Printer,
) -> Result<Standing, Failure> {
    let survey = operator.survey(repository, evidence, printer).await?;
    let name = operator.name(repository)?;
    let open = operator.forge.pulls(&name, PullFilter::Open, MAX_OPEN).await.map_err(failed)?;
    let last = survey.pulls.iter().flat_map(|pull| &pull.heads).max_by_key(|head| head.at).cloned();
    let own = survey.branch.contexts.iter().any(|required| required.matches(operator.gate.context()));
    Ok(Standing {
        name: repository.name.clone(),
        file: survey.file,
        onboarding: open.iter().find(|pull| pull.head_ref.starts_with(BRANCH)).map(|pull| pull.number),
        last,
        bake: bake(&operator.rules, &survey.pulls, Timestamp::MIN, context.now),
        required: own && survey.branch.enforced,
    })
}

fn table(standings: &[Standing], steps: &[Next], operator: &Operator, printer: &mut Printer) {
    let head = ["repository", "gate", "last", "days", "heads", "red", "required", "next", "who"];
    let mut rows = vec![head.map(str::to_owned)];
    for (standing, step) in standings.iter().zip(steps) {
        let bake = &standing.bake;
        rows.push([
            standing.name.clone(),
            match standing.file {
                FileState::Identical => "onboarded",
                FileState::Differs => "drift",
                FileState::Missing => "none",
            }
            .to_owned(),
            standing.last.as_ref().map_or("-", last).to_owned(),
            format!("{}/{}", bake.days.len(), operator.rules.business_days),
            format!("{}/{}", bake.green.len(), operator.rules.heads),
            bake.explained.len().to_string(),
            if standing.required { "yes" } else { "no" }.to_owned(),
            step.what.clone(),
            step.who.name().to_owned(),
        ]);
    }
    let mut widths = [0_usize; 9];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        printer.answer(cells.join("  ").trim_end());
    }
}

fn last(head: &Head) -> &'static str {
    match head.outcome {
        Outcome::Green => "green",
        Outcome::Red => "red",
        Outcome::NotJudged(_) => "not judged",
        Outcome::Unproven(_) => "unproven",
    }
}
