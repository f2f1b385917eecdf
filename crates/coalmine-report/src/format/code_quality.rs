//! What GitLab shows in a merge request, in the format of Code Climate.

use coalmine::event::{CanaryReport, Level, Severity, Verdict, escape_json};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Record, ReportError, escape_bounded};

/// The file that a run in GitLab writes.
pub const CODE_QUALITY_FILE: &str = "gl-code-quality-report.json";
const MAX_TEXT: usize = 500;

/// One issue. GitLab shows the new ones of a merge request, by their fingerprints.
#[derive(Debug, Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u32,
}

/// Returns the issues of a run: what failed, what could not be judged, what is still broken, and the findings.
pub(super) fn code_quality(record: &Record) -> Result<String, ReportError> {
    let summary = record.summary()?;
    let mut issues: Vec<Issue> = summary.canaries.iter().filter_map(of_canary).collect();
    issues.extend(summary.findings.iter().map(|finding| {
        let severity = if finding.severity == Severity::Fail { "critical" } else { "info" };
        let about = finding.canary.as_deref().unwrap_or("run");
        Issue::new(finding.code.id(), about, &finding.sentence, severity)
    }));
    let whole = record.end.as_ref().and_then(|end| end.diagnosis.as_ref());
    if let Some(diagnosis) = whole.filter(|_| issues.is_empty() && summary.verdict != Verdict::Pass) {
        issues.push(Issue::new(diagnosis.code.id(), "run", &diagnosis.sentence, "critical"));
    }
    if issues.is_empty() && summary.verdict != Verdict::Pass {
        issues.push(Issue::new("coalmine", "run", "the run did not pass", "critical"));
    }
    Ok(escape_json(&serde_json::to_string_pretty(&issues)?) + "\n")
}

fn of_canary(canary: &CanaryReport) -> Option<Issue> {
    let severity = match (canary.verdict, canary.level) {
        (Verdict::Pass, _) => return None,
        (Verdict::Skip, _) if canary.baseline.is_none() => return None,
        (Verdict::Fail | Verdict::Xpass, Level::Must) => "blocker",
        (Verdict::Fail | Verdict::Xpass, Level::Continuity) => "critical",
        (Verdict::Fail | Verdict::Xpass, Level::Should) | (Verdict::Error | Verdict::Skip, _) => "major",
        (Verdict::Xfail, _) => "minor",
    };
    let code = canary.diagnosis.as_ref().map_or("coalmine", |diagnosis| diagnosis.code.id());
    let sentence = canary.diagnosis.as_ref().map(|diagnosis| diagnosis.sentence.as_str());
    let sentence = sentence.or(canary.reason.as_deref()).unwrap_or(&canary.title);
    Some(Issue::new(code, &canary.id, &format!("{}: {sentence}", canary.id), severity))
}

impl Issue {
    /// The same canary with the same code is the same issue, whatever its sentence says.
    fn new(code: &str, about: &str, description: &str, severity: &'static str) -> Self {
        let digest = Sha256::digest(format!("{code}\n{about}"));
        Self {
            description: escape_bounded(description, MAX_TEXT),
            check_name: code.to_owned(),
            fingerprint: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            severity,
            // there is no line of source to point at
            location: Location { path: place(about), lines: Lines { begin: 1 } },
        }
    }
}

/// Returns a path in no file: `coalmine/name-recall`.
fn place(about: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    format!("coalmine/{}", about.chars().take(60).map(plain).collect::<String>())
}
