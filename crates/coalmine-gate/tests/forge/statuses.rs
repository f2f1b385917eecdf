//! Statuses of commits, and the runs that prove them.

use coalmine_forge_standin::READER;
use coalmine_gate::forge::{ErrorKind, ForgeKind, Options, ProvenRuns, StatusState};

use crate::support::{CONTEXT, VERSIONS, admin, client, gitea, hermes, impatient, with};

async fn head(forge: &coalmine_gate::forge::Forge, branch: &str) -> String {
    forge.branch(&hermes(), branch).await.unwrap().unwrap().head
}

#[tokio::test]
async fn newest_id_of_a_context_counts() {
    for version in VERSIONS {
        let time = "2026-11-03T10:00:00Z";
        // three statuses within one second, whose order by time is not that of their ids
        let running = gitea(version)
            .pull("change")
            .at(time)
            .status(CONTEXT, "pending", "Waiting to run")
            .at(time)
            .status(CONTEXT, "success", "Successful in 1s")
            .at(time)
            .status(CONTEXT, "failure", "Failing after 2s")
            .status_by("author", "other / other (push)", "success", "")
            .serve();
        let forge = client(&running, ForgeKind::Gitea, Some(READER));
        let statuses = forge.statuses(&hermes(), &head(&forge, "change").await).await.unwrap();
        assert_eq!(statuses.all().len(), 4);
        let newest = statuses.newest();
        assert_eq!(newest.len(), 2);
        let other = newest[0];
        assert_eq!(
            (other.context.as_str(), other.creator.as_deref()),
            ("other / other (push)", Some("author"))
        );
        let gate = newest[1];
        assert_eq!((gate.context.as_str(), &gate.state), (CONTEXT, &StatusState::Failure));
        assert_eq!((gate.creator.as_deref(), gate.description.as_str()), (None, "Failing after 2s"));
        assert!(gate.target_url.starts_with("/acme/hermes/actions/runs/"), "{}", gate.target_url);
        assert_eq!(gate.created, Some(time.parse().unwrap()));
        let states: Vec<_> = statuses.history(CONTEXT).map(|status| status.state.name()).collect();
        assert_eq!(states, ["pending", "success", "failure"]);
    }
}

#[tokio::test]
async fn states_stay_as_they_are() {
    for version in VERSIONS {
        let mut standin = gitea(version).pull("change");
        for state in
            ["success", "pending", "failure", "error", "warning", "skipped", "nonsense", "running", ""]
        {
            standin = standin.status(state, state, "");
        }
        let running = standin.status("old", "success", "Has been skipped").serve();
        let forge = admin(&running);
        let statuses = forge.statuses(&hermes(), &head(&forge, "change").await).await.unwrap();
        for status in statuses.all() {
            let expected = if status.context == "old" { "success" } else { &status.context };
            assert_eq!(status.state.name(), expected);
            assert_eq!(status.is_skipped(), ["old", "skipped"].contains(&status.context.as_str()));
        }
        let other = |name: &str| StatusState::Other(name.to_owned());
        let unknown: Vec<_> = statuses.all()[6..9].iter().map(|status| status.state.clone()).collect();
        assert_eq!(unknown, [other("nonsense"), other("running"), other("")]);
    }
}

#[tokio::test]
async fn red_context_on_the_last_page_is_found() {
    for version in VERSIONS {
        let mut standin = gitea(version).pull("change").status(CONTEXT, "failure", "");
        for number in 0..120 {
            standin = standin.status(&format!("c{number}"), "success", "");
        }
        let running = standin.serve();
        let forge = admin(&running);
        let statuses = forge.statuses(&hermes(), &head(&forge, "change").await).await.unwrap();
        assert_eq!(statuses.all().len(), 121);
        assert!(statuses.newest().iter().any(|status| status.state == StatusState::Failure));
        let pages = running.asked().iter().filter(|asked| asked.path.contains("/statuses?")).count();
        assert_eq!(pages, 3);
    }
}

