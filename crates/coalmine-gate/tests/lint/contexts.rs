//! The contexts that real servers posted are those that the lint computes.

use std::collections::BTreeMap;

use coalmine_gate::lint::{
    Server, Version,
    context::{Occurrence, contexts},
    workflow::Workflow,
};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Measured {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) posted: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    pub(crate) silent: BTreeMap<String, Vec<String>>,
}

pub(crate) fn measured() -> Measured {
    serde_json::from_str(include_str!("../data/measured.json")).unwrap()
}

/// What happened on the servers: a pull request to `main` that was opened and pushed to, and the push to `main`.
fn occurrences() -> [Occurrence<'static>; 5] {
    let changed: Option<&[&str]> = Some(&["README.md", ".gitea/workflows/ok.yml"]);
    let (opened, pushed) = (Some("opened"), Some("synchronize"));
    let pull = Occurrence { event: "pull_request", action: opened, branch: Some("main"), changed };
    let target = Occurrence { event: "pull_request_target", ..pull };
    let push = Occurrence { event: "push", action: None, ..pull };
    [pull, Occurrence { action: pushed, ..pull }, target, Occurrence { action: pushed, ..target }, push]
}

fn computed(name: &str, text: &str, version: Version) -> Vec<String> {
    let Ok(workflow) = Workflow::read(text) else { return vec![] };
    let mut all = vec![];
    for occurrence in occurrences() {
        let of_one = contexts(&workflow, name, &occurrence, Server::Gitea(version));
        assert_eq!(of_one.unknown, [], "{name} on {version}");
        all.extend(of_one.exact);
    }
    all.sort();
    all.dedup();
    all
}

#[test]
pub(crate) fn measured_files_give_the_contexts_that_servers_posted() {
    let measured = measured();
    assert_eq!((measured.files.len(), measured.posted.len()), (36, 2));
    for (version, posted) in &measured.posted {
        for (name, text) in &measured.files {
            let expected = posted.get(name).cloned().unwrap_or_default();
            assert_eq!(computed(name, text, version.parse().unwrap()), expected, "{name} on {version}");
            assert_eq!(expected.is_empty(), measured.silent[version].contains(name), "{name} on {version}");
        }
    }
}

fn on_pull_request(text: &str, server: &str) -> Result<Vec<String>, String> {
    let server = match server.parse::<Version>() {
        Ok(version) => Server::Gitea(version),
        Err(_) => Server::Github,
    };
    let workflow = Workflow::read(text).unwrap();
    let all = contexts(&workflow, "folder/gate.yml", &Occurrence::of("pull_request"), server);
    match all.unknown.first() {
        None => Ok(all.exact),
        Some(unknown) => Err(unknown.reason.clone()),
    }
}

fn with_job(job: &str) -> String {
    format!("name: w\non: pull_request\njobs:\n  a:\n    {}\n", job.replace('\n', "\n    "))
}

#[test]
fn nameless_workflows_get_their_files_name_from_1_27() {
    let text = "on: [pull_request]\njobs: {a: {}}\n";
    assert_eq!(on_pull_request(text, "1.26.3").unwrap(), ["/ a (pull_request)"]);
    assert_eq!(on_pull_request(text, "1.27").unwrap(), ["gate.yml / a (pull_request)"]);
    assert_eq!(on_pull_request(text, "github").unwrap(), ["a"]);
}

#[test]
fn includes_and_excludes_change_the_combinations() {
    let matrix = "strategy:\n  matrix:\n    b: [1, 1.50]\n    a: [x, true]\n    exclude: [{a: x, b: 1}]\n    include: [{a: x, c: z}, {d: 9}]";
    let on = |server| {
        let mut all = on_pull_request(&with_job(matrix), server).unwrap();
        all.sort();
        all
    };
    assert_eq!(
        on("1.25"),
        [
            "w / a (9) (pull_request)",
            "w / a (true, 1) (pull_request)",
            "w / a (true, 1.5) (pull_request)",
            "w / a (x, 1.5, z) (pull_request)"
        ]
    );
    assert_eq!(on("github"), ["a (1, true, 9)", "a (1.5, true, 9)", "a (1.5, x, z, 9)"]);
}

#[test]
fn what_the_server_computes_is_unknown() {
    for job in [
        "strategy:\n  matrix: ${{ fromJSON(needs.x.outputs.m) }}",
        "strategy:\n  matrix:\n    a: ${{ fromJSON(vars.a) }}",
        "strategy:\n  matrix:\n    a: [{b: c}]",
        "strategy:\n  matrix:\n    a: [2020-01-01]",
        "name: x ${{ github.ref }}\nstrategy:\n  matrix:\n    a: [1]",
        "uses: ./.gitea/workflows/b.yml",
    ] {
        assert!(on_pull_request(&with_job(job), "1.23.6").is_err(), "{job}");
    }
    let named = with_job("name: x ${{ matrix.os.name }}\nstrategy:\n  matrix:\n    os: [{name: y}]");
    assert_eq!(on_pull_request(&named, "github").unwrap(), ["x y"]);
}
