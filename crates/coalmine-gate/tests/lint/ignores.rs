//! Comments that ignore findings.

use coalmine_gate::lint::{LintOptions, lint};

use crate::support::{assert_found, source, with};

fn deadline(comment: &str) -> String {
    with(
        "    runs-on: docker-host\n",
        &format!("    runs-on: docker-host\n    timeout-minutes: 5{comment}\n"),
    )
}

#[test]
fn a_comment_with_a_reason_ignores() {
    let text = deadline(" # coalmine: ignore GW011 -- the script has its own");
    assert_found(&text, "gitea", &[]);
    assert_eq!(lint(&[source("a.yml", &text, "gitea")], &LintOptions::default()).ignored, 1);
    let above =
        with("    runs-on", "    # coalmine: ignore GW011 -- so\n    timeout-minutes: 5\n    runs-on");
    assert_found(&above, "gitea", &[]);
}

#[test]
fn a_comment_inside_a_script_ignores_there() {
    let script = "- run: |\n          # coalmine: ignore GW016 -- short\n          git log | head -1\n";
    assert_found(&with("- run: ./gate\n", script), "gitea", &[]);
}

#[test]
fn a_comment_without_a_reason_is_reported_and_ignores_nothing() {
    let comment = "# coalmine: ignore GW011";
    assert_found(
        &deadline(&format!(" {comment}")),
        "gitea",
        &["GW011 timeout-minutes", &format!("GW000 {comment}")],
    );
}

#[test]
fn a_comment_that_matches_nothing_is_reported() {
    for comment in [
        "# coalmine: ignore GW012 -- wrong rule",
        "# coalmine: ignore GW099 -- no rule",
        "# coalmine: ignore -- all",
        "# coalmine: ignore GW011, GW012 -- one too many",
    ] {
        let found = crate::support::findings(&deadline(&format!(" {comment}")), "gitea");
        assert!(found.iter().any(|finding| finding.rule.id == "GW000"), "{comment}: {found:?}");
    }
}

#[test]
fn a_comment_about_another_version_or_forge_is_fine() {
    let text = deadline(" # coalmine: ignore GW011 -- the script has its own");
    assert_found(&text, "gitea@1.27", &[]);
    assert_found(&text, "github", &[]);
}

#[test]
fn a_comment_about_what_was_not_asked_is_fine() {
    assert_found(&with("name: gate", "name: gate # coalmine: ignore GW019 -- baked"), "gitea", &[]);
}
