//! Questions about servers, repositories, branches and files.

use coalmine_forge_standin::{READER, WRITER};
use coalmine_gate::forge::{EntryKind, ErrorKind, Forge, ForgeKind, Options, RepositoryName};

use crate::support::{CONTEXT, VERSIONS, admin, client, gitea, hermes, impatient, with};

const WORKFLOW: &str = ".gitea/workflows/session-continuity-e2e.yml";

#[tokio::test]
async fn server_says_who_it_is() {
    for (text, kind) in [
        ("1.22.6", ForgeKind::Gitea),
        ("1.23.6", ForgeKind::Gitea),
        ("15.0.0+gitea-1.22.0", ForgeKind::Forgejo),
    ] {
        let running = gitea(text).serve();
        let forge = admin(&running);
        assert_eq!(forge.version().await.unwrap().kind, kind);
        assert_eq!(forge.version().await.unwrap().text, text);
        assert_eq!(running.asked().len(), 1, "the version is asked once");
        assert_eq!(forge.whoami().await.unwrap().login, "keeper");
    }
}

#[tokio::test]
async fn repository_says_what_the_token_may_do() {
    for version in VERSIONS {
        let running = gitea(version).archived().serve();
        let of = |token| client(&running, ForgeKind::Gitea, token);
        let repository = admin(&running).repository(&hermes()).await.unwrap();
        assert_eq!(repository.full_name, "acme/hermes");
        assert_eq!((repository.default_branch.as_str(), repository.archived), ("main", true));
        assert!(repository.can_administer && repository.can_write && repository.can_read);
        let repository = of(Some(WRITER)).repository(&hermes()).await.unwrap();
        assert!(!repository.can_administer && repository.can_write);
        let repository = of(Some(READER)).repository(&hermes()).await.unwrap();
        assert!(!repository.can_write && repository.can_read);
        assert!(!of(None).repository(&hermes()).await.unwrap().can_write);
    }
}

#[tokio::test]
async fn missing_repository_is_an_error() {
    for version in VERSIONS {
        let running = gitea(version).private().user("stranger", "stranger-token").serve();
        let other = "acme/none".parse().unwrap();
        let error = admin(&running).repository(&other).await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::Missing, Some(404)));
        assert_eq!(error.call.to_string(), "GET /api/v1/repos/acme/none");
        assert!(error.to_string().contains("The target couldn't be found."), "{error}");
        let stranger = client(&running, ForgeKind::Gitea, Some("stranger-token"));
        assert!(stranger.repository(&hermes()).await.unwrap_err().is_missing());
        assert!(stranger.branch(&hermes(), "main").await.unwrap_err().is_missing());
        assert!(stranger.read_file(&hermes(), "main", "README.md").await.unwrap_err().is_missing());
    }
}

#[tokio::test]
async fn branch_shows_what_any_reader_sees() {
    for version in VERSIONS {
        let escaped = r"m / j \[x\] (push)";
        let running = gitea(version)
            .file("feature/one", "a", "a")
            .protected("main", &[CONTEXT, escaped])
            .protected_but_off("feature/*", &["c"])
            .serve();
        let forge = client(&running, ForgeKind::Gitea, Some(READER));
        let main = forge.branch(&hermes(), "main").await.unwrap().unwrap();
        assert!(main.protected && main.enforced);
        assert_eq!(main.contexts[0].literal().as_deref(), Some(CONTEXT));
        assert_eq!(main.contexts[1].literal().as_deref(), Some("m / j [x] (push)"));
        let feature = forge.branch(&hermes(), "feature/one").await.unwrap().unwrap();
        assert!(feature.protected && !feature.enforced);
        let heads = running.branches("acme/hermes");
        assert!(heads.contains(&("feature/one".to_owned(), feature.head)));
        assert_eq!(forge.branch(&hermes(), "none").await.unwrap(), None);
    }
}

#[tokio::test]
async fn file_is_read_with_its_blob() {
    for version in VERSIONS {
        let running = gitea(version)
            .file("main", WORKFLOW, "name: a\n")
            .file("change", WORKFLOW, b"\xff\x00 not text")
            .serve();
        let forge = client(&running, ForgeKind::Gitea, Some(READER));
        let main = forge.read_file(&hermes(), "main", WORKFLOW).await.unwrap().unwrap();
        assert_eq!(main.content, b"name: a\n");
        let change = forge.read_file(&hermes(), "change", WORKFLOW).await.unwrap().unwrap();
        assert_eq!(change.content, b"\xff\x00 not text");
        assert_ne!(main.sha, change.sha);
        let head = forge.branch(&hermes(), "change").await.unwrap().unwrap().head;
        assert_eq!(forge.read_file(&hermes(), &head, WORKFLOW).await.unwrap(), Some(change));
    }
}

