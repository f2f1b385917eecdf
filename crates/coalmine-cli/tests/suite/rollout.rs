//! The rollout of the gate over a fleet, against a forge that stands in for a real one.

use coalmine_forge_standin::{ADMIN, Fault, Running, StandIn};
use serde_json::Value;

use crate::support::{Child, Output, Sandbox, assert_shown, read_json};

const CONTEXT: &str = "session-continuity-e2e / session-continuity-e2e (pull_request)";
const JOB: &str = "session-continuity-e2e";
const FILE: &str = "session-continuity-e2e.yml";
const WORKFLOW: &str = ".gitea/workflows/session-continuity-e2e.yml";
const CANONICAL: &str = include_str!("../../../../local-e2e/templates/session-continuity-e2e.yml");

/// A fleet of two repositories.
struct Rollout {
    sandbox: Sandbox,
    forge: Running,
}

impl Rollout {
    fn new(version: &str) -> Self {
        let forge = StandIn::gitea(version)
            .at("2026-11-02T09:00:00Z")
            .repository("acme/claude-code")
            .repository("acme/hermes")
            .serve();
        let sandbox = Sandbox::new();
        let fleet = format!(
            "forge = \"gitea\"\nurl = \"{}\"\nowner = \"acme\"\n\
             [[repository]]\nname = \"hermes\"\nprofile = \"hermes\"\n[[repository]]\nname = \"claude-code\"\n",
            forge.url()
        );
        std::fs::write(sandbox.path("fleet.toml"), fleet).unwrap();
        Self { sandbox, forge }
    }

    /// Changes the first repository.
    fn hermes(&self, change: impl FnOnce(StandIn) -> StandIn) {
        self.forge.change(|forge| change(forge.repository("acme/hermes")));
    }

    /// Brings the canonical file to the first repository.
    fn onboarded(version: &str) -> Self {
        let rollout = Self::new(version);
        rollout.hermes(|forge| forge.file("main", WORKFLOW, CANONICAL));
        rollout
    }

    /// Merges a pull request with a green run, on each of these days of November.
    fn green_on(&self, days: impl IntoIterator<Item = u32>) {
        for day in days {
            self.hermes(|forge| {
                let forge = forge.at(&format!("2026-11-{day:02}T10:00:00Z")).pull(&format!("change-{day}"));
                ran(forge, "success").merged()
            });
        }
    }

    async fn gate(&self, arguments: &[&str]) -> Output {
        let all: Vec<&str> = std::iter::once("gate").chain(arguments.iter().copied()).collect();
        let mut command = self.sandbox.command(&all);
        command.env("COALMINE_FORGE_TOKEN", ADMIN).env("COALMINE_NOW", "2026-11-20T12:00:00Z");
        Child::new(&mut command).done().await
    }

    fn proof(&self) -> Value {
        read_json(&self.sandbox.path("gate-proof.json"))
    }

    fn required(&self) -> Vec<Value> {
        let rules = self.forge.rules("acme/hermes");
        rules
            .iter()
            .flat_map(|rule| rule["status_check_contexts"].as_array().cloned().unwrap_or_default())
            .collect()
    }
}

/// Lets the gate run at the current commit.
fn ran(forge: StandIn, state: &str) -> StandIn {
    forge.status(CONTEXT, state, "").task(FILE, JOB, "pull_request", state)
}

