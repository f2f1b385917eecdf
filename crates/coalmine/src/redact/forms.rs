//! How a secret may be written.

use std::{collections::BTreeSet, fmt::Write};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};

use super::escape::decoded;

/// The shortest piece of base64 that is searched for. It is what is left of a secret of four bytes.
const MIN_BASE64: usize = 4;

/// A form in which a secret may be written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    pub(super) bytes: Vec<u8>,
    /// Whether upper and lower case differ, as in base64.
    pub(super) exact: bool,
}

/// Returns the forms of a secret: as it is, in upper and lower case, without its escapes, in hexadecimal and in
/// base64.
pub(super) fn forms(secret: &str) -> BTreeSet<Form> {
    let spaced = secret.replace(' ', "+");
    let cased = [secret.to_owned(), secret.to_uppercase(), secret.to_lowercase(), spaced];
    let mut forms = BTreeSet::new();
    let mut add = |bytes: Vec<u8>, exact: bool| {
        let bytes = if exact { bytes } else { bytes.to_ascii_lowercase() };
        if !bytes.is_empty() {
            forms.insert(Form { bytes, exact });
        }
    };
    for text in &cased {
        add(decoded(text.as_bytes()), false);
        add(text.replace('\\', "").into_bytes(), false);
        add(hex(text.as_bytes()), false);
        add(text.clone().into_bytes(), false);
    }
    for text in base64(secret.as_bytes()) {
        add(text.into_bytes(), true);
    }
    forms
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // a string takes everything
        let _ = write!(text, "{byte:02x}");
    }
    text.into_bytes()
}

/// Returns the base64 of a secret in every alignment and alphabet, without the characters that also depend on
/// what stands before and after it.
fn base64(secret: &[u8]) -> Vec<String> {
    let mut all = vec![];
    for before in 0..3 {
        let text = [&vec![0; before], secret].concat();
        // a character holds six bits: those of the bytes before it are left out, and those of the bytes after it
        let (from, to) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text);
            all.extend(encoded.get(from..to).filter(|text| text.len() >= MIN_BASE64).map(str::to_owned));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_whatever_surrounds_it() {
        let secret = b"s3cr3t>?value";
        let forms = base64(secret);
        for before in ["", "u", "me", "user:"] {
            for after in ["", "\n", ":x", "abc"] {
                let text = [before.as_bytes(), secret, after.as_bytes()].concat();
                for encoded in [BASE64_STANDARD_NO_PAD.encode(&text), BASE64_URL_SAFE_NO_PAD.encode(&text)] {
                    let found = forms.iter().find(|form| encoded.contains(*form));
                    assert!(found.is_some_and(|form| form.len() >= 16), "{encoded}");
                }
            }
        }
    }
}
