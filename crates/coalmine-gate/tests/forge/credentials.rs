//! Where the token goes, and where it does not.

use coalmine_forge_standin::{ADMIN, Fault};
use coalmine_gate::forge::{ErrorKind, ForgeKind, Token};

use crate::support::{VERSIONS, admin, client, gitea, hermes};

#[tokio::test]
async fn token_is_in_no_message_and_no_url() {
    let running = gitea("1.23.6").serve();
    let forge = admin(&running);
    let token = Token::new(&format!(" {ADMIN}\n")).unwrap();
    let mut texts = vec![format!("{token:?}"), format!("{forge:?}"), format!("{:#?}", forge)];
    for fault in [Fault::Down, Fault::Html, Fault::Status(500), Fault::Nonsense, Fault::Redirect] {
        running.fail(fault);
        let error = forge.repository(&hermes()).await.unwrap_err();
        texts.push(format!("{error} {error:?} {}", error.hint()));
        running.mend();
    }
    let asked = running.asked();
    assert!(asked.iter().all(|asked| asked.authorized && !asked.path.contains(ADMIN)));
    assert!(texts.iter().all(|text| !text.contains(ADMIN)), "{texts:?}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let running = gitea("1.23.6").serve();
    running.fail(Fault::Redirect);
    let error = admin(&running).repository(&hermes()).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Redirected, "/elsewhere"));
    assert_eq!(running.asked().len(), 1);
}

#[tokio::test]
async fn missing_and_wrong_tokens_are_distinguished() {
    for version in VERSIONS {
        let running = gitea(version).serve();
        let error = client(&running, ForgeKind::Gitea, None).whoami().await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unauthorized, "token is required"));
        let error = client(&running, ForgeKind::Gitea, Some("wrong")).whoami().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthorized);
        assert_eq!(error.message, "user does not exist [uid: 0, name: ]");
    }
}

#[test]
fn token_without_text_is_none() {
    assert!(Token::new(" \n").is_none());
}

#[test]
fn token_that_no_header_can_hold_is_refused() {
    use coalmine_gate::forge::{Forge, Options};
    let token = Token::new("secret\u{7}bell").unwrap();
    let url = "https://forge.example/".parse().unwrap();
    let error = Forge::new(ForgeKind::GitHub, &url, Some(&token), Options::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
}
