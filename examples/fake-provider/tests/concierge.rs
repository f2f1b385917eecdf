//! The concierge, tested against a fake provider.
//!
//! A canned answer would be the same whatever the concierge sends. The model of a [`World`] is grounded: it knows a fact
//! only if the fact is in the prompt, so these tests fail if the concierge loses the conversation on the way.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that fails")]

use std::sync::Arc;

use coalmine_world::{
    Callers, Limits, Timeouts, World, WorldConfig,
    model::{Roles, Rule, SimulatedModel},
    serve,
};
use fake_provider::Concierge;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What the model can do. The first rule whose `when` matches the question answers it.
fn rules() -> Vec<Rule> {
    vec![
        Rule {
            when: "which room".into(),
            recall: Some(r"i am in room (?<room>[0-9]+)".into()),
            reply: "You are in room {room}.".into(),
            otherwise: Some("You have not said which room you are in.".into()),
            ..Rule::default()
        },
        Rule { when: "i am in room".into(), reply: "Welcome!".into(), ..Rule::default() },
    ]
}

/// A provider on a free port of this machine. It ends with the test's runtime.
struct FakeProvider {
    world: Arc<World>,
    base_url: String,
}

impl FakeProvider {
    async fn start() -> Self {
        let world = World::new(WorldConfig {
            token: "unused".into(),
            model: SimulatedModel::new(rules(), &Roles::default()).unwrap(),
            journal: Box::new(std::io::sink()),
            model_fault: None,
            lenient: false,
            recall_pause: std::time::Duration::ZERO,
            journal_open: false,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            callers: Callers::Anyone,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, Arc::clone(&world), CancellationToken::new()));
        Self { world, base_url }
    }

    fn concierge(&self, max_messages: usize) -> Concierge {
        // a second test in the same process finds it installed
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().build().unwrap();
        Concierge::new(http, &self.base_url, max_messages)
    }
}

#[tokio::test]
async fn knows_what_the_guest_said_before() {
    let provider = FakeProvider::start().await;
    let mut concierge = provider.concierge(10);
    assert_eq!(concierge.ask("Hello, I am in room 417.").await.unwrap(), "Welcome!");
    assert_eq!(concierge.ask("Which room am I in?").await.unwrap(), "You are in room 417.");
}

#[tokio::test]
async fn forgets_what_is_cut_from_the_history() {
    let provider = FakeProvider::start().await;
    let mut concierge = provider.concierge(1);
    concierge.ask("Hello, I am in room 417.").await.unwrap();
    let answer = concierge.ask("Which room am I in?").await.unwrap();
    assert_eq!(answer, "You have not said which room you are in.");
}

#[tokio::test]
async fn guests_do_not_share_a_conversation() {
    let provider = FakeProvider::start().await;
    let (mut one, mut other) = (provider.concierge(10), provider.concierge(10));
    one.ask("Hello, I am in room 417.").await.unwrap();
    other.ask("Hello, I am in room 9.").await.unwrap();
    assert_eq!(one.ask("Which room am I in?").await.unwrap(), "You are in room 417.");
    assert_eq!(other.ask("Which room am I in?").await.unwrap(), "You are in room 9.");
}

#[tokio::test]
async fn journal_holds_what_reached_the_model() {
    let provider = FakeProvider::start().await;
    let mut concierge = provider.concierge(2);
    let start = provider.world.journal_position();
    concierge.ask("Hello, I am in room 417.").await.unwrap();
    let second = provider.world.journal_position();
    concierge.ask("Which room am I in?").await.unwrap();

    let calls = provider.world.calls_since(start);
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [200, 200]);
    assert!(calls[0].holds("room 417"));
    // the limit of two messages leaves the question and the answer before it
    let calls = provider.world.calls_since(second);
    assert!(calls[0].holds("Which room am I in?") && calls[0].holds("Welcome!"));
    assert!(!calls[0].holds("room 417"));
}

#[tokio::test]
async fn passes_on_that_the_provider_is_overloaded() {
    let provider = FakeProvider::start().await;
    let mut concierge = provider.concierge(10);
    provider.world.inject_next(["503".parse().unwrap()]);
    let error = concierge.ask("Hello, I am in room 417.").await.unwrap_err();
    assert_eq!(error.status().unwrap(), 503);
}
