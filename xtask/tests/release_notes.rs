//! `.ci/release-notes`, which prints the section of a version in the changelog.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that fails")]

use std::process::{Command, Output};

const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\n- not yet\n\n\
                         ## [1.2.0] - 2026-11-28\n\n- one\n- two\n\n### Fixed\n\n- three\n\n\
                         ## 1.1.0\n## v1.0.0\nfirst\n";

fn release_notes(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let changelog = folder.path().join("CHANGELOG.md");
    fs_err::write(&changelog, CHANGELOG).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/release-notes");
    Command::new("bash").arg(script).args(arguments).env("CHANGELOG", changelog).output().unwrap()
}

fn notes(version: &str) -> String {
    let output = release_notes(&[version]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn prints_the_section_of_a_version() {
    let expected = "- one\n- two\n\n### Fixed\n\n- three\n";
    assert_eq!(notes("1.2.0"), expected);
    assert_eq!(notes("v1.2.0"), expected, "a tag begins with a `v`");
}

#[test]
fn last_section_ends_with_the_file() {
    assert_eq!(notes("v1.0.0"), "first\n");
}

#[test]
fn dots_match_only_dots() {
    let output = release_notes(&["1x2.0"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn missing_and_empty_sections_are_errors() {
    for version in ["1.1.0", "1.2", "9.9.9", "v9.9.9"] {
        let output = release_notes(&[version]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{version}");
        let error = String::from_utf8(output.stderr).unwrap();
        let expected = format!("error: no notes for `{}` in ", version.trim_start_matches('v'));
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn exactly_one_version_is_expected() {
    for arguments in [&[][..], &["v"], &["1.2.0", "1.1.0"]] {
        assert_eq!(release_notes(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
