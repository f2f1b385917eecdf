//! Each rule that looks at one file: something that it reports, and something close that it does not.

use coalmine_gate::lint::LintOptions;

use crate::support::{GOOD, assert_found, findings, findings_with, shown, with};

const FORGES: [&str; 6] = ["gitea", "gitea@1.22.6", "gitea@1.23.6", "gitea@1.27", "forgejo@15", "github"];

fn on(triggers: &str) -> String {
    with("on:\n  pull_request:\n", triggers)
}

fn job(keys: &str) -> String {
    with("    runs-on: docker-host\n", &format!("    runs-on: docker-host\n{keys}"))
}

fn run(script: &str) -> String {
    with("- run: ./gate\n", script)
}

#[test]
fn a_good_workflow_has_no_finding() {
    for forge in FORGES {
        assert_found(GOOD, forge, &[]);
    }
}

#[test]
fn gw001_triggers_that_are_ignored() {
    let inputs = on("on:\n  pull_request:\n  workflow_dispatch:\n    inputs:\n      a: {type: string}\n");
    assert_found(&inputs, "gitea@1.22.6", &["GW001! inputs"]);
    assert_found(&inputs, "gitea@1.23.6", &[]);
    assert_eq!(findings(&inputs, "gitea")[0].versions_text().unwrap(), "Gitea before 1.23");
    assert_found(&inputs, "forgejo@15", &["GW001 inputs"]);
    let call = on("on:\n  pull_request:\n  workflow_call:\n    inputs:\n      a: {type: string}\n");
    assert_found(&call, "gitea@1.26.2", &["GW001! inputs"]);
    assert_found(&call, "gitea@1.26.3", &[]);
    let scalar = on("on:\n  pull_request:\n    branches: main\n");
    assert_found(&scalar, "gitea@1.23.6", &["GW001! branches"]);
    assert_found(&scalar, "gitea@1.22.6", &[]);
    assert_eq!(findings(&scalar, "gitea")[0].versions_text().unwrap(), "Gitea 1.23");
    for fine in
        ["on:\n  pull_request:\n  workflow_dispatch:\n", "on:\n  pull_request:\n    branches: [main]\n"]
    {
        FORGES.iter().for_each(|forge| assert_found(&on(fine), forge, &[]));
    }
    assert_found(&inputs, "github", &[]);
}

#[test]
fn gw002_expressions_in_continue_on_error() {
    let expression = run(
        "- run: ./gate\n        id: x\n        continue-on-error: ${{ true }}\n      - run: test ${{ steps.x.outcome }} = success\n",
    );
    assert_found(&expression, "gitea@1.23.6", &["GW002! ${{ true }}"]);
    assert_found(&expression, "github", &[]);
    assert_found(&expression.replace("${{ true }}", "\"true\""), "gitea@1.22.6", &["GW002! \"true\""]);
    for fine in ["true", "false", "yes"] {
        assert_found(&expression.replace("${{ true }}", fine), "gitea", &[]);
    }
}

#[test]
fn gw003_events_that_never_happen() {
    assert_found(&on("on: [pull_request, merge_group]\n"), "gitea", &["GW003 merge_group"]);
    assert_found(&on("on: merge_group\n"), "gitea@1.27", &["GW003! merge_group"]);
    let run = on("on:\n  workflow_run:\n    workflows: [x]\n");
    assert_found(&run, "gitea@1.24", &["GW003! workflow_run"]);
    assert_found(&run, "gitea@1.25", &[]);
    assert_found(&on("on: [pull_request, merge_group]\n"), "github", &[]);
}

#[test]
fn gw004_jobs_that_may_be_skipped() {
    let needs = "  first:\n    runs-on: docker-host\n    steps: [{run: x}]\n  second:\n    runs-on: docker-host\n    needs: first\n    steps: [{run: x}]\n";
    let needs = format!("{GOOD}{needs}");
    for forge in FORGES {
        assert_found(&needs, forge, &["GW004! needs"]);
        assert_found(&needs.replace("needs: first", "needs: first\n    if: always()"), forge, &[]);
        assert_found(&needs.replace("needs: first", "needs: []"), forge, &[]);
        assert_found(
            &job("    if: github.event_name == 'push'\n"),
            forge,
            &["GW004! github.event_name == 'push'"],
        );
        assert_found(&job("    if: false\n"), forge, &["GW004! false"]);
        assert_found(&job("    if: ${{ always() }}\n"), forge, &[]);
        // nothing of a release is required
        assert_found(&needs.replace("pull_request:", "push: {tags: ['v*']}"), forge, &[]);
    }
}

