//! Commits to new branches, and their end.

use coalmine_forge_standin::{READER, WRITER};
use coalmine_gate::forge::{ErrorKind, FileChange, ForgeKind, NewCommit};

use crate::support::{VERSIONS, admin, client, gitea, hermes};

fn file(path: &str, content: &str, replaces: Option<&str>) -> FileChange {
    FileChange {
        path: path.to_owned(),
        content: content.as_bytes().to_vec(),
        replaces: replaces.map(str::to_owned),
    }
}

fn commit(files: Vec<FileChange>) -> NewCommit {
    NewCommit {
        base: "main".to_owned(),
        branch: "gate/one".to_owned(),
        message: "session continuity gate".to_owned(),
        files,
    }
}

#[tokio::test]
async fn files_are_committed_to_a_new_branch() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let forge = client(&running, ForgeKind::Gitea, Some(WRITER));
        let readme = forge.read_file(&hermes(), "main", "README.md").await.unwrap().unwrap();
        let new = commit(vec![
            file(".gitea/workflows/gate.yml", "name: gate\n", None),
            file("README.md", "# changed\n", Some(&readme.sha)),
        ]);
        let made = forge.commit_files(&hermes(), &new).await.unwrap();
        let branch = forge.branch(&hermes(), "gate/one").await.unwrap().unwrap();
        assert_eq!((branch.head, made.branch.as_str()), (made.sha, "gate/one"));
        let read = |branch, path| running.file("acme/hermes", branch, path);
        assert_eq!(read("gate/one", "README.md").unwrap(), b"# changed\n");
        assert_eq!(read("gate/one", ".gitea/workflows/gate.yml").unwrap(), b"name: gate\n");
        assert_eq!(read("main", "README.md").unwrap(), readme.content, "the base stays as it is");
        assert_eq!(running.written().len(), 1);
    }
}

#[tokio::test]
async fn refused_commit_leaves_no_branch() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let forge = admin(&running);
        let stale = "0".repeat(40);
        let cases = [
            (file("README.md", "x", None), ErrorKind::Refused, "already exists"),
            (file("README.md", "x", Some(&stale)), ErrorKind::Refused, "sha does not match"),
            (file("none", "x", Some(&stale)), ErrorKind::Missing, "does not exist"),
        ];
        for (change, kind, message) in cases {
            let new = commit(vec![file("fine", "x", None), change]);
            let error = forge.commit_files(&hermes(), &new).await.unwrap_err();
            assert_eq!(error.kind, kind, "{error}");
            assert!(error.message.contains(message), "{error}");
            assert_eq!(forge.branch(&hermes(), "gate/one").await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn branch_that_exists_is_not_touched() {
    for version in VERSIONS {
        let running = gitea(version).file("gate/one", "mine", "x").serve();
        let before = running.branches("acme/hermes");
        let error =
            admin(&running).commit_files(&hermes(), &commit(vec![file("a", "a", None)])).await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(422)));
        assert!(error.message.starts_with("branch already exists"), "{error}");
        assert_eq!(running.branches("acme/hermes"), before);
    }
}

#[tokio::test]
async fn commit_that_cannot_be_meant_is_not_sent() {
    let running = gitea("1.23.6").serve();
    let forge = admin(&running);
    let onto_base = NewCommit { branch: "main".to_owned(), ..commit(vec![file("a", "a", None)]) };
    let odd_branch = NewCommit { branch: "../main".to_owned(), ..onto_base.clone() };
    let odd_path = commit(vec![file("../a", "a", None)]);
    for new in [onto_base, odd_branch, odd_path, commit(vec![])] {
        assert_eq!(forge.commit_files(&hermes(), &new).await.unwrap_err().kind, ErrorKind::Invalid);
    }
    assert_eq!(running.asked(), []);
}

#[tokio::test]
async fn reader_cannot_commit() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let forge = client(&running, ForgeKind::Gitea, Some(READER));
        let error = forge.commit_files(&hermes(), &commit(vec![file("a", "a", None)])).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn branch_is_deleted_once() {
    for version in VERSIONS {
        let running = gitea(version).file("gate/one", "a", "a").serve();
        let forge = client(&running, ForgeKind::Gitea, Some(WRITER));
        assert!(forge.delete_branch(&hermes(), "gate/one").await.unwrap());
        assert!(!forge.delete_branch(&hermes(), "gate/one").await.unwrap());
        let error = forge.delete_branch(&hermes(), "main").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden);
        assert_eq!(running.branches("acme/hermes").len(), 1);
    }
}