#[tokio::test]
async fn missing_file_is_not_a_missing_branch() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let forge = admin(&running);
        assert_eq!(forge.read_file(&hermes(), "main", WORKFLOW).await.unwrap(), None);
        assert_eq!(forge.list_folder(&hermes(), "main", ".gitea/workflows").await.unwrap(), None);
        assert!(forge.read_file(&hermes(), "none", WORKFLOW).await.unwrap_err().is_missing());
        assert!(forge.list_folder(&hermes(), "none", ".gitea").await.unwrap_err().is_missing());
    }
}

#[tokio::test]
async fn only_a_file_is_read_as_a_file() {
    for version in VERSIONS {
        let running = gitea(version).symlink("main", "link", "README.md").file("main", "d/x", "x").serve();
        let forge = admin(&running);
        for path in ["link", "d"] {
            let error = forge.read_file(&hermes(), "main", path).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::NotAFile, "{path}");
        }
        let error = forge.list_folder(&hermes(), "main", "README.md").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unexpected);
    }
}

#[tokio::test]
async fn folder_lists_its_entries() {
    for version in VERSIONS {
        let running = gitea(version)
            .file("main", "w/b.yml", "12345")
            .file("main", "w/deep/c.yml", "")
            .symlink("main", "w/l", "b.yml")
            .serve();
        let forge = admin(&running);
        let entries = forge.list_folder(&hermes(), "main", "w").await.unwrap().unwrap();
        let found: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), &entry.kind)).collect();
        assert_eq!(
            found,
            [("b.yml", &EntryKind::File), ("deep", &EntryKind::Folder), ("l", &EntryKind::Symlink)]
        );
        assert_eq!(entries[0].size, 5);
        let root = forge.list_folder(&hermes(), "main", "").await.unwrap().unwrap();
        assert!(root.iter().any(|entry| entry.name == "README.md"));
    }
}

#[tokio::test]
async fn large_file_is_refused() {
    let running = gitea("1.23.6").file("main", "large", vec![b'x'; 2000]).serve();
    let options = Options { max_file: 1000, ..impatient().0 };
    let forge = with(&running, ForgeKind::Gitea, None, options);
    let error = forge.read_file(&hermes(), "main", "large").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
    assert!(forge.read_file(&hermes(), "main", "README.md").await.unwrap().is_some());
}

#[tokio::test]
async fn names_cannot_leave_their_place() {
    for name in ["..", "a/../../b", "a", "a/", "/a", "a/b/c", "a/..", "./b", "a/b?c", "a/b%2f", "a/\u{7}"] {
        assert!(name.parse::<RepositoryName>().is_err(), "{name}");
    }
    let running = gitea("1.23.6").serve();
    let forge = admin(&running);
    for path in ["../../../user", "a/../b", "a//b", "/a", "a/", "./a", "a\nb", "a\0"] {
        let error = forge.read_file(&hermes(), "main", path).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{path:?}");
        assert_eq!(forge.branch(&hermes(), path).await.unwrap_err().kind, ErrorKind::Invalid, "{path:?}");
    }
    assert!(forge.statuses(&hermes(), "main").await.is_err_and(|error| error.kind == ErrorKind::Invalid));
    assert_eq!(running.asked(), [], "nothing was sent");
}

#[tokio::test]
async fn odd_names_arrive_as_they_are() {
    let running = gitea("1.23.6").file("odd?#&%2F é[*]\\/x", "a b/%2e%2e/ü?#&.yml", "found").serve();
    let forge = admin(&running);
    let branch = "odd?#&%2F é[*]\\/x";
    let file = forge.read_file(&hermes(), branch, "a b/%2e%2e/ü?#&.yml").await.unwrap().unwrap();
    assert_eq!(file.content, b"found");
    assert_eq!(forge.branch(&hermes(), branch).await.unwrap().unwrap().name, branch);
}

#[tokio::test]
async fn forge_can_live_under_a_path() {
    let running = gitea("1.22.6").under("/git/a").serve();
    assert_eq!(admin(&running).repository(&hermes()).await.unwrap().full_name, "acme/hermes");
    assert_eq!(running.asked()[0].path, "/git/a/api/v1/repos/acme/hermes");
}

#[tokio::test]
async fn addresses_that_cannot_be_right_are_refused() {
    for url in ["ftp://host/", "https://user:secret@host/", "https://token@host/", "data:text/plain,a"] {
        let made = Forge::new(ForgeKind::Gitea, &url.parse().unwrap(), None, Options::default());
        let error = made.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid, "{url}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}