#[tokio::test]
async fn a_repository_becomes_required_step_by_step() {
    let rollout = Rollout::new("1.23.6");
    let refused = rollout.gate(&["onboard", "claude-code"]).await;
    assert!(
        refused.code(2).stderr.contains("claude-code follows hermes, whose bake is not done"),
        "{}",
        refused.stderr
    );
    let dry = rollout.gate(&["onboard", "hermes", "--dry-run"]).await;
    assert!(dry.code(0).stdout.contains("+++ coalmine.toml\n+# How the gate judges"), "{}", dry.stdout);
    assert_eq!(rollout.forge.written().len(), 0, "a dry run writes nothing");

    let opened = rollout.gate(&["onboard", "hermes"]).await;
    assert!(opened.code(0).stdout.starts_with("hermes: pull request #1 opened: http"), "{}", opened.stdout);
    let again = rollout.gate(&["onboard", "hermes"]).await;
    assert!(again.code(0).stdout.starts_with("hermes: pull request #1 is open already"), "{}", again.stdout);
    let branches = rollout.forge.branches("acme/hermes");
    let (branch, _) = branches.iter().find(|(name, _)| name.starts_with("coalmine/gate-")).unwrap();
    rollout.hermes(|forge| ran(forge.commit(branch), "success").merged());
    assert_eq!(rollout.forge.file("acme/hermes", "main", WORKFLOW).unwrap(), CANONICAL.as_bytes());
    let done = rollout.gate(&["onboard", "hermes"]).await;
    assert_eq!(done.code(0).stdout, "hermes: the gate is there\n");

    rollout.green_on([3, 4]);
    let early = rollout.gate(&["require", "hermes", "--yes"]).await;
    assert!(
        early.code(1).stdout.contains("refused: the bake is not done: 3 of 5 business days"),
        "{}",
        early.stdout
    );
    assert_eq!(rollout.required().len(), 0);
    assert_eq!(rollout.proof()["bake"]["green"].as_array().unwrap().len(), 3);

    // the seventh is a Saturday
    rollout.green_on([5, 7, 9]);
    let shown = rollout.gate(&["require", "hermes"]).await;
    assert!(shown.code(0).stdout.ends_with("nothing was changed: `--yes` does it\n"), "{}", shown.stdout);
    assert_eq!(rollout.required().len(), 0);
    let status = rollout.gate(&["status"]).await;
    assert_shown!(status.stdout, @"
    repository   gate       last   days  heads  red  required  next            who
    hermes       onboarded  green  5/5   6/5    0    no        `gate require`  operator
    claude-code  none       -      0/5   0/5    0    no        `gate onboard`  operator
    ");
    let required = rollout.gate(&["require", "hermes", "--yes"]).await;
    assert!(required.code(0).stdout.contains("`main` requires"), "{}", required.stdout);
    assert_eq!(rollout.required(), [CONTEXT]);
    let doctor = rollout.gate(&["doctor", "hermes"]).await;
    assert_eq!(doctor.code(0).stdout, "hermes: sound\n");
    // the next in the cascade may follow now
    rollout.gate(&["onboard", "claude-code"]).await.code(0);

    let back = rollout.gate(&["unrequire", "hermes", "--reason", "the engine is down", "--yes"]).await;
    assert!(back.code(0).stdout.contains("no longer requires the gate"), "{}", back.stdout);
    let rule = &rollout.forge.rules("acme/hermes")[0];
    assert_eq!(rule["enable_status_check"], false, "an empty list that is enforced would block");
}

#[tokio::test]
async fn a_forged_status_proves_nothing() {
    let rollout = Rollout::onboarded("1.23.6");
    for day in 3..=9 {
        rollout.hermes(|forge| {
            let forge = forge.at(&format!("2026-11-{day:02}T10:00:00Z")).pull(&format!("change-{day}"));
            // a job's own token has no creator either, but no run of the gate stands behind it
            forge.status(CONTEXT, "success", "").merged()
        });
    }
    let refused = rollout.gate(&["require", "hermes", "--yes"]).await;
    assert!(
        refused.code(1).stdout.contains("no run of the gate's workflow for it is listed"),
        "{}",
        refused.stdout
    );
    assert_eq!(rollout.proof()["bake"]["unproven"].as_array().unwrap().len(), 7);
    assert_eq!(rollout.required().len(), 0);
}

#[tokio::test]
async fn an_older_version_proves_nothing_unless_its_statuses_are_trusted() {
    let rollout = Rollout::onboarded("1.22.6");
    rollout.green_on([3, 4, 5, 6, 9]);
    let refused = rollout.gate(&["require", "hermes", "--yes"]).await;
    assert!(refused.code(1).stdout.contains("this version of the forge lists no runs"), "{}", refused.stdout);
    let trusted = rollout.gate(&["require", "hermes", "--yes", "--trust-statuses"]).await;
    assert!(trusted.code(0).stdout.contains("statuses counted without a run"), "{}", trusted.stdout);
    assert_eq!(rollout.proof()["trusted_statuses"], true);
    assert_eq!(rollout.required(), [CONTEXT]);
}

#[tokio::test]
async fn a_head_with_another_workflow_counts_for_nothing() {
    let rollout = Rollout::onboarded("1.23.6");
    for day in 3..=9 {
        rollout.hermes(|forge| {
            let branch = format!("change-{day}");
            let forge =
                forge.at(&format!("2026-11-{day:02}T10:00:00Z")).file(&branch, WORKFLOW, "name: hollow\n");
            ran(forge.pull(&branch), "success").closed()
        });
    }
    let refused = rollout.gate(&["require", "hermes"]).await;
    assert!(refused.code(1).stdout.contains("0 of 5 green heads"), "{}", refused.stdout);
    assert!(refused.stdout.contains("with another workflow file: 7"), "{}", refused.stdout);
}

#[tokio::test]
async fn a_red_head_in_the_middle_of_a_pull_request_is_found() {
    let rollout = Rollout::onboarded("1.23.6");
    rollout.green_on([3, 4, 5, 6, 9]);
    // a red head, and a later one that the gate never judged, so that it was merged without being mended
    rollout.hermes(|forge| {
        let forge = forge.at("2026-11-10T10:00:00Z").pull("broken");
        ran(forge, "failure").file("broken", "MORE", "later").merged()
    });
    let refused = rollout.gate(&["require", "hermes"]).await;
    assert!(
        refused.code(1).stdout.contains("the bake began again after the red head of #6"),
        "{}",
        refused.stdout
    );
}

#[tokio::test]
async fn doctor_names_the_context_that_nothing_posts() {
    let rollout = Rollout::onboarded("1.23.6");
    rollout.green_on([3]);
    rollout.hermes(|forge| forge.protected("main", &["session-continuity-e2e (pull_request)"]));
    let sick = rollout.gate(&["doctor", "hermes"]).await;
    assert_shown!(sick.code(1).stdout.clone(), @"
    hermes:
      error: `session-continuity-e2e (pull_request)` is required, and no forge posts it: every pull request waits for ever
        hint: require `session-continuity-e2e / session-continuity-e2e (pull_request)` instead
      note: `main` does not require the gate
    ");
}

#[tokio::test]
async fn a_forge_that_fails_is_named_and_nothing_is_written() {
    let rollout = Rollout::onboarded("1.23.6");
    rollout.forge.fail(Fault::Html);
    let failed = rollout.gate(&["require", "hermes", "--yes"]).await;
    assert!(failed.code(2).stderr.contains("GET /api/v1/"), "{}", failed.stderr);
    assert!(!failed.stderr.contains(ADMIN));
    assert_eq!(rollout.forge.written().len(), 0);
}