#[test]
fn gw004_follows_the_required_contexts() {
    let text = format!("{GOOD}  other:\n    runs-on: docker-host\n    if: false\n    steps: [{{run: x}}]\n");
    let found = |context: &str| {
        let required = Some(vec![coalmine_gate::lint::context::Glob::new(context)]);
        findings_with(&text, "gitea@1.23.6", &LintOptions { required, ..LintOptions::default() })
    };
    assert_eq!(shown(&text, &found("gate / gate (pull_request)")), [""; 0]);
    assert_eq!(shown(&text, &found("gate / other (pull_request)")), ["GW004! false"]);
    assert_eq!(shown(&text, &found("gate / * (pull_request)"))[0], "GW004! false");
}

#[test]
fn gw005_filters() {
    for (filter, place) in [
        ("paths: ['src/**']", "paths"),
        ("paths-ignore: ['*.md']", "paths-ignore"),
        ("branches-ignore: [x]", "branches-ignore"),
        ("types: [labeled]", "types"),
        ("types: [opened, reopened]", "types"),
    ] {
        let text = on(&format!("on:\n  pull_request:\n    {filter}\n"));
        FORGES.iter().for_each(|forge| assert_found(&text, forge, &[&format!("GW005! {place}")]));
    }
    for fine in [
        "on:\n  pull_request:\n    branches: [main]\n    types: [opened, synchronize, reopened, labeled]\n",
        "on:\n  pull_request:\n  push:\n    paths: ['src/**']\n",
    ] {
        FORGES.iter().for_each(|forge| assert_found(&on(fine), forge, &[]));
    }
}

#[test]
fn gw006_continue_on_error() {
    let step = run("- run: ./gate\n        continue-on-error: true\n");
    FORGES.iter().for_each(|forge| assert_found(&step, forge, &["GW006! continue-on-error"]));
    let job_level = job("    continue-on-error: true\n");
    FORGES.iter().for_each(|forge| assert_found(&job_level, forge, &["GW006 continue-on-error"]));
    let read = run(
        "- run: ./gate\n        id: a-b\n        continue-on-error: true\n      - run: exit 1\n        if: steps.a-b.outcome == 'failure'\n",
    );
    assert_found(&read, "gitea", &[]);
    assert_found(
        &read.replace("steps.a-b.outcome", "steps.c.outcome"),
        "gitea",
        &["GW006! continue-on-error"],
    );
    assert_found(&run("- run: ./gate\n        continue-on-error: false\n"), "gitea", &[]);
}

#[test]
fn gw007_missing_names() {
    for name in ["", "name:\n", "name: \"\"\n", "name: '  '\n"] {
        let text = with("name: gate\n", name);
        let place = if name.is_empty() { "on" } else { "name" };
        assert_found(&text, "gitea@1.22.6", &[&format!("GW007! {place}")]);
        assert_found(&text, "gitea@1.27", &[]);
        assert_found(&text, "github", &[]);
    }
    let nightly = on("on:\n  schedule:\n    - cron: '0 0 * * *'\n").replace("name: gate\n", "");
    assert_found(&nightly, "gitea", &[]);
    assert_found(&on("on: push\n").replace("name: gate\n", ""), "gitea@1.22.6", &["GW007 on"]);
}

#[test]
fn gw008_names_that_cannot_be_required() {
    let name = |name: &str| with("name: gate\n", &format!("name: {name}\n"));
    assert_found(&name("a / b"), "gitea", &["GW008 a / b"]);
    assert_found(&name("'a*'"), "gitea", &["GW008! 'a*'"]);
    assert_found(&name("' a'"), "gitea", &["GW008! ' a'"]);
    assert_found(&name(&"L".repeat(256)), "gitea", &[&format!("GW008! {}", "L".repeat(256))]);
    assert_found(&name(&"L".repeat(255)), "gitea", &[]);
    assert_found(&name("a / b"), "github", &[]);
    let matrix = job("    name: n ${{ matrix.a }}\n    strategy: {matrix: {a: [x]}}\n");
    assert_found(&matrix, "gitea@1.22.6", &["GW008! n ${{ matrix.a }}"]);
    assert_found(&matrix, "gitea@1.23.6", &[]);
    let computed = matrix.replace("n ${{ matrix.a }}", "n ${{ github.ref }}");
    assert_found(&computed, "gitea@1.23.6", &["GW008! n ${{ github.ref }}"]);
    assert_found(&computed, "github", &[]);
}

