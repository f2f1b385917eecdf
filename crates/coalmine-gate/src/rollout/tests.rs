//! What the decisions say about repositories in all kinds of states.

use jiff::Timestamp;

use super::{
    bake::Bake,
    doctor::{self, Folders, Seen, Severity},
    evidence::{self, Runs},
    gate::{FileState, Gate, NAME},
    history::Outcome,
    require,
    status::{self, Standing, Who},
};
use crate::forge::{
    App, Branch, ForgeKind, Protection, ProtectionChange, ProvenRuns, RequiredContext, Run, Status,
    StatusSource, StatusState, Statuses,
};

const SHA: &str = "5f1f3b0000000000000000000000000000000001";
const MISTAKEN: &str = "session-continuity-e2e (pull_request)";

fn gate(kind: ForgeKind) -> Gate {
    Gate { kind, content: b"canonical".to_vec() }
}

fn status(id: u64, context: &str, state: StatusState) -> Status {
    Status {
        id,
        source: StatusSource::CommitStatus,
        context: context.to_owned(),
        state,
        description: String::new(),
        target_url: String::new(),
        creator: None,
        created: Some(Timestamp::UNIX_EPOCH),
    }
}

fn of_gate(id: u64, state: StatusState) -> Status {
    status(id, gate(ForgeKind::Gitea).context(), state)
}

fn run(state: StatusState) -> Run {
    Run {
        id: 1,
        job: NAME.to_owned(),
        workflow: Some("session-continuity-e2e.yml".to_owned()),
        event: Some("pull_request".to_owned()),
        branch: None,
        head: SHA.to_owned(),
        state,
        app: None,
        url: String::new(),
        created: None,
    }
}

fn outcome(kind: ForgeKind, statuses: Vec<Status>, listed: &ProvenRuns) -> Option<Outcome> {
    let runs = Runs { listed, trust_statuses: false };
    evidence::head(&gate(kind), SHA, &Statuses::new(statuses), runs).map(|head| head.outcome)
}

fn is_unproven(outcome: Option<Outcome>, reason: &str) -> bool {
    matches!(outcome, Some(Outcome::Unproven(why)) if why.contains(reason))
}

#[test]
fn a_success_counts_with_its_run_only() {
    let gitea =
        |statuses, listed: &[Run]| outcome(ForgeKind::Gitea, statuses, &ProvenRuns::Listed(listed.to_vec()));
    let success = || vec![of_gate(1, StatusState::Success)];
    assert_eq!(gitea(success(), &[run(StatusState::Success)]), Some(Outcome::Green));
    assert!(is_unproven(gitea(success(), &[]), "no run"));
    let canceled = run(StatusState::Other("cancelled".to_owned()));
    assert!(is_unproven(gitea(success(), &[canceled]), "ended as `cancelled`"));
    for other in [
        Run { head: "0".repeat(40), ..run(StatusState::Success) },
        Run { event: Some("push".to_owned()), ..run(StatusState::Success) },
        Run { job: "lint".to_owned(), ..run(StatusState::Success) },
        Run { workflow: Some("other.yml".to_owned()), ..run(StatusState::Success) },
    ] {
        assert!(is_unproven(gitea(success(), std::slice::from_ref(&other)), "no run"), "{other:?}");
    }
    assert_eq!(gitea(vec![], &[]), None);
}

#[test]
fn a_check_run_that_judged_nothing_is_neither() {
    // out of time, canceled, or never started: whether conversations hold was not found out
    for state in ["timed_out", "cancelled", "startup_failure", "action_required", "stale", "neutral"] {
        let state = StatusState::Other(state.to_owned());
        let source = StatusSource::CheckRun { app: Some(15_368) };
        let status = Status { source, ..status(1, gate(ForgeKind::GitHub).context(), state.clone()) };
        let app = Some(App { id: 15_368, slug: "github-actions".to_owned() });
        let listed = ProvenRuns::Listed(vec![Run { app, event: None, ..run(state.clone()) }]);
        let seen = outcome(ForgeKind::GitHub, vec![status], &listed);
        assert!(matches!(seen, Some(Outcome::NotJudged(_))), "{state:?}: {seen:?}");
    }
}

