//! Laws that hold in every dialect.

mod conversation;
mod grounding;
mod request;

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn pieces_add_up_to_the_answer(text in "\\PC{0,40}") {
        prop_assert_eq!(pieces(&text).collect::<String>(), text);
    }

    #[test]
    fn any_bytes_are_parsed_or_refused(body in prop::collection::vec(any::<u8>(), 0..256)) {
        let request = ModelRequest { path: "/v1beta/models/m:generateContent", body: &body };
        for dialect in ALL {
            let _ = dialect.parse(&request, &Violations::new(false));
            let _ = dialect.parse(&request, &Violations::new(true));
        }
    }
}

#[test]
fn reads_files_in_every_form() {
    let inline = file("Y29kZSA0Mg==", Some("a".into()), Some("text/plain".into()));
    assert_eq!((inline.arrived, inline.text.as_str()), (Arrival::Inline, "code 42"));
    assert_eq!((inline.name.as_deref(), inline.mime.as_deref()), (Some("a"), Some("text/plain")));
    let uri = file("data:image/png;base64,Y29kZSA0Mg==", None, Some("text/plain".into()));
    assert_eq!((uri.arrived, uri.mime.as_deref()), (Arrival::DataUri, Some("image/png")));
    let link = file("https://example.invalid/x", None, None);
    assert_eq!(
        (link.arrived, link.bytes, link.text.as_str()),
        (Arrival::Link, 0, "https://example.invalid/x")
    );
    assert_eq!(file("not base64!", None, None).text, "not base64!");
}

#[test]
fn counts_tokens_and_marks_cut_answers() {
    let messages = vec![Message::text(crate::Role::User, "12345")];
    let answer = Answer { text: "1234".into(), calls: vec![] };
    let mut prompt = Prompt { messages, ..Prompt::default() };
    let counts = TokenCounts::of(&prompt, &answer);
    assert_eq!((counts, counts.total()), (TokenCounts { input: 2, output: 1 }, 3));
    assert!(!is_cut(&prompt, &answer));
    prompt.max_tokens = Some(1);
    assert!(is_cut(&prompt, &answer));
    prompt.max_tokens = Some(2);
    assert!(!is_cut(&prompt, &answer));
}
