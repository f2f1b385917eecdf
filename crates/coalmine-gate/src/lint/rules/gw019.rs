//! GW019: what a change takes away.

use super::Rule;
use crate::lint::{
    Severity,
    rule::{Applies, Check, Evidence},
    scope::{File, SetScope},
    workflow::{Job, Workflow},
    yaml::Span,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW019",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Policy,
    sentence: "a change removes a required context, or turns a check that could not fail into one that can",
    page: include_str!("../../../../../docs/explain/GW019.md"),
    check: Check::Set(check),
};

fn check(scope: &mut SetScope<'_>) {
    let Some(base) = &scope.options.base else { return };
    let mut found = vec![];
    let (now, unknown) = super::gw010::posted(scope);
    for source in base.iter().filter(|source| source.target.servers().contains(&scope.server)) {
        let before = File::read(source);
        let head = scope.files.iter().find(|(_, file)| file.source.name() == source.name());
        let workflow = head.and_then(|(_, file)| file.parsed.as_ref().ok());
        let start = head.map(|(index, _)| (*index, workflow.map(Workflow::start).unwrap_or(0..0)));
        for context in lost(&before, &now, scope) {
            // what cannot be computed may still be posted
            if unknown.iter().any(|prefix| context.starts_with(prefix.as_str())) {
                continue;
            }
            let message = format!("the change removes the context `{context}`, which the base branch posts");
            found.push((Severity::Error, start.clone(), message));
        }
        if let (Ok(before), Some((index, _)), Some(workflow)) = (&before.parsed, head, workflow) {
            for (job, place) in hardened(before, workflow) {
                let message = format!("the change removes `continue-on-error` from `{job}`");
                found.push((Severity::Warning, Some((*index, place)), message));
            }
        }
    }
    let help = "say where the evidence is: `# coalmine: ignore GW019 -- …`";
    for (severity, place, message) in found {
        scope.report(severity, place, message, help);
    }
}

fn lost(before: &File<'_>, now: &[String], scope: &SetScope<'_>) -> Vec<String> {
    let required = |context: &String| {
        scope.options.required.as_ref().is_none_or(|globs| globs.iter().any(|glob| glob.matches(context)))
    };
    let all = ["pull_request", "pull_request_target", "merge_group"];
    let posted = all.into_iter().flat_map(|event| before.contexts(event, scope.server).exact);
    posted.filter(|context| !now.contains(context)).filter(required).collect()
}

/// Returns the jobs that have fewer `continue-on-error` than before, and their places.
fn hardened<'a>(before: &Workflow, now: &'a Workflow) -> Vec<(&'a str, Span)> {
    let old = before.jobs();
    let has_less =
        |job: &Job<'_>| old.iter().any(|known| known.key == job.key && continued(known) > continued(job));
    now.jobs().into_iter().filter(has_less).map(|job| (job.key, job.place.clone())).collect()
}

fn continued(job: &Job<'_>) -> usize {
    let of_job = job.body.get("continue-on-error").is_some_and(|value| value.text() != Some("false"));
    let continues = |entry: &crate::lint::yaml::Entry| entry.value.text() != Some("false");
    let of_steps = job
        .steps()
        .iter()
        .filter_map(|step| step.continue_on_error())
        .filter(|entry| continues(entry))
        .count();
    usize::from(of_job) + of_steps
}
