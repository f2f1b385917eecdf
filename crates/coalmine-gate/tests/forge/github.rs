//! GitHub, whose stand-in is by its documentation.

use coalmine_forge_standin::{ADMIN, Fault, READER, Running, StandIn, WRITER};
use coalmine_gate::forge::{
    ErrorKind, FileChange, Forge, ForgeKind, NewCommit, NewPull, ProtectionChange, ProvenRuns, PullFilter,
    PullState, StatusSource, StatusState,
};
use serde_json::json;

use crate::support::{client, hermes};

const CHECK: &str = "session-continuity-e2e";

fn hub() -> StandIn {
    StandIn::github().repository("acme/hermes")
}

fn of(running: &Running, token: &str) -> Forge {
    client(running, ForgeKind::GitHub, Some(token))
}

fn requiring(forge: &Forge, contexts: &[&str]) -> ProtectionChange {
    let contexts = contexts.iter().map(|context| forge.required_context(context)).collect();
    ProtectionChange { enforced: true, contexts, other_branches_too: false }
}

#[tokio::test]
async fn server_user_and_repository_are_read() {
    let running = hub().serve();
    let forge = of(&running, WRITER);
    let version = forge.version().await.unwrap();
    assert_eq!((version.kind, version.text.as_str()), (ForgeKind::GitHub, "3.17.0"));
    assert_eq!(forge.whoami().await.unwrap().login, "author");
    let repository = forge.repository(&hermes()).await.unwrap();
    assert!(repository.can_write && !repository.can_administer);
    assert!(forge.repository(&"acme/none".parse().unwrap()).await.unwrap_err().is_missing());
    let error = of(&running, "wrong").whoami().await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unauthorized, "Bad credentials"));
}

#[tokio::test]
async fn branch_shows_protections_and_rulesets() {
    let running = hub()
        .file("both", "a", "a")
        .file("rules", "a", "a")
        .file("off", "a", "a")
        .protected("main", &[CHECK])
        .protected("both", &[CHECK])
        .ruleset("both", &["lint"])
        .ruleset("rules", &["lint"])
        .protected_but_off("off", &[])
        .serve();
    let forge = of(&running, READER);
    let mut found = vec![];
    for name in ["main", "both", "rules", "off"] {
        let branch = forge.branch(&hermes(), name).await.unwrap().unwrap();
        let names: Vec<_> = branch.contexts.iter().map(|context| context.written().to_owned()).collect();
        found.push((branch.enforced, names.join(",")));
    }
    let expected = [(true, CHECK), (true, "lint,session-continuity-e2e"), (true, "lint"), (false, "")];
    assert_eq!(found, expected.map(|(enforced, names)| (enforced, names.to_owned())));
    assert_eq!(forge.branch(&hermes(), "none").await.unwrap(), None);
}

#[tokio::test]
async fn files_and_folders_are_read() {
    let long = "line\n".repeat(100);
    let running = hub().file("main", ".github/workflows/gate.yml", &long).symlink("main", "l", "x").serve();
    let forge = of(&running, READER);
    let file = forge.read_file(&hermes(), "main", ".github/workflows/gate.yml").await.unwrap().unwrap();
    assert_eq!(file.content, long.as_bytes(), "base64 with line ends");
    assert_eq!(forge.read_file(&hermes(), "main", "none").await.unwrap(), None);
    assert!(forge.read_file(&hermes(), "none", "README.md").await.unwrap_err().is_missing());
    assert_eq!(forge.read_file(&hermes(), "main", "l").await.unwrap_err().kind, ErrorKind::NotAFile);
    assert_eq!(forge.list_folder(&hermes(), "main", "").await.unwrap().unwrap().len(), 3);
}

#[tokio::test]
async fn folder_that_may_be_cut_is_refused() {
    let running = (0..1000).fold(hub(), |forge, n| forge.file("main", &format!("d/{n}"), "x")).serve();
    let error = of(&running, READER).list_folder(&hermes(), "main", "d").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
}

