//! Protections: read, changed and read back.

use coalmine_forge_standin::{Fault, READER, WRITER};
use coalmine_gate::forge::{ErrorKind, Forge, ForgeKind, ProtectionChange};
use serde_json::json;

use crate::support::{CONTEXT, VERSIONS, admin, client, gitea, hermes};

fn requiring(forge: &Forge, contexts: &[&str]) -> ProtectionChange {
    let contexts = contexts.iter().map(|context| forge.required_context(context)).collect();
    ProtectionChange { enforced: true, contexts, other_branches_too: false }
}

#[tokio::test]
async fn only_an_admin_reads_a_protection() {
    for version in VERSIONS {
        let running = gitea(version).protected("main", &[CONTEXT]).serve();
        for token in [READER, WRITER] {
            let forge = client(&running, ForgeKind::Gitea, Some(token));
            let error = forge.protection(&hermes(), "main").await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Forbidden);
            assert!(error.hint().contains("admin"), "{}", error.hint());
        }
        let forge = admin(&running);
        let protection = forge.protection(&hermes(), "main").await.unwrap().unwrap();
        assert!(protection.enforced && protection.only_this_branch && protection.admins_bypass);
        assert_eq!(protection.contexts[0].literal().as_deref(), Some(CONTEXT));
        let error = forge.protection(&hermes(), "none").await.unwrap_err();
        assert!(error.is_missing() && error.message.contains("`none`"), "{error}");
        assert_eq!(error.status, None, "no call failed");
    }
}

#[tokio::test]
async fn admins_can_be_bound_from_1_23() {
    let bypass = async |version| {
        let standin = gitea(version).protected("main", &[CONTEXT]);
        let running = standin.rule_field("block_admin_merge_override", true).serve();
        admin(&running).protection(&hermes(), "main").await.unwrap().unwrap().admins_bypass
    };
    assert!(bypass("1.22.6").await);
    assert!(!bypass("1.23.6").await);
}

#[tokio::test]
async fn unprotected_branch_gets_a_rule() {
    for version in VERSIONS {
        let running = gitea(version).file("re[l]*", "a", "a").serve();
        let forge = admin(&running);
        assert_eq!(forge.protection(&hermes(), "re[l]*").await.unwrap(), None);
        let context = "m / j [x, *] (pull_request)";
        let change = requiring(&forge, &[context]);
        let write = forge.change_protection(&hermes(), "re[l]*", None, &change).await.unwrap();
        assert!(write.written && write.before.is_none());
        assert!(write.after.only_this_branch);
        assert_eq!(write.after.contexts[0].literal().as_deref(), Some(context));
        let rule = &running.rules("acme/hermes")[0];
        assert_eq!(rule["rule_name"], r"re\[l\]\*");
        assert_eq!(rule["status_check_contexts"], json!([r"m / j \[x, \*\] (pull_request)"]));
        assert_eq!(forge.protection(&hermes(), "main").await.unwrap(), None);
    }
}

#[tokio::test]
async fn other_fields_stay_as_they_are() {
    for version in VERSIONS {
        let running = gitea(version)
            .protected("main", &["old / * (push)"])
            .rule_field("required_approvals", 2)
            .rule_field("protected_file_patterns", ".gitea/workflows/gate.yml")
            .serve();
        let forge = admin(&running);
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        let before = running.rules("acme/hermes")[0].clone();
        let mut change = requiring(&forge, &[CONTEXT]);
        change.contexts.extend(seen.clone().unwrap().contexts);
        let write = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap();
        assert!(write.written);
        assert_eq!(write.before, seen);
        let mut after = running.rules("acme/hermes")[0].clone();
        assert_eq!(after["status_check_contexts"], json!([CONTEXT, "old / * (push)"]));
        for field in ["status_check_contexts", "updated_at"] {
            after[field] = before[field].clone();
        }
        assert_eq!(after, before);
        let written = running.written();
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].path, "/api/v1/repos/acme/hermes/branch_protections/main");
        let body: serde_json::Value = serde_json::from_str(&written[0].body).unwrap();
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
}

#[tokio::test]
async fn nothing_is_written_twice() {
    for version in VERSIONS {
        let running = gitea(version).protected("main", &[CONTEXT]).serve();
        let forge = admin(&running);
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        let change = requiring(&forge, &[CONTEXT]);
        let write = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap();
        assert!(!write.written);
        assert_eq!(Some(write.after), seen);
        assert_eq!(running.written(), []);
    }
}

