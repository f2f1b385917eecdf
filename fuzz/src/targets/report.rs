//! What is read of an earlier run.

use camino::Utf8Path;
use coalmine_report::{
    EVENTS_FILE, Fanout, Summary, Terminal, TerminalOptions, escape, rebuild, standard_reports,
};

/// Rebuilds the reports of a run from its events, as `coalmine report` does. They are harmless, and the same each
/// time.
pub(crate) fn events(input: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Utf8Path::from_path(folder.path()).expect("a path in UTF-8");
    std::fs::write(root.join(EVENTS_FILE), input).expect("a file");
    let mut first = None;
    for (quiet, ascii, width) in [(false, false, 0), (true, true, 40)] {
        let options =
            TerminalOptions { quiet, ascii, width, ci: true, counted: quiet, ..TerminalOptions::default() };
        let mut shown = vec![];
        let Ok(rebuilt) = rebuild(root, Fanout::new().with(Terminal::new(&mut shown, options))) else {
            return;
        };
        assert!(rebuilt.broken.is_empty(), "{:?}", rebuilt.broken);
        check_shown(&String::from_utf8(shown).expect("text"));
        let reports = standard_reports(root);
        let files = reports.iter().flat_map(|report| report.files());
        let written: Vec<_> =
            files.map(|name| std::fs::read_to_string(root.join(name)).expect("text")).collect();
        written.iter().for_each(|text| check_hidden(text));
        assert_eq!(*first.get_or_insert_with(|| written.clone()), written);
    }
}

/// Reads a summary, as `--last-failed` does.
pub(crate) fn summary(input: &[u8]) {
    let Ok(summary) = serde_json::from_slice::<Summary>(input) else { return };
    assert!(matches!(summary.exit_code(), 0..=2 | 130));
    let written = serde_json::to_vec(&summary).expect("JSON");
    assert_eq!(serde_json::from_slice::<Summary>(&written).ok(), Some(summary));
}

/// Checks that nothing acts on a terminal or a CI log.
fn check_shown(shown: &str) {
    check_hidden(shown);
    for line in shown.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line:?}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line:?}");
    }
}

/// Checks that no character is hidden: escaping would change it.
fn check_hidden(text: &str) {
    let hidden =
        text.chars().find(|letter| *letter != '\n' && escape(&letter.to_string()) != letter.to_string());
    assert_eq!(hidden, None);
}
