//! What the client makes of a forge that fails.

use std::time::Duration;

use coalmine_forge_standin::Fault;
use coalmine_gate::forge::{ErrorKind, Forge, ForgeError, ForgeKind, NewPull, Options, PullFilter, Token};

use crate::support::{CONTEXT, admin, gitea, hermes, impatient, with};

/// Returns the error of a read while a fault lasts, and the number of attempts.
async fn failing(fault: Fault) -> (ForgeError, usize) {
    let running = gitea("1.23.6").serve();
    running.fail(fault);
    let forge = with(&running, ForgeKind::Gitea, None, quick());
    let error = forge.repository(&hermes()).await.unwrap_err();
    assert_eq!(error.call.to_string(), "GET /api/v1/repos/acme/hermes");
    (error, running.asked().len())
}

/// Returns options that do not wait, and give an attempt little time.
fn quick() -> Options {
    Options { timeout: Duration::from_millis(300), max_body: 100_000, ..impatient().0 }
}

#[tokio::test]
async fn faults_have_their_kind() {
    let limited = |seconds| ErrorKind::RateLimited { retry_after: Some(Duration::from_secs(seconds)) };
    let expected = [
        (Fault::Down, ErrorKind::Unreachable, 4),
        (Fault::Cut, ErrorKind::Unreachable, 4),
        (Fault::Slow, ErrorKind::Unreachable, 4),
        (Fault::Html, ErrorKind::NotJson, 1),
        (Fault::Truncated, ErrorKind::NotJson, 1),
        (Fault::Nonsense, ErrorKind::Unexpected, 1),
        (Fault::Endless, ErrorKind::TooLarge, 1),
        (Fault::Redirect, ErrorKind::Redirected, 1),
        (Fault::RateLimited(Duration::from_secs(7)), limited(7), 4),
        (Fault::RateLimited(Duration::from_secs(3600)), limited(3600), 1),
        (Fault::RateLimitedSilently, ErrorKind::RateLimited { retry_after: None }, 4),
        (Fault::Status(400), ErrorKind::Refused, 1),
        (Fault::Status(401), ErrorKind::Unauthorized, 1),
        (Fault::Status(403), ErrorKind::Forbidden, 1),
        (Fault::Status(404), ErrorKind::Missing, 1),
        (Fault::Status(405), ErrorKind::Refused, 1),
        (Fault::Status(409), ErrorKind::Conflict, 1),
        (Fault::Status(422), ErrorKind::Refused, 1),
        (Fault::Status(500), ErrorKind::Server, 4),
        (Fault::Status(503), ErrorKind::Server, 4),
    ];
    for (fault, kind, attempts) in expected {
        let (error, made) = failing(fault).await;
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
        assert_eq!(made, attempts, "{fault:?}");
        assert!(!error.hint().is_empty() && !error.message.is_empty(), "{error:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let url = gitea("1.23.6").serve().url().parse().unwrap();
    let forge = Forge::new(ForgeKind::Gitea, &url, Token::new("t").as_ref(), quick()).unwrap();
    let error = forge.version().await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unreachable, None));
    assert!(error.to_string().starts_with("`GET /api/v1/version`: the forge gave no answer: "), "{error}");
}

#[tokio::test]
async fn page_for_people_says_what_it_is() {
    let (error, _) = failing(Fault::Html).await;
    assert!(error.message.contains("text/html"), "{error}");
}

#[tokio::test]
async fn read_is_tried_again() {
    let running = gitea("1.23.6").serve();
    let (options, pauses) = impatient();
    let forge = with(&running, ForgeKind::Gitea, None, options);
    running.fail_times(1, Fault::Status(502));
    running.fail_times(1, Fault::RateLimited(Duration::from_secs(20)));
    running.fail_times(1, Fault::Down);
    assert_eq!(forge.repository(&hermes()).await.unwrap().default_branch, "main");
    let pauses = pauses.lock().unwrap().clone();
    assert_eq!(pauses, [1_000, 20_000, 4_000].map(Duration::from_millis));
    assert_eq!(running.asked().len(), 4);
}

#[tokio::test]
async fn write_is_made_once() {
    for fault in [Fault::Status(502), Fault::RateLimited(Duration::ZERO), Fault::Cut, Fault::Html] {
        let running = gitea("1.23.6").pull("one").serve();
        let forge = with(&running, ForgeKind::Gitea, Some(coalmine_forge_standin::ADMIN), quick());
        running.fail(fault);
        forge.create_comment(&hermes(), 1, "text").await.unwrap_err();
        assert_eq!(running.asked().len(), 1, "{fault:?}");
        running.mend();
        let written = forge.comments(&hermes(), 1).await.unwrap().len();
        assert_eq!(
            written,
            usize::from(fault == Fault::Cut),
            "{fault:?}: the answer was lost, not the write"
        );
    }
}

#[tokio::test]
async fn lost_answer_of_an_open_is_found_the_next_time() {
    let running = gitea("1.23.6").file("gate", "a", "a").serve();
    let forge = admin(&running);
    let new = NewPull {
        head: "gate".to_owned(),
        base: "main".to_owned(),
        title: "t".to_owned(),
        body: String::new(),
    };
    running.fail_times(1, Fault::Status(404));
    running.fail_times(1, Fault::Cut);
    let error = forge.open_pull(&hermes(), &new).await.unwrap_err();
    assert_eq!(error.call.method, "POST");
    assert!(!forge.open_pull(&hermes(), &new).await.unwrap().created);
}

#[tokio::test]
async fn endless_pages_end() {
    let running = gitea("1.23.6").pull("one").serve();
    let options = Options { max_pages: 20, ..impatient().0 };
    let forge = with(&running, ForgeKind::Gitea, None, options);
    let head = forge.pull(&hermes(), 1).await.unwrap().head;
    running.fail(Fault::EndlessPages);
    let error = forge.statuses(&hermes(), &head).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
    assert!(error.message.contains("20 pages"), "{error}");
    assert_eq!(running.asked().len(), 21);
}

#[tokio::test]
async fn message_of_the_forge_is_bounded_and_raw() {
    let running = gitea("1.23.6").serve();
    let odd = format!("acme/{}", "x".repeat(90));
    running.change(|forge| forge.repository(&odd).archived().file("b", "a", "a"));
    let error = admin(&running).delete_branch(&odd.parse().unwrap(), "b").await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Some(423)));
    assert!(error.message.contains("is archived"), "{error}");
    assert!(error.message.chars().count() <= 401);
}

#[tokio::test]
async fn list_of_large_pages_is_too_large() {
    let running = (0..120).fold(gitea("1.23.6"), |forge, n| forge.pull(&format!("b{n}"))).serve();
    let options = Options { max_list: 100_000, ..impatient().0 };
    let forge = with(&running, ForgeKind::Gitea, None, options);
    let error = forge.pulls(&hermes(), PullFilter::All, 1000).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
    assert!(error.message.contains("100000 bytes"), "{error}");
    assert!(running.asked().len() > 1);
}

#[tokio::test]
async fn list_that_lacks_entries_is_an_error() {
    let mut standin = gitea("1.23.6").pull("one");
    for _ in 0..60 {
        standin = standin.status(CONTEXT, "success", "");
    }
    let running = standin.serve();
    let forge = admin(&running);
    let head = forge.pull(&hermes(), 1).await.unwrap().head;
    running.fail(Fault::ShortList);
    let error = forge.statuses(&hermes(), &head).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    running.mend();
    running.fail_times(2, Fault::ShortList);
    assert_eq!(
        forge.statuses(&hermes(), &head).await.unwrap().all().len(),
        60,
        "the second reading is whole"
    );
}
