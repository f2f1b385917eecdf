//! Rules that compare files with each other, with a protection, with a canonical file, or with the base branch.

use coalmine_gate::{
    forge::RequiredContext,
    lint::{Canonical, LintOptions, Source, lint},
};

use crate::support::{GOOD, shown, source, with};

fn found(sources: &[Source], options: &LintOptions) -> Vec<String> {
    let report = lint(sources, options);
    let text = |index: usize| sources[index].text.as_str();
    report
        .findings
        .iter()
        .map(|one| shown(one.file.map_or("", text), std::slice::from_ref(one)).remove(0))
        .collect()
}

fn requiring(contexts: &[&str]) -> LintOptions {
    LintOptions {
        required: Some(contexts.iter().map(|text| RequiredContext::glob(*text)).collect()),
        ..LintOptions::default()
    }
}

#[test]
fn gw009_two_files_with_one_context() {
    let two = |second: &str, forge| [source("a.yml", GOOD, forge), source("b.yml", second, forge)];
    assert_eq!(found(&two(GOOD, "gitea@1.22.6"), &LintOptions::default()), ["GW009! gate"]);
    assert_eq!(found(&two(GOOD, "gitea@1.27"), &LintOptions::default()), [""; 0]);
    assert_eq!(found(&two(GOOD, "github"), &LintOptions::default()), [""; 0]);
    for other in
        [with("name: gate", "name: other"), with("  gate:\n", "  other:\n"), with("pull_request", "push")]
    {
        assert_eq!(found(&two(&other, "gitea@1.22.6"), &LintOptions::default()), [""; 0], "{other}");
    }
    let mixed = [source("a.yml", GOOD, "gitea"), source("b.yml", GOOD, "github")];
    assert_eq!(found(&mixed, &LintOptions::default()), [""; 0]);
}

#[test]
fn gw010_required_contexts_that_nothing_posts() {
    let files = [source("gate.yml", GOOD, "gitea@1.22.6")];
    assert_eq!(found(&files, &requiring(&["gate / gate (pull_request)"])), [""; 0]);
    assert_eq!(found(&files, &requiring(&["gate / g* (pull_request)"])), [""; 0]);
    let options = requiring(&["gate (pull_request)"]);
    assert_eq!(found(&files, &options), ["GW010! -"]);
    let finding = lint(&files, &options).findings.remove(0);
    assert!(finding.message.contains("`gate (pull_request)`"), "{finding:?}");
    assert!(finding.help.contains("`gate / gate (pull_request)`"), "{finding:?}");
    let github = [source("gate.yml", GOOD, "github")];
    let named = |name: &str| LintOptions {
        required: Some(vec![RequiredContext::name(name, None)]),
        ..LintOptions::default()
    };
    assert_eq!(found(&github, &named("gate")), [""; 0]);
    assert_eq!(found(&github, &named("g*")), ["GW010! -"], "a name is not a glob");
    assert_eq!(found(&github, &requiring(&["gate"])), [""; 0]);
    assert_eq!(found(&github, &requiring(&["gate / gate (pull_request)"])), ["GW010! -"]);
}

#[test]
fn gw010_leaves_alone_what_cannot_be_computed() {
    let text = with(
        "    runs-on: docker-host\n",
        "    runs-on: docker-host\n    strategy: {matrix: '${{ fromJSON(vars.m) }}'}\n",
    );
    let files = [source("gate.yml", &text, "gitea@1.22.6")];
    assert_eq!(found(&files, &requiring(&["gate / gate (x) (pull_request)"])), [""; 0]);
    assert_eq!(found(&files, &requiring(&["other / gate (x) (pull_request)"])), ["GW010! -"]);
}

#[test]
fn gw010_globs_check_one_match_before_1_24_3() {
    let text = format!("{GOOD}  more:\n    runs-on: docker-host\n    steps: [{{run: x}}]\n");
    let options = requiring(&["gate / * (pull_request)"]);
    assert_eq!(found(&[source("gate.yml", &text, "gitea@1.24.2")], &options), ["GW010! -"]);
    assert_eq!(found(&[source("gate.yml", &text, "gitea@1.24.3")], &options), [""; 0]);
}

