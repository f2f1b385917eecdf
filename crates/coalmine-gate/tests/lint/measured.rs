//! The files that real servers were given: what they ignored is an error that says so, and nothing else is.

use coalmine_gate::lint::Finding;

use crate::{contexts::measured, support::findings};

fn says_ignored(finding: &Finding) -> bool {
    finding.message.starts_with("the file is ignored")
}

#[test]
fn files_that_servers_ignored_are_errors() {
    let measured = measured();
    // these two were read, and their filters did not match
    let filtered = ["paths.yml", "types.yml"];
    for (version, silent) in &measured.silent {
        for (name, text) in &measured.files {
            let found = findings(text, &format!("gitea@{version}"));
            let ignored = silent.contains(name) && !filtered.contains(&name.as_str());
            assert_eq!(found.iter().any(says_ignored), ignored, "{name} on {version}: {found:#?}");
        }
    }
}

/// Returns the rules that report an error in a measured file.
fn errors(name: &str) -> Vec<&'static str> {
    let mut ids: Vec<&str> = findings(&measured().files[name], "gitea")
        .iter()
        .filter(|finding| finding.severity == coalmine_gate::lint::Severity::Error)
        .map(|finding| finding.rule.id)
        .collect();
    ids.dedup();
    ids
}

#[test]
fn measured_traps_have_their_rules() {
    for (name, rule) in [
        ("needs.yml", "GW004"),
        ("iffalse.yml", "GW004"),
        ("ifexpr.yml", "GW004"),
        ("paths.yml", "GW005"),
        ("types.yml", "GW005"),
        ("coestep.yml", "GW006"),
        ("noname.yml", "GW007"),
        ("emptyname.yml", "GW007"),
        ("longname.yml", "GW008"),
        ("matrixname.yml", "GW008"),
        ("dispatchmap.yml", "GW001"),
        ("callmap.yml", "GW001"),
        ("scalarbranch.yml", "GW001"),
        ("colon.yml", "GW021"),
    ] {
        assert_eq!(errors(name), [rule], "{name}");
    }
    assert_eq!(errors("coeexpr.yml"), ["GW006", "GW002"]);
}

#[test]
fn files_that_worked_have_no_error() {
    for name in [
        "ok.yml",
        "fail.yml",
        "always.yml",
        "matrix.yml",
        "jobname.yml",
        "dispatchbare.yml",
        "listbranch.yml",
        "mergegroup.yml",
        "workflowrun.yml",
        "schedule.yml",
        "target.yml",
        "same1.yml",
        "perms.yml",
        "timeout.yml",
        "summary.yml",
        "nolabel.yml",
        "badexpr.yml",
        "session-continuity-e2e.yml",
        "coejob.yml",
        "slash.yml",
    ] {
        assert_eq!(errors(name), [""; 0], "{name}");
    }
}
