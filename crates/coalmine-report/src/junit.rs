//! `junit.xml`: the report that CI systems show beside a pull request.

mod rounds;

use std::time::Duration;

use camino::Utf8PathBuf;
use coalmine::event::{
    AgainstBaseline, CanaryReport, Diagnosis, Envelope, Finding, RunInfo, Severity, Verdict,
};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{
    Record, ReportError, Reporter, StreamError, Summary, escape_bounded,
    plain::plain_blocks,
    text::{details, rate},
    write_atomically,
};

const FILE: &str = "junit.xml";
/// The most characters of a sentence in an attribute.
const MAX_MESSAGE: usize = 500;
/// The most characters of the text under one canary. CI systems cut or refuse what is much longer.
const MAX_DESCRIPTION: usize = 64 * 1024;
/// Columns in front of the text under one canary.
const INDENT: usize = 4;

/// Writes `junit.xml` at the end of the stream: a test suite for the run, a test case for each canary.
#[derive(Debug)]
pub struct Junit {
    folder: Utf8PathBuf,
    record: Record,
}

impl Junit {
    /// Returns a reporter that writes into `folder`, which exists.
    pub fn new(folder: impl Into<Utf8PathBuf>) -> Self {
        Self { folder: folder.into(), record: Record::default() }
    }
}

impl Reporter for Junit {
    fn name(&self) -> &str {
        FILE
    }

    fn files(&self) -> &[&str] {
        &[FILE]
    }

    fn is_for_machines(&self) -> bool {
        true
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        Ok(self.record.push(envelope)?)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let xml = xml(&self.record)?;
        write_atomically(&self.folder, FILE, &xml)
            .map_err(|source| ReportError::File { path: self.folder.join(FILE), source })
    }
}

/// Returns the file.
pub(crate) fn xml(record: &Record) -> Result<Vec<u8>, ReportError> {
    let mut xml = Vec::new();
    report(record)?.serialize(&mut xml)?;
    Ok(xml)
}

fn report(record: &Record) -> Result<Report, StreamError> {
    let summary = record.summary()?;
    let run = record.started.as_ref().map(|started| &started.run).ok_or(StreamError::Empty)?;
    let mut suite = TestSuite::new(format!("coalmine {}", short(&summary.target.profile)));
    suite.set_time(Duration::from_millis(summary.run.duration_ms));
    suite.add_properties(properties(&summary));
    suite.add_test_cases(summary.canaries.iter().map(|canary| case(&summary, run, canary)));
    let failing = summary.findings.iter().filter(|finding| finding.severity == Severity::Fail);
    suite.add_test_cases(failing.map(|finding| finding_case(&summary, finding)));
    let mut report = Report::new("coalmine");
    report.set_time(Duration::from_millis(summary.run.duration_ms));
    report.add_test_suite(suite);
    Ok(report)
}

fn properties(summary: &Summary) -> Vec<Property> {
    let target = &summary.target;
    let known = [
        ("run", Some(summary.run.id.clone())),
        ("started-at", Some(summary.run.started_at.clone())),
        ("version", Some(summary.run.version.clone())),
        ("seed", Some(summary.run.seed.to_string())),
        ("model", Some(summary.run.model.name().to_owned())),
        ("profile", Some(target.profile.clone())),
        ("subject", target.subject.clone()),
        ("image", target.image.clone()),
        ("image-digest", target.image_digest.clone()),
        ("dialect", target.dialect.clone()),
    ];
    known.into_iter().filter_map(|(name, value)| Some(Property::new(name, short(&value?)))).collect()
}

fn case(summary: &Summary, run: &RunInfo, canary: &CanaryReport) -> TestCase {
    let mut case = TestCase::new(short(&canary.id), status(run, canary));
    case.set_classname(format!("coalmine.{}", short(&summary.target.profile)));
    case.set_time(Duration::from_millis(canary.duration_ms));
    case.set_assertions(canary.checks.len());
    case.add_property(Property::new("title", short(&canary.title)));
    if let Some(rounds) = &canary.rounds {
        case.add_property(Property::new("rounds", rate(rounds)));
    }
    case
}

/// Returns a test case for a finding that fails the run, so that the file fails if the run does.
fn finding_case(summary: &Summary, finding: &Finding) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(short(&finding.sentence));
    status.set_type(finding.code.id());
    let name = match &finding.canary {
        Some(canary) => format!("{} ({})", finding.code, short(canary)),
        None => finding.code.to_string(),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("coalmine.{}", short(&summary.target.profile)));
    case
}

fn status(run: &RunInfo, canary: &CanaryReport) -> TestCaseStatus {
    let reason = canary.reason.as_deref();
    let mut status = match canary.verdict {
        Verdict::Pass => {
            let mut passed = TestCaseStatus::success();
            passed.add_reruns(rounds::failed(canary));
            return passed;
        }
        Verdict::Skip if canary.baseline == Some(AgainstBaseline::Weaker) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let reason = reason.unwrap_or("skipped");
            status.set_message(short(&format!("it passed in the baseline and was skipped: {reason}")));
            status.set_type("coalmine");
            return status;
        }
        Verdict::Skip => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(short(reason.unwrap_or("skipped")));
            return skipped;
        }
        Verdict::Xfail => {
            let mut skipped = TestCaseStatus::skipped();
            let reason = reason.unwrap_or("expected to fail");
            let message = match &canary.diagnosis {
                Some(diagnosis) if canary.baseline.is_some() => {
                    format!("baseline: {reason} ({})", sentence(diagnosis))
                }
                _ => format!("known limit: {reason}"),
            };
            skipped.set_message(short(&message));
            return skipped;
        }
        Verdict::Fail | Verdict::Xpass => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let diagnosis = canary.diagnosis.as_ref();
    let why = diagnosis.map(sentence).or(reason.map(short));
    status.set_message(why.unwrap_or_else(|| short(&canary.title)));
    status.set_type(diagnosis.map_or_else(|| "coalmine".to_owned(), |diagnosis| diagnosis.code.to_string()));
    status.set_description(bounded(plain_blocks(&details(run, canary), INDENT)));
    status.add_reruns(rounds::failed(canary));
    status
}

fn sentence(diagnosis: &Diagnosis) -> String {
    format!("{}: {}", diagnosis.code, short(&diagnosis.sentence))
}

fn short(text: &str) -> String {
    escape_bounded(text, MAX_MESSAGE)
}

/// Cuts a text whose lines are escaped already.
fn bounded(mut text: String) -> String {
    if let Some((cut, _)) = text.char_indices().nth(MAX_DESCRIPTION) {
        text.truncate(cut);
        text.push_str("…\n");
    }
    text
}
