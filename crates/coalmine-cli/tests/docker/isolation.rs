//! A container can reach the world and nothing else.

use serde_json::Value;

use crate::support::{REFERENCE, Run, docker, share_engine, until};

#[test]
fn container_is_isolated_and_limited() {
    let Some(_engine) = share_engine() else { return };
    let mut run = Run::start(REFERENCE, &["--fault", "boot.never-ready", "--timeout", "100s"]);
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