#[test]
fn no_status_hides_a_red_run() {
    let listed = ProvenRuns::Listed(vec![run(StatusState::Failure)]);
    let red = of_gate(1, StatusState::Failure);
    let forged = |state| Status { id: 2, ..of_gate(2, state) };
    let by_user = Status { creator: Some("mallory".to_owned()), ..forged(StatusState::Success) };
    let skipped = Status { description: "Has been skipped".to_owned(), ..forged(StatusState::Success) };
    for newest in [forged(StatusState::Success), forged(StatusState::Pending), by_user, skipped] {
        let seen = outcome(ForgeKind::Gitea, vec![red.clone(), newest.clone()], &listed);
        assert_eq!(seen, Some(Outcome::Red), "{newest:?}");
    }
    // a run that was started again is the one that counts
    let again = |state| ProvenRuns::Listed(vec![run(StatusState::Failure), Run { id: 2, ..run(state) }]);
    let newest = vec![red, forged(StatusState::Success)];
    assert_eq!(outcome(ForgeKind::Gitea, newest.clone(), &again(StatusState::Success)), Some(Outcome::Green));
    assert!(is_unproven(
        outcome(ForgeKind::Gitea, newest, &again(StatusState::Pending)),
        "ended as `pending`"
    ));
}

#[test]
fn the_newest_status_counts_and_a_users_proves_nothing() {
    let runs = [run(StatusState::Success)];
    let gitea = |statuses| outcome(ForgeKind::Gitea, statuses, &ProvenRuns::Listed(runs.to_vec()));
    let (red, green) = (of_gate(1, StatusState::Failure), of_gate(2, StatusState::Success));
    assert_eq!(gitea(vec![green.clone(), red.clone()]), Some(Outcome::Green));
    assert_eq!(gitea(vec![green.clone(), Status { id: 3, ..red.clone() }]), Some(Outcome::Red));
    let forged = Status { id: 4, creator: Some("mallory".to_owned()), ..green.clone() };
    assert!(is_unproven(gitea(vec![red, forged]), "`mallory`"));
    let skipped = Status { description: "Has been skipped".to_owned(), ..green };
    assert_eq!(gitea(vec![skipped]), Some(Outcome::NotJudged("it was skipped".to_owned())));
    let invented = of_gate(1, StatusState::Other("fine".to_owned()));
    assert_eq!(gitea(vec![invented]), Some(Outcome::NotJudged("its state is `fine`".to_owned())));
}

#[test]
fn a_version_without_runs_proves_nothing_unless_its_statuses_are_trusted() {
    let statuses = Statuses::new(vec![of_gate(1, StatusState::Success)]);
    let judged = |trust_statuses| {
        let runs = Runs { listed: &ProvenRuns::NotAvailable, trust_statuses };
        evidence::head(&gate(ForgeKind::Gitea), SHA, &statuses, runs).map(|head| head.outcome)
    };
    assert!(is_unproven(judged(false), "lists no runs"));
    assert_eq!(judged(true), Some(Outcome::Green));
}

#[test]
fn github_counts_checks_of_its_own_app() {
    let check =
        |app| Status { source: StatusSource::CheckRun { app }, ..status(1, NAME, StatusState::Success) };
    let actions = App { id: 15_368, slug: "github-actions".to_owned() };
    let listed =
        ProvenRuns::Listed(vec![Run { app: Some(actions), workflow: None, ..run(StatusState::Success) }]);
    let github = |statuses| outcome(ForgeKind::GitHub, statuses, &listed);
    assert_eq!(github(vec![check(Some(15_368))]), Some(Outcome::Green));
    assert!(is_unproven(github(vec![check(Some(7))]), "own Actions"));
    // a status that anybody can post comes after the check, and hides nothing
    let red = Status { state: StatusState::Failure, ..check(Some(15_368)) };
    let posted = Status { id: 9, ..status(9, NAME, StatusState::Success) };
    assert_eq!(github(vec![red, posted.clone()]), Some(Outcome::Red));
    assert!(is_unproven(github(vec![posted]), "own Actions"));
}

fn branch(contexts: &[&str], enforced: bool) -> Branch {
    Branch {
        name: "main".to_owned(),
        head: SHA.to_owned(),
        protected: true,
        enforced,
        contexts: contexts.iter().map(|context| RequiredContext::glob(*context)).collect(),
    }
}

fn examined(branch: &Branch, file: FileState, statuses: Vec<Status>) -> Vec<doctor::Finding> {
    let heads = [(SHA.to_owned(), Statuses::new(statuses))];
    let seen = Seen { branch, file, folders: Folders::default(), heads: &heads };
    doctor::examine(&gate(ForgeKind::Gitea), &seen)
}

#[test]
fn a_sound_repository_has_no_finding() {
    let branch = branch(&[gate(ForgeKind::Gitea).context()], true);
    assert_eq!(examined(&branch, FileState::Identical, vec![of_gate(1, StatusState::Success)]), []);
}

