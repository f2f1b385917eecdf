//! Helpers for tests of the lint.

use coalmine_gate::lint::{Finding, LintOptions, Severity, Source, lint};

/// A workflow with one job that has nothing to report, except that a test changes it.
pub(crate) const GOOD: &str = "name: gate\non:\n  pull_request:\njobs:\n  gate:\n    runs-on: docker-host\n    steps:\n      - run: ./gate\n";

/// Judges one file for a forge.
pub(crate) fn findings(text: &str, forge: &str) -> Vec<Finding> {
    findings_with(text, forge, &LintOptions::default())
}

/// Judges one file for a forge, knowing more than the file.
pub(crate) fn findings_with(text: &str, forge: &str, options: &LintOptions) -> Vec<Finding> {
    let report = lint(&[source("gate.yml", text, forge)], options);
    assert_eq!(report.unreadable, [], "{text}");
    report.findings
}

/// Returns a source for a forge.
pub(crate) fn source(path: &str, text: &str, forge: &str) -> Source {
    Source { target: forge.parse().unwrap(), ..Source::new(path, text) }
}

/// Returns the rule of each finding, `!` behind errors, with what its place holds.
pub(crate) fn shown(text: &str, findings: &[Finding]) -> Vec<String> {
    let one = |finding: &Finding| {
        let sign = if finding.severity == Severity::Error { "!" } else { "" };
        let place = finding.span.clone().map_or("-", |span| &text[span]);
        format!("{}{sign} {place}", finding.rule.id)
    };
    findings.iter().map(one).collect()
}

/// Asserts what is found in a file, in the form of [`shown`].
#[track_caller]
pub(crate) fn assert_found(text: &str, forge: &str, expected: &[&str]) {
    let findings = findings(text, forge);
    assert_eq!(shown(text, &findings), expected, "{forge}\n{text}\n{findings:#?}");
}

/// Returns the good workflow with a text replaced.
#[track_caller]
pub(crate) fn with(replace: &str, by: &str) -> String {
    assert_eq!(GOOD.matches(replace).count(), 1, "{replace}");
    GOOD.replace(replace, by)
}
