//! What anybody who opens a pull request can write into a workflow file.

use coalmine_gate::lint::{LintOptions, Source, lint};

/// Judges a workflow file for both forges. Every place is in the file, and the same is found each time.
pub(crate) fn workflow(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let sources = [Source::new(".gitea/workflows/a.yml", text), Source::new(".github/workflows/a.yml", text)];
    let base = Some(vec![Source::new(
        ".gitea/workflows/a.yml",
        "name: a\non: pull_request\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n",
    )]);
    for options in [LintOptions::default(), LintOptions { base, ..LintOptions::default() }] {
        let report = lint(&sources, &options);
        for finding in &report.findings {
            let span = finding.span.clone().unwrap_or_default();
            assert!(text.get(span).is_some(), "{finding:?}");
        }
        assert_eq!(lint(&sources, &options), report);
    }
}