#[test]
fn gw010_contexts_that_are_meant_to_be_required() {
    let files = [source("gate.yml", GOOD, "gitea@1.22.6")];
    let context = "gate / gate (pull_request)";
    let declared = vec![context.to_owned()];
    assert_eq!(found(&files, &LintOptions { declared: declared.clone(), ..requiring(&[]) }), ["GW010! -"]);
    assert_eq!(found(&files, &LintOptions { declared, ..requiring(&[context]) }), [""; 0]);
}

#[test]
fn gw018_copies_that_differ() {
    let canonical = |name: &str, text: &str| LintOptions {
        canonical: vec![Canonical { name: name.to_owned(), bytes: text.as_bytes().to_vec() }],
        ..LintOptions::default()
    };
    let files = [source("x/gate.yml", GOOD, "gitea")];
    assert_eq!(found(&files, &canonical("gate.yml", GOOD)), [""; 0]);
    let other = with("docker-host", "docker-hosts");
    assert_eq!(found(&files, &canonical("gate.yml", &other)), ["GW018!     runs-on: docker-host"]);
    assert_eq!(found(&files, &canonical("gate.yml", &format!("{GOOD}# more\n"))), ["GW018! "]);
    assert_eq!(found(&files, &canonical("other.yml", GOOD)), ["GW018! -"]);
    let ignored = with("docker-host", "docker-hosts # coalmine: ignore GW018 -- mine");
    let shown = found(&[source("gate.yml", &ignored, "gitea")], &canonical("gate.yml", GOOD));
    assert!(shown[0].starts_with("GW018! ") && shown[1].starts_with("GW000 "), "{shown:?}");
    let both = [source("x/gate.yml", GOOD, "gitea"), source("y/other.yml", GOOD, "github")];
    assert_eq!(found(&both, &canonical("gate.yml", GOOD)), [""; 0]);
}

#[test]
fn gw019_contexts_that_a_change_removes() {
    let change = |before: &str, now: &str, options: LintOptions| {
        let base = Some(vec![source("base/gate.yml", before, "gitea@1.22.6")]);
        found(&[source("gate.yml", now, "gitea@1.22.6")], &LintOptions { base, ..options })
    };
    assert_eq!(change(GOOD, GOOD, LintOptions::default()), [""; 0]);
    let renamed = with("  gate:\n", "  other:\n");
    assert_eq!(change(GOOD, &renamed, LintOptions::default()), ["GW019! name"]);
    let ignored = format!("# coalmine: ignore GW019 -- baked for five days\n{renamed}");
    assert_eq!(change(GOOD, &ignored, LintOptions::default()), [""; 0]);
    let more = format!("{GOOD}  more: {{runs-on: x, steps: [{{run: x}}]}}\n");
    assert_eq!(change(GOOD, &more, LintOptions::default()), [""; 0]);
    assert_eq!(change(&more, GOOD, requiring(&["gate / gate (pull_request)"])), [""; 0]);
    let soft = with("    runs-on", "    continue-on-error: true\n    runs-on");
    assert_eq!(change(&soft, GOOD, LintOptions::default()), ["GW019 gate"]);
    assert_eq!(change(&soft, &soft, LintOptions::default()), ["GW006 continue-on-error"]);
}

#[test]
fn gw019_files_that_a_change_removes() {
    let base = Some(vec![source("old.yml", &with("name: gate", "name: old"), "gitea@1.22.6")]);
    for forge in ["gitea@1.22.6", "github"] {
        let options = LintOptions { base: base.clone(), ..LintOptions::default() };
        assert_eq!(found(&[source("gate.yml", GOOD, forge)], &options), ["GW019! -"], "{forge}");
    }
}

#[test]
fn gw020_contexts_of_the_other_event() {
    let text = with("pull_request:", "pull_request_target:");
    let options = requiring(&["gate / gate (pull_request)"]);
    assert_eq!(found(&[source("gate.yml", &text, "gitea@1.23.6")], &options), ["GW020! pull_request_target"]);
    assert_eq!(found(&[source("gate.yml", &text, "gitea@1.22.6")], &options), [""; 0]);
    let right = requiring(&["gate / gate (pull_request_target)"]);
    assert_eq!(found(&[source("gate.yml", &text, "gitea@1.23.6")], &right), [""; 0]);
    assert_eq!(found(&[source("gate.yml", &text, "gitea@1.22.6")], &right), ["GW010! -"]);
}