#[tokio::test]
async fn gate_is_taken_away_with_its_switch() {
    for version in VERSIONS {
        let running = gitea(version).protected("main", &[CONTEXT]).serve();
        let forge = admin(&running);
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        let change = ProtectionChange { enforced: false, contexts: vec![], other_branches_too: false };
        let write = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap();
        assert!(write.written && !write.after.enforced && write.after.contexts.is_empty());
        assert!(!forge.branch(&hermes(), "main").await.unwrap().unwrap().enforced);
    }
}

#[tokio::test]
async fn nothing_is_switched_off_where_nothing_is() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let change = ProtectionChange { enforced: false, contexts: vec![], other_branches_too: false };
        let error = admin(&running).change_protection(&hermes(), "main", None, &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert_eq!(running.written(), []);
    }
}

#[tokio::test]
async fn change_by_somebody_else_stops_the_write() {
    for version in VERSIONS {
        let running = gitea(version).protected("main", &["old"]).serve();
        let forge = admin(&running);
        running.fail(Fault::ProtectionChanges { after_reads: 1 });
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        let change = requiring(&forge, &[CONTEXT]);
        let error = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
        assert!(error.message.contains("nothing was written"), "{error}");
        assert!(error.message.contains("`required_approvals`"), "{error}");
        assert_eq!(running.written(), []);
    }
}

#[tokio::test]
async fn change_during_the_write_is_found() {
    for version in VERSIONS {
        let running = gitea(version).protected("main", &["old"]).serve();
        let forge = admin(&running);
        running.fail(Fault::ProtectionChanges { after_reads: 2 });
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        let change = requiring(&forge, &[CONTEXT]);
        let error = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
        assert!(error.message.contains("it was written"), "{error}");
        let rule = &running.rules("acme/hermes")[0];
        assert_eq!(rule["required_approvals"], 1, "theirs is kept");
        assert_eq!(rule["status_check_contexts"], json!([CONTEXT]));
    }
}

#[tokio::test]
async fn write_that_is_not_read_back_is_not_denied() {
    for version in VERSIONS {
        let running = gitea(version).protected("main", &["old"]).serve();
        let forge = admin(&running);
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        running.fail(Fault::DownAfterWrite);
        let change = requiring(&forge, &[CONTEXT]);
        let error = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap_err();
        assert_eq!((error.kind, error.call.method.as_str()), (ErrorKind::Server, "GET"));
        assert!(error.message.starts_with("it was written, but not read back: "), "{error}");
        assert_eq!(running.rules("acme/hermes")[0]["status_check_contexts"], json!([CONTEXT]));
    }
}

#[tokio::test]
async fn protection_that_came_or_went_stops_the_write() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let forge = admin(&running);
        let change = requiring(&forge, &[CONTEXT]);
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        running.change(|forge| forge.protected("main", &["theirs"]));
        let error = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        let running = gitea(version).serve();
        let error =
            admin(&running).change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
        assert_eq!(running.written(), []);
    }
}

#[tokio::test]
async fn rule_that_appears_is_not_a_missing_permission() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let forge = admin(&running);
        running.fail(Fault::ProtectionAppears);
        let change = requiring(&forge, &[CONTEXT]);
        let error = forge.change_protection(&hermes(), "main", None, &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
        assert!(error.message.contains("nothing was written"), "{error}");
    }
}

#[tokio::test]
async fn rule_for_other_branches_is_left_alone() {
    for version in VERSIONS {
        let running = gitea(version).file("release/1", "a", "a").protected("release/*", &["old"]).serve();
        let forge = admin(&running);
        let seen = forge.protection(&hermes(), "release/1").await.unwrap();
        let protection = seen.as_ref().unwrap();
        assert_eq!((protection.rule.as_str(), protection.only_this_branch), ("release/*", false));
        let mut change = requiring(&forge, &[CONTEXT]);
        let error =
            forge.change_protection(&hermes(), "release/1", seen.as_ref(), &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert_eq!(running.written(), []);
        change.other_branches_too = true;
        forge.change_protection(&hermes(), "release/1", seen.as_ref(), &change).await.unwrap();
        let path = &running.written()[0].path;
        assert_eq!(path, "/api/v1/repos/acme/hermes/branch_protections/release%2F*");
    }
}

#[tokio::test]
async fn writer_cannot_change_a_protection() {
    for version in VERSIONS {
        let running = gitea(version).protected("main", &["old"]).serve();
        let forge = client(&running, ForgeKind::Gitea, Some(WRITER));
        let change = requiring(&forge, &[CONTEXT]);
        let error = forge.change_protection(&hermes(), "main", None, &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden);
        assert_eq!(running.written(), []);
    }
}
