//! A container can reach its own world; what else it reaches is reported.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::Value;

use crate::support::{REFERENCE, Run, docker, share_engine, until};

/// Arguments for a runtime that never becomes ready.
const WAITING: [&str; 4] = ["--fault", "boot.never-ready", "--timeout", "100s"];

#[test]
fn container_is_isolated_and_limited() {
    let Some(_engine) = share_engine() else { return };
    let mut run = Run::start(REFERENCE, &WAITING);
    let filter = run.filter();
    let container = until("the container", &["ps", "--quiet", "--filter", &filter]);
    let seen: Value = serde_json::from_str(&docker(&["inspect", &container])).unwrap();
    let (host, own) = (&seen[0]["HostConfig"], &seen[0]["Config"]);

    assert_eq!(seen[0]["Mounts"], Value::Array(vec![]));
    assert!(host["Binds"].is_null() && host["PortBindings"].as_object().is_none_or(|ports| ports.is_empty()));
    assert!(host["SecurityOpt"].to_string().contains("no-new-privileges"), "{}", host["SecurityOpt"]);
    assert_eq!(host["Privileged"], false);
    assert!(host["Memory"].as_i64().unwrap() > 0 && host["PidsLimit"].as_i64().unwrap() > 0);
    assert!(host["NanoCpus"].as_i64().unwrap() > 0, "{}", host["NanoCpus"]);
    assert_eq!(host["CgroupnsMode"], "private");
    for capability in ["AUDIT_WRITE", "MKNOD", "NET_RAW", "SETFCAP", "SYS_CHROOT"] {
        assert!(host["CapDrop"].to_string().contains(capability), "{capability}: {}", host["CapDrop"]);
    }
    assert!(!own["Env"].to_string().contains("sk-of-the-host"), "{}", own["Env"]);

    let network = docker(&["network", "ls", "--quiet", "--filter", &filter]);
    let network: Value = serde_json::from_str(&docker(&["network", "inspect", &network])).unwrap();
    assert_eq!(network[0]["Internal"], true);
    assert_eq!(
        seen[0]["NetworkSettings"]["Networks"].as_object().unwrap().len(),
        1,
        "the container is in one network"
    );

    run.signal("INT");
    run.wait();
}

#[test]
fn network_of_an_own_model_is_open_and_reported() {
    let Some(_engine) = share_engine() else { return };
    let (run, _) = Run::to_the_end(REFERENCE, &["--model", "live", "--canary", "agent-card"]);
    let summary = run.summary();
    let findings = summary["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["code"] == "run.network-open"), "{findings:?}");
}

#[test]
fn services_of_the_host_are_reported() {
    let Some(_engine) = share_engine() else { return };
    let service = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = service.local_addr().unwrap().port().to_string();
    // a finding about the machine does not fail the run, even if findings do
    let (run, ended) = Run::to_the_end(REFERENCE, &["--canary", "agent-card", "--findings", "fail"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let sentence = run.finding("run.host-reachable").expect("a finding");
    // only a few ports are listed
    assert!(sentence.contains(&port) || sentence.ends_with(" more"), "{port}: {sentence}");
    let tried = sentence.starts_with("the container reaches");
    assert_eq!(tried, nix::unistd::geteuid().is_root(), "root can try it from the container: {sentence}");
}

#[test]
fn container_of_another_run_is_refused() {
    let Some(_engine) = share_engine() else { return };
    let mut run = Run::start(REFERENCE, &WAITING);
    let container = until("the container", &["ps", "--quiet", "--filter", &run.filter()]);
    let environment = docker(&["inspect", "--format", "{{json .Config.Env}}", &container]);
    let environment: Vec<String> = serde_json::from_str(&environment).unwrap();
    let foreign_world = environment.iter().find(|variable| variable.starts_with("OPENAI_BASE_URL=")).unwrap();

    let (stranger, ended) = Run::to_the_end(REFERENCE, &["--canary", "name-recall", "--env", foreign_world]);
    assert_ne!(ended.code, Some(0), "no model answered it: {}", ended.stderr);
    assert_eq!(stranger.finding("run.foreign-caller"), None, "nobody called its own world");

    run.signal("INT");
    assert_eq!(run.wait().code, Some(130));
    let sentence = run.finding("run.foreign-caller").expect("a finding");
    assert!(sentence.contains("were refused"), "{sentence}");
    // its own runtime registers, and never asks the model
    let journal = run.file("journal.ndjson");
    assert!(journal.lines().all(|call| call.contains("\"kind\":\"control\"")), "{journal}");
}