#[test]
fn gw011_keys_without_effect() {
    let text = with("name: gate\n", "name: gate\npermissions: {}\nconcurrency: x\nrun-name: x\n");
    assert_found(&text, "gitea@1.22.6", &["GW011 permissions", "GW011 concurrency", "GW011 run-name"]);
    assert_found(&text, "gitea@1.26", &[]);
    assert_found(&text, "github", &[]);
    let deadline = job("    timeout-minutes: 5\n");
    assert_found(&deadline, "gitea@1.26", &["GW011 timeout-minutes"]);
    assert_found(&deadline, "gitea@1.27", &[]);
    let hash = run("- run: echo ${{ hashFiles('a') }}\n");
    assert_found(&hash, "gitea@1.27", &["GW011 hashFiles"]);
    assert_found(&run("- run: hashFiles(1)\n"), "gitea@1.27", &[]);
    assert_found(&run("- run: x\n        env: {concurrency: y, permissions: z}\n"), "gitea@1.22.6", &[]);
}

#[test]
fn gw012_artifact_actions() {
    let new = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f";
    let commented = "actions/download-artifact@0000000000000000000000000000000000000000 # v4.1.0";
    for (uses, place) in [(new, new), (commented, commented.split(' ').next().unwrap())] {
        assert_found(&run(&format!("- uses: {uses}\n")), "gitea", &[&format!("GW012! {place}")]);
        assert_found(&run(&format!("- uses: {uses}\n")), "github", &[]);
    }
    let tags = |tag: &str| findings(&run(&format!("- uses: actions/upload-artifact@{tag}\n")), "gitea");
    assert!(tags("v4").iter().any(|finding| finding.rule.id == "GW012"));
    assert!(tags("main").iter().any(|finding| finding.rule.id == "GW012"));
    assert!(!tags("v3").iter().any(|finding| finding.rule.id == "GW012"));
    let old = "actions/upload-artifact@ff15f0306b3f739f7b6fd43fb5d26cd321bd4de5 # v3.2.1";
    assert_found(&run(&format!("- uses: {old}\n")), "gitea", &[]);
    assert_found(
        &run("- uses: other/upload-artifact@0000000000000000000000000000000000000000 # v4\n"),
        "gitea",
        &[],
    );
}

#[test]
fn gw013_runners() {
    let runs_on = |value: &str| with("runs-on: docker-host", &format!("runs-on: {value}"));
    assert_found(&runs_on("{group: x}"), "gitea", &["GW013! runs-on"]);
    assert_found(&runs_on("[a, b]"), "gitea", &["GW013 runs-on"]);
    assert_found(&runs_on("[a]"), "gitea", &[]);
    assert_found(&runs_on("{group: x}"), "github", &[]);
    let engine = run("- run: |\n          set -e\n          docker build -t x .\n");
    assert_found(&engine, "gitea", &[]);
    let hosted = engine.replace("docker-host", "ubuntu-latest");
    assert_found(&hosted, "gitea", &["GW013! docker build"]);
    assert_found(&hosted, "github", &[]);
    let words = run("- run: echo see docker build\n").replace("docker-host", "ubuntu-latest");
    assert_found(&words, "gitea", &[]);
}

#[test]
fn gw014_actions_that_are_not_pinned() {
    for forge in ["gitea", "github"] {
        assert_found(&run("- uses: a/b@v1\n"), forge, &["GW014 a/b@v1"]);
        assert_found(&run("- uses: docker://alpine:3\n"), forge, &["GW014 docker://alpine:3"]);
        assert_found(&run("- uses: a/b@34e114876b0b11c390a56381ad16ebd13914f8d5\n"), forge, &[]);
        assert_found(&run("- uses: ./local\n"), forge, &[]);
        let called =
            with("    runs-on: docker-host\n    steps:\n      - run: ./gate\n", "    uses: a/b/c.yml@main\n");
        assert_found(&called, forge, &["GW014 a/b/c.yml@main"]);
        assert_found(&called.replace("a/b/c.yml@main", "./.gitea/workflows/c.yml"), forge, &[]);
    }
}