#[tokio::test]
async fn statuses_and_check_runs_are_read_together() {
    let mut standin = hub().pull("change").check_run(CHECK, "failure", 7, "other");
    for number in 0..120 {
        standin = standin.status_by("author", &format!("c{number}"), "success", "");
    }
    let running = standin
        .status_by("author", CHECK, "success", "forged")
        .task("gate.yml", CHECK, "pull_request", "success")
        .task("gate.yml", CHECK, "pull_request", "timed_out")
        .task("gate.yml", "running", "pull_request", "in_progress")
        .serve();
    let forge = of(&running, READER);
    let head = forge.pull(&hermes(), 1).await.unwrap().head;
    let statuses = forge.statuses(&hermes(), &head).await.unwrap();
    assert_eq!(statuses.all().len(), 125);
    let newest = statuses.newest();
    let of_check: Vec<_> = newest.iter().filter(|status| status.context == CHECK).collect();
    let found: Vec<_> = of_check.iter().map(|status| (status.source, status.state.name())).collect();
    let expected = [
        (StatusSource::CommitStatus, "success"),
        (StatusSource::CheckRun { app: Some(7) }, "failure"),
        (StatusSource::CheckRun { app: Some(15_368) }, "timed_out"),
    ];
    assert_eq!(found, expected);
    let ProvenRuns::Listed(runs) = forge.proven_runs(&hermes(), &[&head], None).await.unwrap() else {
        panic!("GitHub lists runs")
    };
    let states: Vec<_> = runs.iter().map(|run| run.state.name()).collect();
    assert_eq!(states, ["failure", "success", "timed_out", "pending"]);
    assert_eq!(runs[1].app.as_ref().unwrap().slug, "github-actions");
    assert_eq!(runs[3].state, StatusState::Pending);
}

#[tokio::test]
async fn many_check_runs_are_paged() {
    let standin = hub().pull("change");
    let running =
        (0..250).fold(standin, |forge, n| forge.check_run(&format!("c{n}"), "success", 1, "a")).serve();
    let forge = of(&running, READER);
    let head = forge.pull(&hermes(), 1).await.unwrap().head;
    assert_eq!(forge.statuses(&hermes(), &head).await.unwrap().all().len(), 250);
}

#[tokio::test]
async fn missing_protection_is_not_a_missing_permission() {
    let running = hub().serve();
    assert_eq!(of(&running, ADMIN).protection(&hermes(), "main").await.unwrap(), None);
    assert!(of(&running, WRITER).protection(&hermes(), "main").await.unwrap_err().is_missing());
    assert!(of(&running, ADMIN).protection(&hermes(), "none").await.unwrap_err().is_missing());
}

#[tokio::test]
async fn required_checks_are_changed_and_nothing_else() {
    let running = hub().protected("main", &["old (*)"]).serve();
    let forge = of(&running, ADMIN);
    let seen = forge.protection(&hermes(), "main").await.unwrap();
    assert!(seen.as_ref().unwrap().admins_bypass);
    let before = running.rules("acme/hermes")[0].clone();
    let mut change = requiring(&forge, &[CHECK]);
    change.contexts.extend(seen.clone().unwrap().contexts);
    let write = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap();
    assert!(write.written && write.after.enforced);
    let mut after = running.rules("acme/hermes")[0].clone();
    assert_eq!(after["required_status_checks"]["contexts"], json!([CHECK, "old (*)"]));
    assert_eq!(after["required_status_checks"]["strict"], true);
    after["required_status_checks"] = before["required_status_checks"].clone();
    assert_eq!(after, before);
    let seen = Some(write.after);
    let write = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap();
    assert!(!write.written);
    let off = ProtectionChange { enforced: false, contexts: vec![], other_branches_too: false };
    let write = forge.change_protection(&hermes(), "main", seen.as_ref(), &off).await.unwrap();
    assert!(!write.after.enforced);
    assert_eq!(running.written().len(), 2);
    let error = forge.change_protection(&hermes(), "main", Some(&write.after), &change).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

#[tokio::test]
async fn unprotected_branch_gets_required_checks() {
    let running = hub().serve();
    let forge = of(&running, ADMIN);
    let change = requiring(&forge, &[CHECK]);
    let write = forge.change_protection(&hermes(), "main", None, &change).await.unwrap();
    assert!(write.written && write.before.is_none() && write.after.enforced);
    assert!(forge.branch(&hermes(), "main").await.unwrap().unwrap().enforced);
}

#[tokio::test]
async fn change_by_somebody_else_is_found() {
    for (after_reads, written, message) in [(1, 0, "nothing was written"), (2, 1, "it was written")] {
        let running = hub().protected("main", &["old"]).serve();
        let forge = of(&running, ADMIN);
        running.fail(Fault::ProtectionChanges { after_reads });
        let seen = forge.protection(&hermes(), "main").await.unwrap();
        let change = requiring(&forge, &[CHECK]);
        let error = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
        assert!(error.message.contains(message), "{error}");
        assert_eq!(running.written().len(), written);
    }
}

#[tokio::test]
async fn strict_that_somebody_else_switches_is_found() {
    let running = hub().protected("main", &["old"]).serve();
    let forge = of(&running, ADMIN);
    running.fail(Fault::StrictChanges { after_reads: 2 });
    let seen = forge.protection(&hermes(), "main").await.unwrap();
    let change = requiring(&forge, &[CHECK]);
    let error = forge.change_protection(&hermes(), "main", seen.as_ref(), &change).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    assert!(error.message.contains("it was written, but somebody else changed `strict`"), "{error}");
    let checks = &running.rules("acme/hermes")[0]["required_status_checks"];
    assert_eq!((&checks["strict"], &checks["contexts"]), (&json!(false), &json!([CHECK])), "theirs is kept");
}

fn commit(files: Vec<FileChange>) -> NewCommit {
    let (base, branch) = ("main".to_owned(), "gate/one".to_owned());
    NewCommit { base, branch, message: "gate".to_owned(), files }
}

fn file(path: &str, replaces: Option<String>) -> FileChange {
    FileChange { path: path.to_owned(), content: b"new\n".to_vec(), replaces }
}

#[tokio::test]
async fn files_are_committed_at_once() {
    let running = hub().serve();
    let forge = of(&running, WRITER);
    let readme = forge.read_file(&hermes(), "main", "README.md").await.unwrap().unwrap().sha;
    let new = commit(vec![file(".github/workflows/gate.yml", None), file("README.md", Some(readme))]);
    let made = forge.commit_files(&hermes(), &new).await.unwrap();
    assert_eq!(forge.branch(&hermes(), "gate/one").await.unwrap().unwrap().head, made.sha);
    for path in [".github/workflows/gate.yml", "README.md"] {
        assert_eq!(running.file("acme/hermes", "gate/one", path).unwrap(), b"new\n");
    }
    assert_eq!(running.file("acme/hermes", "main", "README.md").unwrap(), b"# a template\n");
    let error = forge.commit_files(&hermes(), &commit(vec![file("a", None)])).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Refused, "Reference already exists"));
    assert!(forge.delete_branch(&hermes(), "gate/one").await.unwrap());
    assert!(!forge.delete_branch(&hermes(), "gate/one").await.unwrap());
}

