//! Secrets that may stand nowhere, in whatever form.

use aho_corasick::AhoCorasick;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use camino::Utf8Path;
use fs_err as fs;

use super::{place::Place, subject::Measured, truth::Expected};
use crate::failure::Failure;

/// The secret that the runtime is given with `--secret-env`. It differs from its forms in URLs, JSON and base64.
pub(super) const SECRET: &str = "Quartz/8+w\"Fjord 3&Vex?Nymph";
/// What the caller of coalmine has in its environment, and the runtime must not get.
pub(super) const CALLERS: [(&str, &str); 6] = [
    ("GITHUB_TOKEN", "callers-token-Waltz91"),
    ("GITHUB_ENV", "/nonexistent/callers-file-Waltz92"),
    ("DATABASE_URL", "callers-database-Waltz93"),
    ("SSH_AUTH_SOCK", "/nonexistent/callers-socket-Waltz94"),
    ("VAULT_PASS", "callers-pass-Waltz95"),
    ("LD_PRELOAD_OF_MINE", "callers-preload-Waltz96"),
];
/// The content of files that only a link leads to.
const BEHIND_LINKS: [&str; 2] = ["behind-the-link-Waltz97", "root:*:"];
/// The longest piece of a file that is searched at once.
const PIECE: usize = 16 << 20;

/// Returns where secrets stand in the folder of the run, in the output, and in what the runtime was given.
pub(super) fn found(place: &Place, expected: &Expected, measured: &Measured) -> Result<Vec<String>, Failure> {
    let noted = fs::read_to_string(place.own("secrets")).unwrap_or_default();
    let secrets = noted.lines().chain([SECRET]).flat_map(forms);
    let plain = CALLERS
        .iter()
        .map(|(_, value)| *value)
        .chain(BEHIND_LINKS)
        .chain(expected.lacks.iter().map(String::as_str));
    let search = Search::new(secrets.chain(plain.map(str::to_owned)).collect())?;
    let mut found = vec![];
    for (name, text) in [("stdout", &measured.stdout), ("stderr", &measured.stderr)] {
        search.look(name, text, &mut found);
    }
    let given = fs::read(place.own("environment")).unwrap_or_default();
    Search::new(CALLERS.iter().map(|(_, value)| (*value).to_owned()).collect())?.look(
        "environment",
        &given,
        &mut found,
    );
    // what was sent to another port of the attack's may hold no credentials
    search.look("caught", &fs::read(place.own("caught")).unwrap_or_default(), &mut found);
    search.look_into(&place.out(), &mut found)?;
    Ok(found)
}

/// Texts that are searched for, in any case.
struct Search {
    texts: Vec<String>,
    search: AhoCorasick,
}

impl Search {
    fn new(texts: Vec<String>) -> Result<Self, Failure> {
        let search = AhoCorasick::builder().ascii_case_insensitive(true).build(&texts);
        let search = search.map_err(|error| Failure::new("could not search for secrets").because(error))?;
        Ok(Self { texts, search })
    }

    /// Adds the first secret in a text.
    fn look(&self, name: &str, text: &[u8], found: &mut Vec<String>) {
        if let Some(hit) = self.search.find(text) {
            let text = self.texts.get(hit.pattern().as_usize()).map_or("", String::as_str);
            found.push(format!("{name} holds `{text}`"));
        }
    }

    /// Looks into all files below a folder. Links are not followed.
    fn look_into(&self, folder: &Utf8Path, found: &mut Vec<String>) -> Result<(), Failure> {
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
                let kind = fs::symlink_metadata(entry.path())?.file_type();
                self.look("a file name", entry.file_name().as_bytes(), found);
                if kind.is_dir() {
                    open.push(entry.into_path());
                } else if kind.is_file() {
                    let bytes = fs::read(entry.path())?;
                    for piece in bytes.chunks(PIECE) {
                        self.look(entry.file_name(), piece, found);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Returns how a secret may be written. The search itself ignores the case.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let each = |write: fn(&u8) -> String| bytes.iter().map(write).collect::<String>();
    let json = serde_json::Value::from(secret).to_string();
    let mut forms =
        vec![
            secret.to_owned(),
            json.trim_matches('"').to_owned(),
            each(|byte| format!("{byte:02x}")),
            each(|byte| format!("%{byte:02x}")),
            each(|byte| format!("\\u{byte:04x}")),
            each(|byte| {
                if byte.is_ascii_alphanumeric() { char::from(*byte).into() } else { format!("%{byte:02x}") }
            }),
        ];
    for before in 0..3 {
        let encoded = BASE64_STANDARD_NO_PAD.encode([&b"\0\0"[..before], bytes].concat());
        // what also depends on the bytes around it
        let inner = encoded.get(before + 1..encoded.len() - 2).unwrap_or_default();
        forms.extend([inner.to_owned(), inner.replace('+', "-").replace('/', "_")]);
    }
    forms.sort();
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str) -> Vec<String> {
        let mut found = vec![];
        Search::new(forms(SECRET)).unwrap().look("text", text.as_bytes(), &mut found);
        found
    }

    #[test]
    fn secret_is_found_in_every_form() {
        for text in [
            SECRET.to_uppercase(),
            serde_json::Value::from(SECRET).to_string(),
            BASE64_STANDARD_NO_PAD.encode(format!("a{SECRET}b")),
            BASE64_STANDARD_NO_PAD.encode(format!("user:{SECRET}")),
            "Quartz%2F8%2Bw%22Fjord%203%26Vex%3FNymph".to_owned(),
        ] {
            assert_eq!(search(&format!("x{text}y")).len(), 1, "{text}");
        }
        assert_eq!(search("Quartz and a fjord"), [""; 0]);
    }
}