#[test]
fn gw015_codes_that_are_printed_twice() {
    let curl = |tail: &str| {
        run(&format!(
            "- run: |\n          code=$(curl -s -o /dev/null -w '%{{http_code}}' http://x {tail})\n"
        ))
    };
    let place = "curl -s -o /dev/null -w '%{http_code}' http://x || echo 000";
    assert_found(&curl("|| echo 000"), "gitea", &[&format!("GW015 {place}")]);
    assert_found(&curl("|| true"), "gitea", &[]);
    assert_found(&run("- run: curl -s http://x || echo 000\n"), "gitea", &[]);
}

#[test]
fn gw016_pipes_into_head() {
    let script = |script: &str| run(&format!("- run: |\n          {script}\n"));
    assert_found(&script("git log | head -5"), "gitea", &["GW016 |"]);
    assert_found(&script("git log | head -5"), "github", &[]);
    assert_found(&script("set -euo pipefail; git log | head -5"), "github", &["GW016 |"]);
    assert_found(&run("- run: git log | head -5\n        shell: bash\n"), "github", &["GW016 |"]);
    for fine in ["git log | head -5 || true", "false || head -5 x", "# git log | head", "git log | header"] {
        assert_found(&script(fine), "gitea", &[]);
    }
    assert_found(&run("- run: git log | head -5\n        shell: sh\n"), "gitea", &[]);
}

#[test]
fn gw017_secrets_in_addresses() {
    for (script, place) in [
        ("git clone https://x:${{ secrets.T }}@forge.example/a", "https://x:${{ secrets.T }}@"),
        ("git clone https://$GITHUB_TOKEN@forge.example/a", "https://$GITHUB_TOKEN@"),
        (
            "git clone https://${{ github.actor }}:${{ github.token }}@x/a",
            "https://${{ github.actor }}:${{ github.token }}@",
        ),
        ("curl 'http://x/?token=$API_TOKEN'", "?token=$API_TOKEN"),
    ] {
        for forge in ["gitea", "github"] {
            assert_found(&run(&format!("- run: {script}\n")), forge, &[&format!("GW017! {place}")]);
        }
    }
    for fine in [
        "curl -H \"Authorization: token $TOKEN\" https://x/a@b",
        "git clone https://forge.example/a && x $TOKEN@y",
        "curl https://x/?tokens=3",
        "docker login -u x -p ${{ secrets.T }} https://x",
    ] {
        assert_found(&run(&format!("- run: '{fine}'\n")), "gitea", &[]);
    }
}

#[test]
fn gw017_code_of_pull_requests_beside_secrets() {
    let pinned = "actions/checkout@34e114876b0b11c390a56381ad16ebd13914f8d5";
    let head = "${{ github.event.pull_request.head.sha }}";
    let text = run(&format!("- uses: {pinned}\n        with:\n          ref: {head}\n"));
    let target = text.replace("pull_request:\n", "pull_request_target:\n");
    assert_found(&target, "gitea", &[&format!("GW017! {head}")]);
    assert_found(&text, "gitea", &[]);
    assert_found(&target.replace(head, "main"), "gitea", &[]);
    let fetched = run("- run: git fetch origin refs/pull/1/head\n")
        .replace("pull_request:\n", "pull_request_target:\n");
    assert_found(&fetched, "github", &["GW017! git fetch origin refs/pull/1/head"]);
}

#[test]
fn gw021_files_that_cannot_be_parsed() {
    for forge in FORGES {
        assert_found(&run("- run: echo a: b\n"), forge, &["GW021! :"]);
        assert_found(&run("- run: 'echo a: b'\n"), forge, &[]);
        assert_found(&with("name: gate\n", "name: gate\nname: again\n"), forge, &["GW021! name"]);
        assert_found(&run("- run: [a]\n"), forge, &["GW021! run"]);
        assert_found(&run("- run: a\n        with: {b: [c]}\n"), forge, &["GW021! b"]);
    }
    let list = run("- run: a\n        env: [B=c]\n");
    assert_found(&list, "gitea", &["GW021! env"]);
    assert_found(&list, "github", &[]);
}
