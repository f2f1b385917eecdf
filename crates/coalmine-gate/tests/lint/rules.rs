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
fn gw001_values_that_are_no_texts() {
    let gitea = ["gitea@1.22.6", "gitea@1.23.6", "gitea@1.24"];
    for (triggers, place, refused) in [
        ("on:\n  pull_request:\n    branches: [main, 1.0]\n", "1.0", [true, false, false]),
        ("on:\n  pull_request:\n    branches: [main, ~]\n", "~", [true, false, false]),
        ("on:\n  pull_request:\n    branches: [[main]]\n", "[main]", [true; 3]),
        ("on:\n  pull_request:\n    branches:\n", "branches", [true, true, false]),
        ("on:\n  pull_request:\n  workflow_dispatch:\n    inputs:\n", "inputs", [true, true, false]),
        ("on:\n  pull_request: [opened]\n", "pull_request", [true, false, false]),
        ("on:\n  pull_request: true\n", "true", [true, false, false]),
        ("on: [pull_request, 1]\n", "1", [true; 3]),
        ("on:\n  pull_request:\n  schedule: ['0 0 * * *']\n", "'0 0 * * *'", [true; 3]),
    ] {
        let text = on(triggers);
        for (forge, refused) in gitea.into_iter().zip(refused) {
            let expected: &[&str] = if refused { &[&format!("GW001! {place}")] } else { &[] };
            assert_found(&text, forge, expected);
        }
    }
    // an alias that stands for everything, or for the name of an event
    let named =
        |on: &str| with("name: gate\non:\n  pull_request:\n", &format!("name: &a pull_request\n{on}"));
    for (triggers, place) in [("on: *a\n", "*a"), ("on:\n  *a : {branches: [main]}\n", "*a")] {
        for forge in gitea {
            let found = findings(&named(triggers), forge);
            let found = shown(&named(triggers), &found);
            assert!(found.contains(&format!("GW001! {place}")), "{triggers} {forge}: {found:?}");
        }
    }
    for forge in gitea {
        let found = findings(&named("on: [*a, push]\n"), forge);
        assert!(found.iter().all(|finding| finding.rule.id != "GW001"), "{found:?}");
    }
    let alias = on("on:\n  pull_request: &a\n    branches: [main]\n  pull_request_target: *a\n");
    assert_found(&alias, "gitea@1.23.6", &["GW001! *a"]);
    assert!(findings(&alias, "gitea@1.22.6").iter().all(|finding| finding.rule.id != "GW001"));
    assert_found(
        &on("on:\n  push: {branches: [&m main]}\n  pull_request: {branches: [*m]}\n"),
        "gitea@1.23.6",
        &[],
    );
    let input = on("on:\n  pull_request:\n  workflow_dispatch:\n    inputs:\n      a: x\n");
    assert_found(&input, "gitea@1.23.6", &["GW001! a"]);
    for fine in [
        "on:\n  pull_request:\n    branches: ['1.0', 1.x, 2024-01, v1]\n",
        "on:\n  pull_request: {}\n",
        "on:\n  pull_request:\n  schedule:\n    - cron: '0 0 * * *'\n",
    ] {
        gitea.iter().for_each(|forge| assert_found(&on(fine), forge, &[]));
    }
    assert_found("name: gate\njobs: {a: {steps: []}}\n", "gitea@1.23.6", &["GW001! name"]);
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
        assert_found(&job("    if: [x]\n"), forge, &["GW004! [x]"]);
        assert_found(&job("    if: ${{ always() }}\n"), forge, &[]);
        // nothing of a release is required
        assert_found(&needs.replace("pull_request:", "push: {tags: ['v*']}"), forge, &[]);
    }
}