#[tokio::test]
async fn ten_thousand_statuses_are_read() {
    let mut standin = gitea("1.22.6").pull("change");
    for number in 0..10_000 {
        standin = standin.status(CONTEXT, if number == 9_999 { "error" } else { "success" }, "");
    }
    let running = standin.serve();
    let forge = admin(&running);
    let statuses = forge.statuses(&hermes(), &head(&forge, "change").await).await.unwrap();
    assert_eq!(statuses.all().len(), 10_000);
    assert_eq!(statuses.newest()[0].state, StatusState::Error);
}

#[tokio::test]
async fn commit_without_statuses_has_none() {
    let running = gitea("1.22.6").pull("change").serve();
    let forge = admin(&running);
    let statuses = forge.statuses(&hermes(), &head(&forge, "change").await).await.unwrap();
    assert!(statuses.all().is_empty() && statuses.newest().is_empty());
}

#[tokio::test]
async fn runs_are_proven_from_1_23() {
    let seed = |version| {
        gitea(version)
            .pull("change")
            .task("gate.yml", "gate", "pull_request", "success")
            .task("gate.yml", "again", "push", "running")
            .pull("other")
            .task("gate.yml", "gate", "pull_request", "failure")
    };
    let running = seed("1.22.6").serve();
    let forge = admin(&running);
    let sha = head(&forge, "change").await;
    assert_eq!(forge.proven_runs(&hermes(), &[&sha], None).await.unwrap(), ProvenRuns::NotAvailable);
    assert!(running.asked().iter().all(|asked| !asked.path.contains("tasks")), "1.22 is not even asked");

    let running = seed("1.23.6").serve();
    let forge = client(&running, ForgeKind::Gitea, Some(READER));
    let sha = head(&forge, "change").await;
    let ProvenRuns::Listed(runs) = forge.proven_runs(&hermes(), &[&sha], None).await.unwrap() else {
        panic!("1.23 lists runs")
    };
    let found: Vec<_> = runs.iter().map(|run| (run.job.as_str(), run.event.as_deref().unwrap())).collect();
    assert_eq!(found, [("gate", "pull_request"), ("again", "push")]);
    assert_eq!((&runs[0].state, &runs[1].state), (&StatusState::Success, &StatusState::Pending));
    assert_eq!((runs[0].head.as_str(), runs[0].workflow.as_deref()), (sha.as_str(), Some("gate.yml")));
    assert!(runs[0].app.is_none() && runs[0].created.is_some());
}

#[tokio::test]
async fn forgejo_is_asked_for_runs() {
    let running = gitea("15.0.0+gitea-1.22.0").pull("change").serve();
    let forge = admin(&running);
    let sha = head(&forge, "change").await;
    assert_eq!(forge.proven_runs(&hermes(), &[&sha], None).await.unwrap(), ProvenRuns::NotAvailable);
    assert!(running.asked().iter().any(|asked| asked.path.contains("tasks")), "nobody knows, so it is asked");
}

#[tokio::test]
async fn missing_repository_has_no_runs_but_an_error() {
    for version in ["1.23.6", "15.0.0+gitea-1.22.0"] {
        let running = gitea(version).serve();
        let other = "acme/none".parse().unwrap();
        let error = admin(&running).proven_runs(&other, &[], None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Missing);
    }
}

#[tokio::test]
async fn old_runs_are_not_read() {
    let mut standin = gitea("1.23.6").at("2026-01-01T00:00:00Z");
    for _ in 0..500 {
        standin = standin.task("gate.yml", "old", "push", "success");
    }
    let running =
        standin.at("2026-11-01T00:00:00Z").pull("change").task("g", "new", "push", "success").serve();
    let (options, _) = impatient();
    let forge = with(&running, ForgeKind::Gitea, None, Options { max_pages: 2, ..options });
    let sha = head(&forge, "change").await;
    let since = Some("2026-10-01T00:00:00Z".parse().unwrap());
    let ProvenRuns::Listed(runs) = forge.proven_runs(&hermes(), &[&sha], since).await.unwrap() else {
        panic!("1.23 lists runs")
    };
    assert_eq!(runs.len(), 1);
    let error = forge.proven_runs(&hermes(), &[&sha], None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
}
