//! The envelope to the byte, and what is made of any response.

use proptest::prelude::*;

use super::*;
use crate::{Endpoint, HistoryEntry, Limits, Outgoing, Part};

fn endpoint(dialect: Dialect) -> Endpoint {
    let url = "http://127.0.0.1/rpc".parse().unwrap();
    Endpoint { url, binding: JSON_RPC, dialect, tenant: Some("tenant-7".into()) }
}

fn body(dialect: Dialect, ask: Ask<'_>, id: &str) -> String {
    let endpoint = endpoint(dialect);
    let call = WireCall { endpoint: &endpoint, ask, id, limits: Limits::default() };
    String::from_utf8(JSON_RPC.request(&call).body.to_vec()).unwrap()
}

fn text(message_id: &str, text: &str) -> Outgoing {
    Outgoing {
        message_id: message_id.into(),
        context_id: None,
        task_id: None,
        reference_task_ids: vec![],
        parts: vec![Part::Text(text.into())],
        history: vec![],
    }
}

fn read(body: &[u8]) -> (Result<Value, WireError>, Vec<Drift>) {
    let endpoint = endpoint(Dialect::V1_0);
    let call = WireCall { endpoint: &endpoint, ask: Ask::Task("t"), id: "id", limits: Limits::default() };
    let mut view = View::default();
    (read_result(&call, body, &mut view), view.drift)
}

#[test]
fn writes_the_platforms_envelope_to_the_byte() {
    let outgoing = Outgoing {
        context_id: Some("5f0c1f0e-7c1e-4a58-9a4e-0d6a2f7b9c11".into()),
        parts: vec![
            Part::Text("summarize this".into()),
            Part::Bytes {
                name: "canary-doc-91ab02ff.txt".into(),
                mime: "text/plain".into(),
                bytes: b"Quarterly review.".to_vec(),
            },
        ],
        ..text("canary-4b1f6a2c9d0e", "")
    };
    let recorded = include_str!("../../../tests/fixtures/message-send.json");
    assert_eq!(body(Dialect::V0_3, Ask::Send(&outgoing), &outgoing.message_id), recorded.trim_end());
}

#[test]
fn writes_tasks_and_history_in_their_places() {
    let outgoing = Outgoing {
        context_id: Some("c".into()),
        task_id: Some("t".into()),
        reference_task_ids: vec!["t0".into()],
        history: vec![HistoryEntry { by_agent: true, text: "Noted.".into() }],
        ..text("m", "hi")
    };
    assert_eq!(
        body(Dialect::V0_3, Ask::Send(&outgoing), "m"),
        concat!(
            r#"{"jsonrpc":"2.0","id":"m","method":"message/send","params":{"message":{"role":"user","#,
            r#""messageId":"m","kind":"message","contextId":"c","taskId":"t","referenceTaskIds":["t0"],"#,
            r#""parts":[{"kind":"text","text":"hi"}]},"configuration":{"acceptedOutputModes":["text/plain"],"blocking":true},"#,
            r#""metadata":{"history":[{"role":"agent","parts":[{"kind":"text","text":"Noted."}]}]}}}"#
        )
    );
}

#[test]
fn names_a_task_by_its_id() {
    for (ask, method) in [
        (Ask::Task("t\""), "tasks/get"),
        (Ask::Cancel("t\""), "tasks/cancel"),
        (Ask::Resubscribe("t\""), "tasks/resubscribe"),
    ] {
        let expected = format!(r#"{{"jsonrpc":"2.0","id":"i","method":"{method}","params":{{"id":"t\""}}}}"#);
        assert_eq!(body(Dialect::V0_3, ask, "i"), expected);
    }
}

#[test]
fn a_stream_does_not_block() {
    assert_eq!(
        body(Dialect::V0_3, Ask::Stream(&text("i", "hi")), "i"),
        concat!(
            r#"{"jsonrpc":"2.0","id":"i","method":"message/stream","params":{"message":{"role":"user","#,
            r#""messageId":"i","kind":"message","parts":[{"kind":"text","text":"hi"}]},"#,
            r#""configuration":{"acceptedOutputModes":["text/plain"]}}}"#
        )
    );
}

#[test]
fn an_error_outranks_everything_else() {
    let body =
        br#"{"jsonrpc":"2.0","id":"x","result":{},"error":{"code":-32601,"message":"Method not found"}}"#;
    let (result, drift) = read(body);
    let error = result.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::MethodNotFound));
    assert_eq!(error.to_string(), "JSON-RPC error -32601: Method not found");
    assert!(error.refuses_dialect());
    assert_eq!(drift, []);
}

#[test]
fn notes_a_foreign_id_and_a_missing_version() {
    let (result, drift) = read(br#"{"id":"other","result":{}}"#);
    assert_eq!((result, drift), (Ok(json!({})), vec![Drift::NoJsonRpc, Drift::ResponseId]));
}

#[test]
fn groups_codes_as_the_specification_does() {
    let codes = |holds: fn(Refusal) -> bool| -> Vec<i64> {
        (-32800..=-31900).chain([0, 1, 500]).filter(|code| holds(refusal(*code))).collect()
    };
    let specified: Vec<i64> = [-32700].into_iter().chain(-32602..=-32600).chain(-32009..=-32001).collect();
    assert_eq!(codes(Refusal::is_specified), specified);
    let content: Vec<i64> = [-32602, -32600].into_iter().chain(-32009..=-32000).collect();
    assert_eq!(codes(Refusal::rejects_content), content);
    assert_eq!(codes(Refusal::declines_operation), [-32601, -32004, -32002]);
}

#[test]
fn a_status_is_the_error_unless_the_body_is_an_envelope() {
    let endpoint = endpoint(Dialect::V1_0);
    let call = WireCall { endpoint: &endpoint, ask: Ask::Task("t"), id: "id", limits: Limits::default() };
    let answer =
        |status, body: &str| JSON_RPC.read_answer(&call, status, body.as_bytes(), &mut View::default());
    assert_eq!(answer(500, "{}"), Err(WireError::Http { status: 500, body: "{}".into() }));
    assert!(matches!(answer(200, "{}"), Err(WireError::Malformed { .. })));
    let error = r#"{"jsonrpc":"2.0","id":"id","error":{"code":-32001,"message":"gone"}}"#;
    assert_eq!(answer(404, error).unwrap_err().refusal(), Some(Refusal::NotFound));
    assert_eq!(answer(500, r#"{"jsonrpc":"2.0","id":"id","result":{}}"#), Ok(()));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        status in 100_u16..600,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..256),
            r#"\{"(jsonrpc|id|result|error)":[\[\]{}":,a0-9]{0,40}\}"#.prop_map(String::into_bytes),
            r#"\{"jsonrpc":"2.0","(result|error)":\{"(code|message|task|kind)":(-?[0-9]{1,20}|"[a-z]{0,4}"|\{\})\}\}"#
                .prop_map(String::into_bytes),
        ],
    ) {
        let message = text("m", "hi");
        for dialect in [Dialect::V0_3, Dialect::V1_0] {
            let endpoint = endpoint(dialect);
            for ask in [Ask::Send(&message), Ask::Task("t")] {
                let call = WireCall { endpoint: &endpoint, ask, id: "m", limits: Limits::default() };
                let _ = JSON_RPC.read_answer(&call, status, &body, &mut View::default());
                let _ = JSON_RPC.read_event(&call, &body, &mut View::default());
            }
        }
    }
}
