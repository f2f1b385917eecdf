//! The report as JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Evidence, Finding, LintReport, Severity, Source, position};

/// What `coalmine gate lint --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LintOutput {
    /// The version of this format.
    pub schema: u32,
    /// The files that were judged, and for which forge.
    pub files: Vec<JudgedFile>,
    /// What was found, in the order of the files and their lines.
    pub findings: Vec<FoundAt>,
    /// The files that could not be read or are not workflows. If there are any, the exit code is 2.
    pub unreadable: Vec<Unreadable>,
    /// How many findings were ignored by comments.
    pub ignored: usize,
    /// How many findings are left out because there are too many.
    pub dropped: usize,
}

/// A file that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgedFile {
    /// The path.
    pub path: String,
    /// The forge and its versions.
    pub forge: String,
}

/// A file that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unreadable {
    /// The path.
    pub path: String,
    /// Why not.
    pub reason: String,
}

/// A finding and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundAt {
    /// The rule, such as `GW004`; `coalmine explain GW004` prints its page.
    pub rule: String,
    /// The severity.
    pub severity: Severity,
    /// How it is known what a server does.
    pub evidence: Evidence,
    /// The file; null if the finding is about no file in particular.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The line of the end.
    pub end_line: Option<usize>,
    /// The column behind the end.
    pub end_column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// How to change it.
    pub help: String,
    /// The versions of Gitea that it is about; empty for all that were asked about.
    pub versions: Vec<VersionRange>,
}

/// A range of versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionRange {
    /// The first version.
    pub since: String,
    /// The first version that is fine again.
    pub until: Option<String>,
}

impl LintOutput {
    /// Returns a report as JSON shows it. The texts are as they were found: escape them before people see them.
    pub fn new(sources: &[Source], report: &LintReport) -> Self {
        let path = |index: usize| sources.get(index).map(|source| source.path.clone()).unwrap_or_default();
        let unreadable = report.unreadable.iter();
        Self {
            schema: 1,
            files: sources
                .iter()
                .map(|source| JudgedFile { path: source.path.clone(), forge: source.target.to_string() })
                .collect(),
            findings: report.findings.iter().map(|finding| FoundAt::new(sources, finding)).collect(),
            unreadable: unreadable
                .map(|(index, reason)| Unreadable { path: path(*index), reason: reason.clone() })
                .collect(),
            ignored: report.ignored,
            dropped: report.dropped,
        }
    }
}

impl FoundAt {
    fn new(sources: &[Source], finding: &Finding) -> Self {
        let source = finding.file.and_then(|file| sources.get(file));
        let at = |at: usize| source.map(|source| position(&source.text, at));
        let (start, end) =
            finding.span.clone().map(|span| (at(span.start), at(span.end))).unwrap_or_default();
        let range = |(since, until): &(super::Version, Option<super::Version>)| VersionRange {
            since: since.to_string(),
            until: until.map(|until| until.to_string()),
        };
        Self {
            rule: finding.rule.id.to_owned(),
            severity: finding.severity,
            evidence: finding.rule.evidence,
            file: source.map(|source| source.path.clone()),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
            end_line: end.map(|end| end.line),
            end_column: end.map(|end| end.column),
            message: finding.message.clone(),
            help: finding.help.clone(),
            versions: finding.versions.iter().map(range).collect(),
        }
    }
}
