//! Pull requests and their comments.

use coalmine_forge_standin::{Fault, READER, WRITER};
use coalmine_gate::forge::{ErrorKind, ForgeKind, NewPull, PullFilter, PullState};

use crate::support::{VERSIONS, admin, client, gitea, hermes};

fn gate() -> NewPull {
    NewPull {
        head: "gate/one".to_owned(),
        base: "main".to_owned(),
        title: "Session continuity gate".to_owned(),
        body: "text".to_owned(),
    }
}

#[tokio::test]
async fn pull_requests_come_newest_first() {
    for version in VERSIONS {
        let running = gitea(version)
            .at("2026-11-03T10:00:00Z")
            .pull("one")
            .merged()
            .pull("two")
            .closed()
            .pull("three")
            .draft()
            .titled("a\u{1b}[31mred")
            .pull("four")
            .from_fork("eve/hermes")
            .serve();
        let forge = client(&running, ForgeKind::Gitea, Some(READER));
        let all = forge.pulls(&hermes(), PullFilter::All, 10).await.unwrap();
        let numbers: Vec<_> = all.iter().map(|pull| pull.number).collect();
        assert_eq!(numbers, [4, 3, 2, 1]);
        let [four, three, two, one] = all.as_slice() else { panic!("four of them") };
        assert!(one.merged && one.state == PullState::Closed && one.closed.is_some());
        assert!(!two.merged && two.state == PullState::Closed);
        assert!(three.draft && three.state == PullState::Open && three.closed.is_none());
        assert_eq!(three.title, "a\u{1b}[31mred", "raw, as the forge sent it");
        assert_eq!(four.head_repository.as_deref(), Some("eve/hermes"));
        assert_eq!((one.head_ref.as_str(), one.base_ref.as_str()), ("one", "main"));
        assert_eq!(one.head.len(), 40, "the head outlives its branch");
        assert!(one.created.unwrap() < two.created.unwrap());
        assert_eq!(forge.branch(&hermes(), "one").await.unwrap(), None);
        let open = forge.pulls(&hermes(), PullFilter::Open, 10).await.unwrap();
        assert_eq!(open.len(), 2);
        assert_eq!(forge.pulls(&hermes(), PullFilter::Closed, 10).await.unwrap().len(), 2);
        assert_eq!(forge.pulls(&hermes(), PullFilter::All, 3).await.unwrap()[2].number, 2);
        assert_eq!(forge.pull(&hermes(), 2).await.unwrap(), *two);
        assert!(forge.pull(&hermes(), 5).await.unwrap_err().is_missing());
    }
}