#[tokio::test]
async fn refused_commit_leaves_nothing() {
    let running = hub().serve();
    let forge = of(&running, WRITER);
    let stale = Some("0".repeat(40));
    for change in [file("README.md", None), file("README.md", stale.clone()), file("none", stale)] {
        let error = forge.commit_files(&hermes(), &commit(vec![change])).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
    }
    let bytes = FileChange { content: vec![0xff], ..file("a", None) };
    let error = forge.commit_files(&hermes(), &commit(vec![bytes])).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert_eq!(running.written(), []);
}

#[tokio::test]
async fn pull_request_lives_from_open_to_closed() {
    let running =
        hub().pull("old").merged().pull("fork").from_fork("eve/hermes").file("gate", "a", "a").serve();
    let forge = of(&running, WRITER);
    let all = forge.pulls(&hermes(), PullFilter::All, 10).await.unwrap();
    assert!(all[1].merged && !all[0].merged, "lists say only when it was merged");
    let new = |head: &str| NewPull {
        head: head.to_owned(),
        base: "main".to_owned(),
        title: "gate".to_owned(),
        body: String::new(),
    };
    let opened = forge.open_pull(&hermes(), &new("gate")).await.unwrap();
    assert!(opened.created);
    assert_eq!(forge.open_pull(&hermes(), &new("gate")).await.unwrap().pull, opened.pull);
    assert_eq!(forge.open_pull(&hermes(), &new("none")).await.unwrap_err().kind, ErrorKind::Refused);
    assert!(forge.open_pull(&hermes(), &new("fork")).await.unwrap().created, "a fork's is not ours");
    let closed = forge.close_pull(&hermes(), 3).await.unwrap();
    assert_eq!((closed.state, closed.merged), (PullState::Closed, false));
}

#[tokio::test]
async fn commits_of_a_pull_request_are_paged() {
    let running =
        (0..130).fold(hub(), |forge, n| forge.file("change", "a", format!("{n}"))).pull("change").serve();
    let commits = of(&running, READER).pull_commits(&hermes(), 1).await.unwrap();
    assert_eq!(commits.len(), 130);
}

#[tokio::test]
async fn comments_are_paged_and_edited() {
    let running = (0..130).fold(hub().pull("one"), |forge, _| forge.comment("author", "x")).serve();
    let forge = of(&running, READER);
    let own = forge.create_comment(&hermes(), 1, "red").await.unwrap();
    let edited = forge.edit_comment(&hermes(), own.id, "green").await.unwrap();
    let comments = forge.comments(&hermes(), 1).await.unwrap();
    assert_eq!((comments.len(), &comments[130]), (131, &edited));
    let error = forge.edit_comment(&hermes(), comments[0].id, "x").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
}

#[test]
fn public_site_has_an_api_of_its_own() {
    let debug = |url: &str| {
        let forge = Forge::new(ForgeKind::GitHub, &url.parse().unwrap(), None, Default::default()).unwrap();
        format!("{forge:?}")
    };
    assert!(debug("https://github.com").contains("api.github.com"));
    assert!(debug("https://github.com/acme").contains("api.github.com"));
    let other = debug("https://git.example/hub/");
    assert!(other.contains("/hub/api/v3") && !other.contains("api.github.com"), "{other}");
}
