//! From the summary of a run to the statements about it.

use coalmine::event::{CanaryReport, ModelMode, Severity, Verdict};
use coalmine_report::Summary;
use serde::Serialize;
use thiserror::Error;

use crate::{
    Decision, Mode, Outcome, Provenance, Reservation, ResourceDescriptor, RunDetails, STATEMENT_V1, Sha256,
    Statement, TEST_RESULT_V0_1, TestResult, Verifier, time,
};

/// What is said about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The statement about the image, with the result of the tests.
    pub statement: Statement<TestResult>,
    /// The decision alone.
    pub decision: Decision,
}

/// Why nothing is said about a run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAttested {
    /// The run was interrupted, or did not come to its end.
    #[error("the run did not come to its end")]
    Incomplete,
    /// The run could not judge.
    #[error("the run could not judge")]
    NotJudged,
    /// The summary contradicts itself or what is known about the run.
    #[error("the summary of the run contradicts what is known about it: {0}")]
    Contradiction(&'static str),
}

impl Attestation {
    /// Returns the files with their contents. Equal runs give equal bytes.
    pub fn files(&self) -> [(&'static str, String); 3] {
        [
            ("statement.json", json(&self.statement)),
            ("predicate.json", json(&self.statement.predicate)),
            ("svr.json", json(&self.decision)),
        ]
    }
}

fn json(value: &impl Serialize) -> String {
    // structures of texts and lists always have a JSON form
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Returns what is said about a run.
///
/// # Errors
/// Returns why nothing is said. A failed run is attested, as failed.
pub fn attest(summary: &Summary, provenance: &Provenance) -> Result<Attestation, NotAttested> {
    check(summary, provenance)?;
    let time_created = time::end(&summary.run.started_at, summary.run.duration_ms)
        .ok_or(NotAttested::Contradiction("its time cannot be read"))?;
    let reservations = reservations(summary, &provenance.mode);
    let result = match summary.verdict {
        Verdict::Pass if reservations.is_empty() => Outcome::Passed,
        Verdict::Pass => Outcome::Warned,
        _ => Outcome::Failed,
    };
    let properties = match result {
        Outcome::Failed => vec![],
        passed => vec![format!("COALMINE_{}", passed.name())],
    };
    let decision = Decision {
        verifier: Verifier { id: format!("pkg:generic/coalmine@{}", summary.run.version) },
        time_created: time_created.clone(),
        properties,
    };
    let ids = |pick: &dyn Fn(&CanaryReport) -> bool| -> Vec<String> {
        summary.canaries.iter().filter(|canary| pick(canary)).map(|canary| canary.id.clone()).collect()
    };
    let fails = |canary: &CanaryReport| match canary.verdict {
        Verdict::Fail | Verdict::Xpass => true,
        Verdict::Skip => summary.run.strict,
        _ => false,
    };
    let passes = |canary: &CanaryReport| canary.verdict == Verdict::Pass && weakness(canary).is_none();
    let failing = summary.findings.iter().filter(|finding| finding.severity == Severity::Fail);
    let mut failed_tests = ids(&fails);
    failed_tests.extend(failing.map(|finding| format!("finding:{}", finding.code)));
    failed_tests.dedup();
    let mut findings: Vec<String> = summary.findings.iter().map(|finding| finding.code.to_string()).collect();
    findings.sort();
    findings.dedup();
    let predicate = TestResult {
        result,
        configuration: configuration(summary, provenance),
        passed_tests: ids(&passes),
        warned_tests: ids(&|canary| !passes(canary) && !fails(canary)),
        failed_tests,
        coalmine: RunDetails {
            run: summary.run.id.clone(),
            version: summary.run.version.clone(),
            time_created,
            reservations,
            skipped: ids(&|canary| canary.verdict == Verdict::Skip),
            not_judged: ids(&|canary| canary.verdict == Verdict::Error),
            findings,
        },
    };
    let image = &provenance.image;
    let subject = vec![ResourceDescriptor::new(&image.name, image.manifest.unwrap_or(image.id))];
    let statement = Statement {
        kind: STATEMENT_V1.to_owned(),
        subject,
        predicate_type: TEST_RESULT_V0_1.to_owned(),
        predicate,
    };
    Ok(Attestation { statement, decision })
}

/// Fails if the run has no verdict, or if the summary is not that of the run.
fn check(summary: &Summary, provenance: &Provenance) -> Result<(), NotAttested> {
    let contradiction = |what| Err(NotAttested::Contradiction(what));
    if !summary.run.complete || summary.run.interrupted {
        return Err(NotAttested::Incomplete);
    }
    if !matches!(summary.verdict, Verdict::Pass | Verdict::Fail) {
        return Err(NotAttested::NotJudged);
    }
    if summary.target.image_digest.as_deref() != Some(&provenance.image.id.to_string()) {
        return contradiction("it is about another image");
    }
    if !summary.canaries.iter().map(|canary| canary.id.as_str()).eq(provenance.canaries.ids()) {
        return contradiction("it is about other canaries");
    }
    let has = |pick: fn(Verdict) -> bool| summary.canaries.iter().any(|canary| pick(canary.verdict));
    let is_red = has(|verdict| matches!(verdict, Verdict::Fail | Verdict::Xpass | Verdict::Error))
        || summary.findings.iter().any(|finding| finding.severity == Severity::Fail)
        || (summary.run.strict && has(|verdict| verdict == Verdict::Skip));
    let is_green = has(|verdict| matches!(verdict, Verdict::Pass | Verdict::Xfail));
    if summary.verdict == Verdict::Pass && (is_red || !is_green) {
        return contradiction("it passed, and its canaries or findings did not");
    }
    Ok(())
}

/// Returns everything that weakens a pass, each once.
fn reservations(summary: &Summary, mode: &Mode) -> Vec<Reservation> {
    let mut all: Vec<Reservation> = summary.canaries.iter().filter_map(weakness).collect();
    if summary.findings.iter().any(|finding| finding.code.weakens_evidence()) {
        all.push(Reservation::WeakEvidence);
    }
    let of_mode = [
        (summary.run.model != ModelMode::Simulated, Reservation::OtherModel),
        (mode.lenient, Reservation::Lenient),
        (mode.selection, Reservation::Selection),
        (mode.injected_fault, Reservation::InjectedFault),
        (summary.run.jobs == 1, Reservation::NothingInParallel),
    ];
    all.extend(of_mode.into_iter().filter_map(|(holds, reservation)| holds.then_some(reservation)));
    all.sort();
    all.dedup();
    all
}

/// Returns how a canary that failed nothing weakens the result.
fn weakness(canary: &CanaryReport) -> Option<Reservation> {
    match canary.verdict {
        Verdict::Skip => Some(Reservation::Skipped),
        Verdict::Xfail => Some(Reservation::KnownLimit),
        // a round that could not be judged did not pass either
        Verdict::Pass if canary.rounds.is_some_and(|rounds| rounds.passed != rounds.asked) => {
            Some(Reservation::RoundsFailed)
        }
        Verdict::Pass if canary.reason.is_some() => Some(Reservation::PartlyJudged),
        _ => None,
    }
}

/// Returns what was judged, by what and with what.
fn configuration(summary: &Summary, provenance: &Provenance) -> Vec<ResourceDescriptor> {
    let image = &provenance.image;
    let mut all = vec![];
    all.extend(image.manifest.map(|manifest| ResourceDescriptor::new("image", manifest)));
    // in some engines the id is the digest of the manifest, and says nothing more
    if image.manifest != Some(image.id) {
        all.push(ResourceDescriptor::new("image-config", image.id));
    }
    let version = &summary.run.version;
    all.push(ResourceDescriptor::new("coalmine", provenance.binary).with("version", version));
    let count = summary.canaries.len().to_string();
    all.push(ResourceDescriptor::new("canaries", provenance.canaries.digest()).with("count", count));
    let profile = &provenance.profile;
    all.push(ResourceDescriptor::new("profile", profile.digest).with("name", &profile.name));
    if let Some(workflow) = &provenance.workflow {
        all.push(ResourceDescriptor::new("workflow", workflow.digest).with("path", &workflow.name));
    }
    all.push(mode(summary, &provenance.mode));
    all
}

/// Returns how the run was made. Its digest is that of its lines `<key>=<value>`, in the order of the keys.
fn mode(summary: &Summary, mode: &Mode) -> ResourceDescriptor {
    let dialect = summary.target.dialect.as_deref().unwrap_or("unknown");
    let descriptor = ResourceDescriptor::new("mode", Sha256::of(b""))
        .with("dialect", dialect)
        .with("jobs", summary.run.jobs.to_string())
        .with("lenient", mode.lenient.to_string())
        .with("model", summary.run.model.name())
        .with("options", mode.options.join(" "))
        .with("seed", summary.run.seed.to_string())
        .with("strict", summary.run.strict.to_string());
    let lines: String =
        descriptor.annotations.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    let digest = ResourceDescriptor::new("mode", Sha256::of(lines.as_bytes())).digest;
    ResourceDescriptor { digest, ..descriptor }
}

#[cfg(test)]
mod tests;