#[tokio::test]
async fn many_pull_requests_are_paged() {
    for version in VERSIONS {
        let running = (0..120).fold(gitea(version), |forge, n| forge.pull(&format!("b{n}"))).serve();
        let forge = admin(&running);
        let newest = forge.pulls(&hermes(), PullFilter::All, 70).await.unwrap();
        let numbers: Vec<_> = newest.iter().map(|pull| pull.number).collect();
        assert_eq!(numbers, (51..=120).rev().collect::<Vec<_>>());
        assert_eq!(running.asked().len(), 2);
        assert_eq!(forge.pulls(&hermes(), PullFilter::All, 1000).await.unwrap().len(), 120);
        assert!(forge.pulls(&hermes(), PullFilter::All, 0).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn commits_of_a_pull_request_are_those_of_its_branch() {
    for version in VERSIONS {
        let standin = gitea(version).file("other", "o", "o");
        let standin = (0..60).fold(standin, |forge, n| forge.file("change", "a", format!("{n}")));
        let running = standin.pull("change").serve();
        let forge = client(&running, ForgeKind::Gitea, Some(READER));
        let commits = forge.pull_commits(&hermes(), 1).await.unwrap();
        assert_eq!(commits.len(), 60);
        assert!(commits.contains(&forge.pull(&hermes(), 1).await.unwrap().head));
        let main = forge.branch(&hermes(), "main").await.unwrap().unwrap().head;
        assert!(!commits.contains(&main));
        assert!(forge.pull_commits(&hermes(), 2).await.unwrap_err().is_missing());
    }
}

#[tokio::test]
async fn pull_request_is_opened_once() {
    for version in VERSIONS {
        let running = gitea(version).file("gate/one", "a", "a").serve();
        let forge = client(&running, ForgeKind::Gitea, Some(WRITER));
        let first = forge.open_pull(&hermes(), &gate()).await.unwrap();
        assert!(first.created);
        assert_eq!((first.pull.number, first.pull.author.as_str()), (1, "author"));
        let second = forge.open_pull(&hermes(), &gate()).await.unwrap();
        assert!(!second.created);
        assert_eq!(second.pull, first.pull);
        assert_eq!(running.written().len(), 1);
        forge.close_pull(&hermes(), 1).await.unwrap();
        let third = forge.open_pull(&hermes(), &gate()).await.unwrap();
        assert!(third.created, "a closed one does not count");
        assert_eq!(third.pull.number, 2);
        let fourth = forge.open_pull(&hermes(), &gate()).await.unwrap();
        assert!(!fourth.created, "the forge refuses a second one, so it is searched for");
        assert_eq!(fourth.pull, third.pull);
    }
}

#[tokio::test]
async fn pull_request_needs_its_branch() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let error = admin(&running).open_pull(&hermes(), &gate()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Missing);
        assert_eq!(error.call.to_string(), "POST /api/v1/repos/acme/hermes/pulls");
    }
}

#[tokio::test]
async fn fork_does_not_pass_for_ours() {
    let running = gitea("1.23.6").file("gate/one", "a", "a").pull("gate/one").from_fork("eve/hermes").serve();
    let opened = admin(&running).open_pull(&hermes(), &gate()).await.unwrap();
    assert!(opened.created);
    assert_eq!(opened.pull.head_repository.as_deref(), Some("acme/hermes"));
}

#[tokio::test]
async fn closing_leaves_closed_ones_alone() {
    for version in VERSIONS {
        let running = gitea(version).pull("one").merged().pull("two").serve();
        let forge = client(&running, ForgeKind::Gitea, Some(WRITER));
        assert!(forge.close_pull(&hermes(), 1).await.unwrap().merged);
        assert_eq!(running.written(), []);
        let two = forge.close_pull(&hermes(), 2).await.unwrap();
        assert_eq!((two.state, two.merged), (PullState::Closed, false));
        forge.close_pull(&hermes(), 2).await.unwrap();
        assert_eq!(running.written().len(), 1);
        let reader = client(&running, ForgeKind::Gitea, Some(READER));
        running.change(|forge| forge.pull("three"));
        assert_eq!(reader.close_pull(&hermes(), 3).await.unwrap_err().kind, ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn comment_is_found_by_its_author_and_edited() {
    for version in VERSIONS {
        let running = gitea(version).pull("one").comment("author", "<!-- gate -->\nforged").serve();
        let bot = client(&running, ForgeKind::Gitea, Some(READER));
        let own = bot.create_comment(&hermes(), 1, "<!-- gate -->\nred").await.unwrap();
        assert_eq!((own.author.as_str(), own.body.as_str()), ("bot", "<!-- gate -->\nred"));
        let comments = bot.comments(&hermes(), 1).await.unwrap();
        let authors: Vec<_> = comments.iter().map(|comment| comment.author.as_str()).collect();
        assert_eq!(authors, ["author", "bot"]);
        let edited = bot.edit_comment(&hermes(), own.id, "green").await.unwrap();
        assert_eq!((edited.id, edited.body.as_str()), (own.id, "green"));
        assert_eq!(bot.comments(&hermes(), 1).await.unwrap()[1], edited);
        let error = bot.edit_comment(&hermes(), comments[0].id, "mine").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden);
        let writer = client(&running, ForgeKind::Gitea, Some(WRITER));
        writer.edit_comment(&hermes(), own.id, "anybody's").await.unwrap();
        assert!(bot.comments(&hermes(), 2).await.unwrap_err().is_missing());
        assert!(bot.create_comment(&hermes(), 2, "x").await.unwrap_err().is_missing());
        assert!(bot.edit_comment(&hermes(), 999, "x").await.unwrap_err().is_missing());
    }
}

#[tokio::test]
async fn comments_need_not_be_complete() {
    let running = (0..3).fold(gitea("1.22.6").pull("one"), |forge, _| forge.comment("bot", "x")).serve();
    running.fail(Fault::ShortList);
    assert_eq!(admin(&running).comments(&hermes(), 1).await.unwrap().len(), 2);
}

#[tokio::test]
async fn many_comments_on_one_page_count_once() {
    let running = (0..120).fold(gitea("1.22.6").pull("one"), |forge, _| forge.comment("bot", "x")).serve();
    assert_eq!(admin(&running).comments(&hermes(), 1).await.unwrap().len(), 120);
    assert_eq!(running.asked().len(), 1);
}
