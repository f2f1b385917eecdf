//! What a CI system shows beside the log: annotations at the run, and lists that are folded.

use std::io::Write;

use coalmine::event::{CanaryReport, Code, Diagnosis, Envelope, Severity, Verdict};

use crate::{
    Record, ReportError, Reporter, SummaryBaseline, escape_bounded,
    text::{MAX_ID, MAX_TITLE},
};

/// The most annotations: a CI system shows ten of each step.
const MAX_ANNOTATIONS: usize = 10;
const MAX_MESSAGE: usize = 500;
/// The most canaries that are listed or named.
const MAX_LISTED: usize = 500;
const MAX_NAMED: usize = 8;

/// A CI system, by what its log understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions.
    Github,
    /// Gitea Actions, which understands what GitHub does.
    Gitea,
    /// GitLab CI.
    Gitlab,
    /// A log that understands nothing.
    None,
}

/// Writes annotations and a folded list of all canaries into the log of a CI job, if the run did not pass. Each command stands
/// at the beginning of a line.
#[derive(Debug)]
pub struct CiLog<W> {
    writer: W,
    ci: Ci,
    record: Record,
}

impl<W: Write> CiLog<W> {
    /// Returns a reporter for the log of a job.
    pub fn new(writer: W, ci: Ci) -> Self {
        Self { writer, ci, record: Record::default() }
    }
}

impl<W: Write> Reporter for CiLog<W> {
    fn name(&self) -> &str {
        "the CI log"
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        Ok(self.record.push(envelope)?)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let text = log(self.ci, &self.record);
        self.writer.write_all(text.as_bytes())?;
        Ok(self.writer.flush()?)
    }
}

fn log(ci: Ci, record: &Record) -> String {
    if ci == Ci::None || record.started.is_none() || record.verdict() == Verdict::Pass {
        return String::new();
    }
    let canaries = record.canaries();
    let heading = format!("coalmine: all {} canaries", canaries.len());
    let list: String = canaries.iter().take(MAX_LISTED).map(listed).collect();
    match ci {
        Ci::Gitlab => format!(
            "\x1b[0Ksection_start:0:coalmine_canaries[collapsed=true]\r\x1b[0K{heading}\n{list}\
             \x1b[0Ksection_end:0:coalmine_canaries\r\x1b[0K\n"
        ),
        _ => format!("::group::{heading}\n{list}::endgroup::\n{}", annotations(record, &canaries)),
    }
}

fn listed(canary: &CanaryReport) -> String {
    let (id, title) = (escape_bounded(&canary.id, MAX_ID), escape_bounded(&canary.title, MAX_TITLE));
    format!("  {:5}  {id:20}  {title}\n", canary.verdict.name())
}

/// Returns one annotation for each cause, and for each finding that fails the run.
fn annotations(record: &Record, canaries: &[CanaryReport]) -> String {
    let mut all: Vec<(Code, String)> = Vec::new();
    let whole = record.end.as_ref().and_then(|end| end.diagnosis.as_ref());
    let causes = record.causes();
    if let Some(Diagnosis { code, sentence, .. }) = whole
        && causes.iter().all(|cause| cause.code != *code)
    {
        all.push((*code, sentence.clone()));
    }
    all.extend(
        causes.iter().map(|cause| (cause.code, format!("{} ({})", cause.sentence, named(&cause.canaries)))),
    );
    let failing = record.findings.iter().filter(|finding| finding.severity == Severity::Fail);
    all.extend(failing.map(|finding| (finding.code, finding.sentence.clone())));
    let mut text: String =
        all.iter().take(MAX_ANNOTATIONS).map(|(code, message)| annotation(code.id(), message)).collect();
    let unexplained: Vec<String> = canaries
        .iter()
        .filter(|canary| canary.verdict == Verdict::Xpass)
        .map(|canary| canary.id.clone())
        .collect();
    if !unexplained.is_empty() && all.len() < MAX_ANNOTATIONS {
        let message = format!("passed, although the profile says that they fail: {}", named(&unexplained));
        text.push_str(&annotation("known limit", &message));
    }
    text.extend(record.baseline().iter().flat_map(of_baseline));
    text
}

