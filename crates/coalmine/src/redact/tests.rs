use std::{io::Write, time::Instant};

use base64::{Engine, prelude::*};
use proptest::prelude::*;

use super::{Redacting, Redactor};

fn redactor(secrets: &[&str]) -> Redactor {
    Redactor::new(&secrets.iter().map(|secret| (*secret).to_owned()).collect::<Vec<_>>())
}

fn redact(text: &str, secrets: &[&str]) -> String {
    let whole = redactor(secrets).evidence(text.as_bytes(), usize::MAX);
    assert_eq!(written(&redactor(secrets), [text.as_bytes()]), whole, "the writer differs");
    String::from_utf8(whole).unwrap()
}

/// Returns what is written in pieces.
fn written<'a>(redactor: &Redactor, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = vec![];
    let mut writer = Redacting::new(&mut out, redactor);
    for piece in pieces {
        writer.write_all(piece).unwrap();
    }
    drop(writer);
    out
}

#[test]
fn secrets_are_redacted() {
    assert_eq!(redact("a tok b tok", &["tok"]), "a [redacted] b [redacted]");
    assert_eq!(redact("it acted", &["acted"]), "it [redacted]");
    assert_eq!(redact("nothing", &["tok", ""]), "nothing");
    assert_eq!(redact("nothing", &[]), "nothing");
    assert_eq!(redact("toktok", &["tok"]), "[redacted][redacted]");
    assert_eq!(redact("abcdef", &["abcd", "cdef"]), "[redacted]");
    assert_eq!(redact("x abc y abcdef z", &["abc", "abcdef"]), "x [redacted] y [redacted] z");
}