#[test]
fn a_workflow_on_every_push_counts_as_required() {
    let skipped = job("    if: false\n");
    for (triggers, required) in [
        ("on: push\n", true),
        ("on: [push, workflow_dispatch]\n", true),
        ("on:\n  push: {branches: [main]}\n", false),
        ("on:\n  push: {tags: ['v*']}\n", false),
        ("on: workflow_dispatch\n", false),
    ] {
        let text = skipped.replace("on:\n  pull_request:\n", triggers);
        let expected: &[&str] = if required { &["GW004! false"] } else { &[] };
        FORGES.iter().for_each(|forge| assert_found(&text, forge, expected));
    }
    let paths = on("on:\n  push: {paths: [src]}\n");
    FORGES.iter().for_each(|forge| assert_found(&paths, forge, &["GW005! paths"]));
}

#[test]
fn gw004_follows_the_required_contexts() {
    let text = format!("{GOOD}  other:\n    runs-on: docker-host\n    if: false\n    steps: [{{run: x}}]\n");
    let found = |context: &str| {
        let required = Some(vec![coalmine_gate::forge::RequiredContext::glob(context)]);
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
        ("types: [opened, synchronized]", "types"),
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
    assert_found(&on("on: push\n").replace("name: gate\n", ""), "gitea@1.22.6", &["GW007! on"]);
    let main = on("on:\n  push: {branches: [main]}\n").replace("name: gate\n", "");
    assert_found(&main, "gitea@1.22.6", &["GW007 on"]);
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
    let formatted = matrix.replace("n ${{ matrix.a }}", "${{ format('{0}', matrix.a) }}");
    assert_found(&formatted, "gitea@1.23.6", &["GW008 ${{ format('{0}', matrix.a) }}"]);
    let alone = job("    name: n ${{ github.ref }}\n");
    assert_found(&alone, "gitea@1.27", &["GW008! n ${{ github.ref }}"]);
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
fn gw021_values_of_the_wrong_kind() {
    let matrix = |rest: &str| format!("    strategy: {{matrix: {{a: [1, 2], {rest}}}}}\n");
    for (keys, place) in [
        ("    timeout-minutes: [5]\n".to_owned(), "timeout-minutes"),
        ("    services: {db: postgres}\n".to_owned(), "db"),
        ("    services: {db: {image: x, ports: 80}}\n".to_owned(), "ports"),
        ("    strategy: x\n".to_owned(), "strategy"),
        ("    defaults: {run: [x]}\n".to_owned(), "run"),
        ("    outputs: {x: [y]}\n".to_owned(), "x"),
        (matrix("exclude: [{b: 1}]"), "b"),
        (matrix("exclude: [x]"), "x"),
    ] {
        for forge in ["gitea@1.22.6", "gitea@1.23.6"] {
            let found = findings(&job(&keys), forge);
            let found = shown(&job(&keys), &found);
            assert!(found.contains(&format!("GW021! {place}")), "{keys}: {found:?}");
        }
    }
    for fine in [
        matrix("exclude: [{a: 1}]"),
        matrix("include: [{b: 1}]"),
        "    services: {db: {image: x, ports: [80, '1:2'], env: {A: 1}}}\n    outputs: {x: y}\n".to_owned(),
        "    strategy: {matrix: '${{ fromJSON(vars.m) }}'}\n    timeout-minutes:\n".to_owned(),
    ] {
        let found = findings(&job(&fine), "gitea@1.22.6");
        assert!(found.iter().all(|finding| finding.rule.id != "GW021"), "{fine}: {found:?}");
    }
    let text = with("name: gate\n", "name: gate\nenv: {A: [b]}\n");
    assert_found(&text, "gitea@1.22.6", &["GW021! A"]);
    assert_found(&with("name: gate\n", "name: gate\nenv: {A: 1, B: }\n"), "gitea@1.22.6", &[]);
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
    assert_found(&run("- run:\"x\"\n"), "github", &["GW021! run:\"x\""]);
    let list = run("- run: a\n        env: [B=c]\n");
    assert_found(&list, "gitea", &["GW021! env"]);
    assert_found(&list, "github", &[]);
}

#[test]
fn gw021_what_parsers_disagree_about() {
    let tab = format!("{GOOD}\t\n");
    assert_found(&tab, "gitea", &["GW021! \t"]);
    assert_found(&tab, "github", &[]);
    let comment = with("jobs:\n", "\t# words\njobs:\n");
    assert_found(&comment, "gitea", &["GW021! \t"]);
    let script = run("- run: |\n          a <<E\n          \tb\n          E\n");
    assert_found(&script, "gitea", &[]);
    assert_found(&with("jobs:\n", "# a\u{2028}x: y\njobs:\n"), "gitea", &["GW021! \u{2028}"]);
    assert_found(&with("jobs:\n", "{a: b}: c\njobs:\n"), "gitea", &["GW021! {a: b}"]);
    assert_found(&run("- run: a # \u{1}\n"), "gitea", &["GW021! \u{1}"]);
    assert_found(&run("- run: !!int a\n"), "gitea", &["GW021! a"]);
    for directive in ["%YAML 1.2", "%FOO a"] {
        let text = format!("# words\n{directive}\n---\n{GOOD}");
        assert_found(&text, "gitea@1.22.6", &[&format!("GW021! {directive}")]);
        assert_found(&text, "gitea@1.23.6", &[&format!("GW021! {directive}")]);
    }
    assert_found(&format!("%YAML 1.1\n%TAG ! tag:x,2000:\n---\n{GOOD}"), "gitea", &[]);
    let script = run("- run: |\n          a\n          %b\n");
    assert_found(&script, "gitea", &[]);
}

#[test]
fn gw021_keys_that_occur_twice() {
    let is_found = |text: &str, forge: &str| {
        let found = findings(text, forge);
        found.iter().find(|one| one.rule.id == "GW021").map(|one| one.message.clone())
    };
    let gitea = ["gitea@1.22.6", "gitea@1.23.6"];
    // as the server's parser took or refused them
    for refused in [
        with("name: gate\n", "name: gate\nenv: {A: 1, A: 2}\n"),
        with("name: gate\n", "name: gate\ndefaults: {run: {shell: a, shell: b}}\n"),
        job("    outputs: {A: a, A: b}\n"),
        job("    strategy: {fail-fast: true, fail-fast: false}\n"),
        job("    strategy: {matrix: {a: [1], a: [2]}}\n"),
        job("    name: a\n    name: b\n"),
        with("    runs-on: docker-host\n", "    runs-on: {group: a, group: b}\n"),
        run("- uses: x\n        with: {a: 1, a: 2}\n"),
        run("- run: a\n        run: b\n"),
        on("on:\n  pull_request:\n  schedule: [{cron: '1 1 1 1 1', cron: '2 1 1 1 1'}]\n"),
    ] {
        for forge in gitea {
            let message = is_found(&refused, forge).unwrap_or_else(|| panic!("{forge}: {refused}"));
            assert!(message.starts_with("the file is ignored"), "{message}");
        }
    }
    for ends in [
        job("    env: {A: 1, A: 2}\n"),
        job("    container: {image: a, image: b}\n"),
        run("- run: a\n        env: {A: 1, A: 2}\n"),
    ] {
        for forge in gitea {
            let message = is_found(&ends, forge).unwrap_or_else(|| panic!("{forge}: {ends}"));
            assert!(message.starts_with("the runner cannot read this map"), "{message}");
        }
    }
    for taken in [
        with("name: gate\n", "name: gate\npermissions: {contents: read, contents: write}\n"),
        job("    permissions: {contents: read, contents: write}\n"),
        job("    concurrency: {group: a, group: b}\n"),
        on("on:\n  pull_request:\n  pull_request:\n"),
    ] {
        gitea.iter().for_each(|forge| assert_eq!(is_found(&taken, forge), None, "{forge}: {taken}"));
        assert!(is_found(&taken, "github").is_some(), "{taken}");
    }
    let filter = on("on:\n  pull_request: {branches: [a], branches: [b]}\n");
    assert!(is_found(&filter, "gitea@1.22.6").is_some() && is_found(&filter, "gitea@1.23.6").is_none());
}