#[test]
fn doctor_names_what_is_wrong() {
    let own = gate(ForgeKind::Gitea).context();
    let green = || vec![of_gate(1, StatusState::Success)];
    let user = Status { creator: Some("mallory".to_owned()), ..of_gate(2, StatusState::Success) };
    for (branch, file, statuses, severity, words) in [
        (branch(&[MISTAKEN, own], true), FileState::Identical, green(), Severity::Error, "no forge posts it"),
        (
            branch(&["ci / test (pull_request)", own], true),
            FileState::Identical,
            green(),
            Severity::Error,
            "none of the last 1 heads",
        ),
        (branch(&[own], false), FileState::Identical, green(), Severity::Error, "does not enforce"),
        (branch(&[], true), FileState::Identical, green(), Severity::Error, "any red status blocks"),
        (branch(&[own], true), FileState::Differs, green(), Severity::Error, "differs from the canonical"),
        (branch(&[own], true), FileState::Identical, vec![user], Severity::Warning, "the user `mallory`"),
        (
            branch(&[own], true),
            FileState::Identical,
            vec![of_gate(1, StatusState::Warning)],
            Severity::Warning,
            "blocks like a failure",
        ),
    ] {
        let findings = examined(&branch, file, statuses);
        let found = findings.iter().find(|finding| finding.message.contains(words));
        assert_eq!(found.map(|finding| finding.severity), Some(severity), "{words}: {findings:?}");
    }
}

fn protection(contexts: &[&str], enforced: bool) -> Protection {
    Protection {
        rule: "main".to_owned(),
        only_this_branch: true,
        enforced,
        contexts: branch(contexts, enforced).contexts,
        admins_bypass: false,
        raw: serde_json::Value::Null,
    }
}

#[test]
fn requiring_adds_and_unrequiring_removes_nothing_else() {
    let gate = gate(ForgeKind::Gitea);
    let own = RequiredContext::glob(gate.context());
    let written = |change: Option<ProtectionChange>| {
        change.map(|change| {
            let contexts =
                change.contexts.iter().map(|context| context.written().to_owned()).collect::<Vec<_>>();
            (change.enforced, contexts.join("; "))
        })
    };
    let with = |now: Option<&Protection>| written(require::with_gate(&gate, own.clone(), now));
    assert_eq!(with(None), Some((true, gate.context().to_owned())));
    assert_eq!(with(Some(&protection(&["ci"], true))), Some((true, format!("ci; {}", gate.context()))));
    assert_eq!(with(Some(&protection(&[gate.context()], true))), None);
    assert_eq!(with(Some(&protection(&[gate.context()], false))), Some((true, gate.context().to_owned())));
    let without = |now: &Protection| written(require::without_gate(&gate, now));
    assert_eq!(without(&protection(&["ci", gate.context()], true)), Some((true, "ci".to_owned())));
    // an empty list that is enforced blocks every pull request
    assert_eq!(without(&protection(&[gate.context()], true)), Some((false, String::new())));
    assert_eq!(without(&protection(&["ci"], true)), None);
}

fn standing(name: &str, file: FileState, missing: &[&str], required: bool) -> Standing {
    let missing = missing.iter().map(|&text| text.to_owned()).collect();
    let bake = Bake { missing, ..Bake::new(Timestamp::UNIX_EPOCH, None) };
    Standing { name: name.to_owned(), file, onboarding: None, last: None, bake, required }
}

#[test]
fn a_fleet_advances_one_by_one() {
    let through = standing("hermes", FileState::Identical, &[], false);
    let baking = standing("claude-code", FileState::Identical, &["2 of 5 business days"], false);
    let new = standing("langgraph", FileState::Missing, &["0 of 5"], false);
    let steps = |fleet: &[Standing]| {
        status::next(fleet).into_iter().map(|next| (next.who, next.what)).collect::<Vec<_>>()
    };
    assert_eq!(
        steps(&[through.clone(), baking.clone(), new.clone()]),
        [
            (Who::Operator, "`gate require`".to_owned()),
            (Who::Nobody, "bakes: 2 of 5 business days".to_owned()),
            (Who::Nobody, "waits for the bake of claude-code".to_owned()),
        ]
    );
    assert_eq!(steps(&[through, new.clone()])[1], (Who::Operator, "`gate onboard`".to_owned()));
    let merging = Standing { onboarding: Some(7), ..new };
    assert_eq!(steps(&[merging])[0], (Who::Maintainer, "merge pull request #7".to_owned()));
}
