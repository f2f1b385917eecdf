//! What a runtime answers over A2A.

use bytes::Bytes;
use coalmine::{converse::Ports, fuzzing::endpoints};
use coalmine_a2a::{
    Ask, Card, CardProblem, Dialect, Endpoint, Flow, JSON_RPC, Limits, Outgoing, Part, View, WireCall,
    WireError, fuzzing::read_event_stream, read_json,
};
use url::Url;

use crate::{requests, text::pieces};

/// The longest error message, in bytes: an excerpt has at most 300 characters.
const MAX_MESSAGE: usize = 4_000;

/// Reads an agent card, and finds the addresses behind it.
pub(crate) fn card(input: &[u8]) {
    let Ok(raw) = read_json(input, Limits::default()) else { return };
    let Ok(card) = Card::parse(raw) else { return };
    assert_eq!(card.problems().contains(&CardProblem::NoInterface), card.dialect().is_none());
    let base = Url::parse("http://172.20.0.2:8000/base?x=1").expect("a URL");
    for dialect in [Dialect::V0_3, Dialect::V1_0] {
        for ports in [Ports::Given, Ports::OfTheCard] {
            let found = endpoints(&base, &card, dialect, ports);
            assert!((1..=6).contains(&found.len()));
            for endpoint in found {
                let url = &endpoint.url;
                assert_eq!((url.scheme(), url.host()), (base.scheme(), base.host()), "{url}");
                assert!(ports == Ports::OfTheCard || url.port() == base.port(), "{url}");
                assert!(url.username().is_empty() && url.password().is_none(), "{url}");
            }
        }
    }
}

fn message() -> Outgoing {
    Outgoing {
        message_id: "i".into(),
        context_id: Some("c".into()),
        task_id: None,
        reference_task_ids: vec![],
        parts: vec![Part::Text("What is my name?".into())],
        history: vec![],
    }
}

fn endpoint(dialect: Dialect) -> Endpoint {
    let url = Url::parse("http://127.0.0.1/").expect("a URL");
    Endpoint { url, binding: JSON_RPC, dialect, tenant: None }
}

/// Reads an answer that came in one piece, in both dialects, whatever was asked.
pub(crate) fn reply(input: &[u8]) {
    let message = message();
    for dialect in [Dialect::V0_3, Dialect::V1_0] {
        let endpoint = endpoint(dialect);
        for (ask, status) in [(Ask::Send(&message), 200), (Ask::Task("t"), 500), (Ask::Cancel("t"), 200)] {
            let call = WireCall { endpoint: &endpoint, ask, id: "i", limits: Limits::default() };
            let mut view = View::default();
            if let Err(error) = JSON_RPC.read_answer(&call, status, input, &mut view) {
                check_error(&error);
                continue;
            }
            check_view(&mut view, input);
            // a task that is polled is read again and again
            let mut again = view.clone();
            let _ = JSON_RPC.read_answer(&call, status, input, &mut again);
            assert_eq!((again.state, &again.task_id), (view.state, &view.task_id));
        }
    }
}

/// Reads a stream of events, in both dialects, however it is cut.
pub(crate) fn event_stream(input: &[u8]) {
    for dialect in [Dialect::V0_3, Dialect::V1_0] {
        let (whole, mut view) = read_stream(dialect, &[input]);
        let mut cut = read_stream(dialect, &pieces(input));
        // the moment differs, and whether there was one does not
        assert_eq!(view.said_at.is_some(), cut.1.said_at.is_some());
        cut.1.said_at = view.said_at;
        assert_eq!((&whole, &view), (&cut.0, &cut.1), "the pieces of a stream do not matter");
        if let Err(error) = &whole {
            check_error(error);
        }
        check_view(&mut view, input);
    }
}

fn read_stream(dialect: Dialect, chunks: &[&[u8]]) -> (Result<Flow, WireError>, View) {
    let endpoint = endpoint(dialect);
    let call =
        WireCall { endpoint: &endpoint, ask: Ask::Resubscribe("t"), id: "i", limits: Limits::default() };
    let mut view = View::default();
    let chunks = chunks.iter().map(|chunk| Bytes::copy_from_slice(chunk)).collect();
    let flow = requests::block_on(read_event_stream(call, chunks, &mut view));
    (flow, view)
}

fn check_error(error: &WireError) {
    assert!(error.to_string().len() <= MAX_MESSAGE, "{error}");
}

/// Checks that a view does not hold more than was sent, and that a repetition is recognized.
fn check_view(view: &mut View, input: &[u8]) {
    // invalid bytes of a file become characters of three bytes
    assert!(view.text().len() <= 4 * input.len());
    assert!(view.context_ids.len() <= 64 && view.drift.len() <= 64 && view.artifacts().len() <= 64);
    let text = view.text();
    view.leave_out(&view.artifacts());
    assert!(!view.text().trim().is_empty() || text.trim().is_empty(), "an answer remains");
}