#[test]
fn secrets_with_escapes_of_their_own_are_redacted() {
    for secret in
        [r"C:\new\table", "a%41b%25", r#"quo"te\"#, "-----KEY-----\nab/c+d==\n-----END-----", r"\u0041\"]
    {
        let json = serde_json::to_string(secret).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        for text in [secret.to_owned(), json, twice] {
            let clean = redact(&format!("<{text}>"), &[secret]);
            assert!(clean.contains("[redacted]") && clean.len() < 24, "{secret:?}: {clean:?}");
        }
    }
}

#[test]
fn what_follows_a_cut_is_not_shown() {
    let secrets = redactor(&["s3cr3t-0123456789"]);
    let cut = |text: &str, max| String::from_utf8(secrets.evidence(text.as_bytes(), max)).unwrap();
    assert_eq!(cut("ab s3cr3t-0123456789", 19), "ab [redacted]");
    assert_eq!(cut("ab s3cr3t-0123456789", 5), "ab s3");
    assert_eq!(cut("ab s3cr3t-0123", 14), "ab s3cr3t-0123", "nothing was cut");
    assert_eq!(secrets.text("ab s3cr3t-0123").as_deref(), Some("ab [redacted]"), "it may have been cut");
    assert_eq!(secrets.text("ab s3cr3"), None);
}

#[test]
fn what_cannot_become_a_secret_is_written_at_once() {
    let secrets = redactor(&["s3cr3t-0123456789"]);
    let mut writer = Redacting::new(vec![], &secrets);
    writer.write_all(b"a line\n").unwrap();
    assert_eq!(writer.inner(), b"a line\n");
    writer.write_all(b"s3cr3t-").unwrap();
    assert_eq!((writer.inner().as_slice(), writer.held()), (&b"a line\n"[..], b"[redacted]".to_vec()));
    writer.write_all(b"no").unwrap();
    assert_eq!(writer.inner(), b"a line\ns3cr3t-no");
}

#[test]
fn chunks_of_a_streamed_reply_are_joined() {
    let event = |text: &str| {
        format!(
            "data: {{\"result\":{{\"artifact\":{{\"parts\":[{{\"kind\": \"text\", \"text\": \"{text}\"}}]}}}}}}\n\n"
        )
    };
    let stream = event("my key: s3c") + &event("r3t-01") + &event(r"\u0032") + &event("345 \\\"end\\\"");
    let clean = redact_evidence(&stream, &["s3cr3t-012345"]);
    let expected = event("my key: [redacted]")
        + &event("[redacted]")
        + &event("[redacted]")
        + &event("[redacted] \\\"end\\\"");
    assert_eq!(clean, expected);
    assert_eq!(redact_evidence(&stream, &["another-one"]), stream);
}

fn redact_evidence(text: &str, secrets: &[&str]) -> String {
    String::from_utf8(redactor(secrets).evidence(text.as_bytes(), usize::MAX)).unwrap()
}

#[test]
fn time_grows_with_the_text_alone() {
    let secrets = redactor(&["0123456789abcdef0123456789abcdef", "another secret"]);
    let time = |text: &[u8]| {
        let began = Instant::now();
        let clean = written(&secrets, [text]);
        (began.elapsed(), clean.len())
    };
    let repeated = b"0123456789abcdef0123456789abcdef ".repeat(60_000);
    let (spent, length) = time(&repeated);
    assert_eq!(length, "[redacted] ".len() * 60_000);
    // two megabytes: a machine that needs seconds for that is busy, one that needs minutes moves the rest for each secret
    assert!(spent.as_secs() < 20, "{spent:?}");
    for hostile in [&b"\\"[..], b"%25", b"0123456789abcdef", b"\\u0030"] {
        let (spent, _) = time(&hostile.repeat(2_000_000 / hostile.len()));
        assert!(spent.as_secs() < 20, "{spent:?}");
    }
}

/// A way to write a text.
fn encoded(text: &str, form: usize) -> String {
    let bytes = text.as_bytes();
    match form {
        0 => text.to_owned(),
        1 => text.to_uppercase(),
        2 => text.to_lowercase(),
        3..6 => {
            let padded = ["", "x", "yz"][form - 3].to_owned() + text;
            BASE64_STANDARD.encode(padded)
        }
        6 => BASE64_URL_SAFE_NO_PAD.encode(format!("user:{text}")),
        7 => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        8 => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        9 => bytes.iter().map(|byte| format!("%{byte:02x}")).collect(),
        10 => bytes.iter().map(|byte| format!("%25{byte:02X}")).collect(),
        11 => text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
        12 => text.replace('/', "\\/").replace('"', "\\\""),
        13 => serde_json::to_string(text).unwrap(),
        14 => serde_json::to_string(&serde_json::to_string(text).unwrap()).unwrap(),
        15 => bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect(),
        16 => text
            .chars()
            .enumerate()
            .map(|(at, c)| match c {
                _ if at % 2 == 0 => format!("\\u{:04X}", u32::from(c)),
                '"' | '\\' => format!("\\{c}"),
                c => c.to_string(),
            })
            .collect(),
        _ => bytes
            .iter()
            .enumerate()
            .map(|(at, byte)| {
                if at % 3 == 0 || *byte == b'\\' {
                    format!("%{byte:02X}")
                } else {
                    char::from(*byte).to_string()
                }
            })
            .collect(),
    }
}

const FORMS: usize = 18;

/// Secrets that share no characters with `[redacted]` at their ends, and no beginning with other text of the tests.
fn secret() -> impl Strategy<Value = String> {
    "[K-Z5-9_+-]{2}[K-Za-z0-9/_\"\\\\+.-]{6,30}[K-Z5-9]{2}"
}

/// Cuts a text at these places.
fn pieces<'a>(text: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    at.extend([0, text.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

proptest! {
    #[test]
    fn no_form_survives_whatever_the_pieces(
        secret in secret(),
        forms in prop::collection::vec(0..FORMS, 1..5),
        around in "[ \n=:;,.]{1,8}",
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let text: String = forms.iter().map(|form| encoded(&secret, *form) + &around).collect();
        let redactor = redactor(&[&secret]);
        let clean = String::from_utf8(written(&redactor, pieces(text.as_bytes(), &cuts))).unwrap();
        prop_assert!(clean.matches("[redacted]").count() >= forms.len(), "{text}\n{clean}");
        for form in 0..FORMS {
            let text = encoded(&secret, form);
            let core = match form {
                // what surrounds base64 shares its outermost characters
                3..7 => &text[4..text.len() - 4],
                _ => text.trim_matches(['"', '\\']),
            };
            prop_assert!(!clean.contains(core), "{core} in {clean}");
        }
        prop_assert_eq!(written(&redactor, [text.as_bytes()]), clean.as_bytes());
        prop_assert_eq!(redactor.text(&text).unwrap(), clean);
    }

    #[test]
    fn text_without_secrets_is_unchanged(
        text in prop::collection::vec(any::<u8>(), 0..200),
        escapes in r#"([a-z]|\\|\\u00|%2|25|"text":|"){0,40}"#,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let secrets = redactor(&["QXZ-never-here-5", "\\\\u004a%25KLM"]);
        let text = [text, escapes.into_bytes()].concat();
        prop_assert_eq!(written(&secrets, pieces(&text, &cuts)), text.clone());
        prop_assert_eq!(secrets.evidence(&text, usize::MAX), text);
    }
}
