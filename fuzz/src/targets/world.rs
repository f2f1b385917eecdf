//! What a runtime sends to the world. An input is a sequence of HTTP requests, separated by lines `====`.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use coalmine_world::{
    CallKind, Callers, JournalPosition, Limits, Peer, PeerRule, Timeouts, World, WorldConfig,
    model::{CallRule, Rule, SimulatedModel},
};
use regex::Regex;
use serde_json::Value;

use crate::{
    requests::{Response, send},
    text::parts,
};

/// The largest number of requests in an input.
const MAX_REQUESTS: usize = 8;
/// The longest response to a short request, in bytes.
const MAX_RESPONSE: usize = 8 << 20;
/// How long the world waits for what will never come.
const IMPATIENCE: Duration = Duration::from_millis(100);
/// The token of the control plane.
const TOKEN: &str = "token-5f0c1f0e7c1e";
/// What only who has the token may read.
const KEPT: &str = "Kept-7777";

/// The shape of what the rules recall.
static FACT: LazyLock<Regex> = LazyLock::new(|| Regex::new("[A-Z][a-z]{3}-[0-9]{4}").expect("a pattern"));

/// A model that recalls, and calls tools. Compiling it takes longer than a request.
static MODEL: LazyLock<SimulatedModel> = LazyLock::new(|| {
    let rule = |when: &str, recall: &str, reply: &str| Rule {
        when: when.into(),
        recall: Some(format!("{recall} is (?<fact>[A-Z][a-z]{{3}}-[0-9]{{4}})")),
        reply: reply.into(),
        otherwise: Some("I don't know.".into()),
        ..Rule::default()
    };
    let call = |role: &str, with: &str| {
        Some(CallRule { role: role.into(), with: with.into(), ..CallRule::default() })
    };
    let rules = [
        rule("what is my name", "name", "Your name is {fact}."),
        Rule {
            call: call("memory-read", "color"),
            ..rule("what is my color", "color", "Your color is {fact}.")
        },
        Rule {
            call: call("memory-write", "The plate is {fact}."),
            ..rule("remember my plate", "plate", "I will.")
        },
        rule("what is the code", "code", "The code is {fact}."),
    ];
    let roles = [("memory-read", "recall"), ("memory-write", "commit")];
    let roles = roles.map(|(role, name)| (role.to_owned(), name.into()));
    SimulatedModel::new(rules, &roles.into()).expect("valid rules")
});

fn world(model: SimulatedModel, lenient: bool) -> Arc<World> {
    World::new(WorldConfig {
        token: TOKEN.into(),
        model,
        journal: Box::new(std::io::sink()),
        model_fault: None,
        lenient,
        recall_pause: Duration::ZERO,
        limits: Limits::default(),
        callers: Callers::Anyone,
        journal_open: false,
        timeouts: Timeouts { head: IMPATIENCE, body: IMPATIENCE, discard: IMPATIENCE },
    })
}

/// Sends requests to the model provider, in the order of the input.
///
/// An answer holds no fact that is not in its prompt, and what a strict provider answers, a lenient one does
/// too.
pub(crate) fn provider(input: &[u8]) {
    let (strict, lenient) = (world(MODEL.clone(), false), world(MODEL.clone(), true));
    for request in parts(input).into_iter().take(MAX_REQUESTS) {
        let response = send(&strict, request);
        check(&response);
        let tolerated = send(&lenient, request);
        check(&tolerated);
        if response.status == Some(200) {
            assert_eq!(tolerated.status, Some(200), "refused only by the lenient provider");
        }
    }
    for world in [strict, lenient] {
        for call in world.calls_since(JournalPosition::default()) {
            let (Some(prompt), Some(answer)) = (&call.content.prompt, &call.content.answer) else { continue };
            let known = format!("{prompt:?}");
            let answered = format!("{answer:?}");
            for fact in FACT.find_iter(&answered) {
                assert!(known.contains(fact.as_str()), "{} is invented: {answered}", fact.as_str());
            }
        }
    }
}

/// Sends requests to the control plane. Without its token, nothing that is kept there can be read.
pub(crate) fn control(input: &[u8]) {
    let world = world(SimulatedModel::default(), false);
    let commit = format!(
        "POST /workspaces/w1/memories HTTP/1.1\nauthorization: Bearer {TOKEN}\n\n{{\"content\": \"{KEPT}\"}}"
    );
    assert_eq!(send(&world, commit.as_bytes()).status, Some(201));
    world.upload("w1", "kept.txt", KEPT.into()).expect("room for an upload");
    let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    let is_known = holds(input, TOKEN) || holds(input, KEPT);
    let mut issued = 0;
    for request in parts(input).into_iter().take(MAX_REQUESTS) {
        let response = send(&world, request);
        check(&response);
        if !is_known {
            assert!(!holds(&response.body, KEPT), "{response:?}");
            issued += usize::from(holds(&response.body, TOKEN));
        }
    }
    assert!(issued <= 1, "the token is issued once");
    let kinds = world.calls_since(JournalPosition::default());
    assert!(kinds.iter().all(|call| call.path.len() <= 1_000));
}

/// Sends requests to peers, which are A2A servers.
pub(crate) fn peers(input: &[u8]) {
    let world = world(SimulatedModel::default(), false);
    let rules = vec![PeerRule { when: "rain".into(), reply: "It rains in Tepuz-4305.".into() }];
    let peer = Peer { id: "weather".into(), name: "The weather".into(), rules, ..Peer::default() };
    world.add_peers([peer]).expect("a valid peer");
    for request in parts(input).into_iter().take(MAX_REQUESTS) {
        check(&send(&world, request));
    }
    for call in world.peer_calls_since(JournalPosition::default()) {
        let Some(inquiry) = &call.content.peer else { continue };
        assert!(matches!(call.kind, CallKind::Peer | CallKind::Control));
        assert!(inquiry.text.len() <= 100_000 && inquiry.everything.len() <= 100_000);
    }
}

/// Checks that there is a response, that it is bounded, and that what it calls JSON is JSON.
fn check(response: &Response) {
    assert!(response.body.len() <= MAX_RESPONSE, "a response of {} bytes", response.body.len());
    let Some(status) = response.status else { return };
    assert!((200..600).contains(&status), "{}", response.head);
    assert_ne!(status, 500, "{}", String::from_utf8_lossy(&response.body));
    let is_whole =
        response.head.contains("content-type: application/json") && !response.head.contains("chunked");
    if is_whole && !response.body.is_empty() {
        let body: Result<Value, _> = serde_json::from_slice(&response.body);
        assert!(body.is_ok(), "{body:?}: {}", String::from_utf8_lossy(&response.body));
    }
}