/// Returns what would be missed if only failures were annotated: what is judged no longer, and what is still broken or may be.
fn of_baseline(baseline: &SummaryBaseline) -> Vec<String> {
    let mut lines = Vec::new();
    if !baseline.weaker.is_empty() {
        let message = format!("passed in the baseline and skipped now: {}", named(&baseline.weaker));
        lines.push(annotation("baseline", &message));
    }
    if !baseline.still_broken.is_empty() {
        let message = format!("still broken, as in the baseline: {}", named(&baseline.still_broken));
        lines.push(warning(&message));
    }
    if !baseline.not_judged.is_empty() {
        lines.push(warning(&format!(
            "failed in the baseline, not judged now: {}",
            named(&baseline.not_judged)
        )));
    }
    lines
}

fn warning(message: &str) -> String {
    annotation("baseline", message).replacen("::error", "::warning", 1)
}

fn named(ids: &[String]) -> String {
    let mut names: Vec<String> = ids.iter().take(MAX_NAMED).cloned().collect();
    if ids.len() > MAX_NAMED {
        names.push(format!("{} more", ids.len() - MAX_NAMED));
    }
    names.join(", ")
}

/// Returns a workflow command. What is in it is escaped for a log first, so it stays one line and begins no other command.
fn annotation(title: &str, message: &str) -> String {
    let title = title.replace('%', "%25").replace(':', "%3A").replace(',', "%2C");
    let message = escape_bounded(message, MAX_MESSAGE).replace('%', "%25");
    format!("::error title=coalmine {title}::{message}\n")
}

#[cfg(test)]
mod tests {
    use coalmine::event::{Event, Finding, is_hidden};

    use super::*;
    use crate::tests::{hostile::hostile, sample};

    fn shown(ci: Ci, events: &[Envelope]) -> String {
        let mut out = Vec::new();
        let mut log = CiLog::new(&mut out, ci);
        events.iter().for_each(|envelope| log.event(envelope).unwrap());
        log.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_cause_is_annotated_once() {
        assert_eq!(
            shown(Ci::Github, &sample::red().events),
            "::group::coalmine: all 3 canaries\n\
             \x20 fail   name-recall           A name told in turn 1 is known in turn 2\n\
             \x20 skip   file-only             A file without a caption is not dropped\n\
             \x20 pass   agent-card            The agent card is served\n\
             ::endgroup::\n\
             ::error title=coalmine prompt.history-missing::turn 1 was kept by the runtime and did not reach the model in turn 2 \
             (name-recall)\n"
        );
        let shown = shown(Ci::Github, &sample::not_ready().events);
        assert_eq!(shown.matches("::error").count(), 1, "{shown}");
    }

    #[test]
    fn a_green_run_adds_nothing() {
        for ci in [Ci::Github, Ci::Gitea, Ci::Gitlab, Ci::None] {
            assert_eq!(shown(ci, &sample::green().events), "");
        }
        assert_eq!(shown(Ci::None, &sample::red().events), "");
    }

    #[test]
    fn hostile_text_adds_no_command() {
        let shown = shown(Ci::Gitea, &hostile().events);
        let commands: Vec<&str> = shown
            .lines()
            .filter(|line| line.trim_start().starts_with("::"))
            .map(|line| line.split("::").nth(1).unwrap().split(' ').next().unwrap())
            .collect();
        assert_eq!(commands, ["group", "endgroup", "error"], "{shown}");
        assert_eq!(shown.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        assert!(!shown.contains("##[") && !shown.contains("##vso["));
    }

    #[test]
    fn there_are_ten_annotations_at_most() {
        let finding = |number: usize| {
            let sentence = format!("finding {number} of 100 %");
            Event::Finding(Finding {
                code: Code::RunFailedBesideOthers,
                severity: Severity::Fail,
                sentence,
                canary: None,
            })
        };
        let stream = sample::Stream::started()
            .ready()
            .canary(sample::failed())
            .canary(sample::pass(1))
            .canary(sample::pass(2));
        let stream = (0..20).fold(stream, |stream, number| stream.then(finding(number)));
        let shown = shown(Ci::Github, &stream.ended().events);
        assert_eq!(shown.matches("\n::error ").count(), MAX_ANNOTATIONS, "{shown}");
        assert!(shown.contains("::finding 0 of 100 %25\n"), "{shown}");
    }

    #[test]
    fn gitlab_folds_the_list() {
        let shown = shown(Ci::Gitlab, &sample::red().events);
        assert!(shown.starts_with("\x1b[0Ksection_start:0:coalmine_canaries[collapsed=true]\r"), "{shown}");
        assert!(
            shown.ends_with("\x1b[0Ksection_end:0:coalmine_canaries\r\x1b[0K\n") && !shown.contains("::"),
            "{shown}"
        );
    }
}
