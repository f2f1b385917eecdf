//! What a runtime prints, and what is kept of it.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use camino::Utf8Path;
use coalmine::{
    artifacts::Artifacts,
    deploy::LogTail,
    fuzzing::{stream_evidence, write_evidence},
};

use crate::text::{parts, pieces};

const REDACTED: &[u8] = b"[redacted]";

/// A file in memory.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Logs output, however it is cut.
pub(crate) fn log(input: &[u8]) {
    let logged = |pieces: &[&[u8]]| {
        let out = Shared::default();
        let log = LogTail::new(Box::new(out.clone()));
        pieces.iter().for_each(|piece| log.push(piece));
        assert_eq!(*out.0.lock().expect("no panic"), input, "all output is written down");
        log.lines()
    };
    let lines = logged(&[input]);
    assert_eq!(lines, logged(&pieces(input)), "the pieces of the output do not matter");
    assert!(lines.len() <= 200 && lines.iter().all(|line| line.len() <= 3 * (4 << 10)));
}

/// Writes evidence. The lines of the first part are secrets; what is written of the others holds none of
/// them, in whatever pieces it comes.
pub(crate) fn redaction(input: &[u8]) {
    let mut parts = parts(input).into_iter();
    let secrets = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let secrets: Vec<String> = secrets.lines().filter(|line| line.len() >= 4).map(str::to_owned).collect();
    let content = parts.collect::<Vec<_>>().concat();
    let folder = tempfile::tempdir().expect("a folder");
    let root = Utf8Path::from_path(folder.path()).expect("a path in UTF-8");
    let artifacts = Artifacts::create(root, secrets.clone()).expect("a folder");
    assert_eq!(write_evidence(&artifacts, "whole", &content).as_deref(), Some("whole"));
    let mut stream = stream_evidence(&artifacts, "pieces").expect("a file");
    for piece in pieces(&content) {
        stream.write_all(piece).expect("written");
    }
    drop(stream);
    let read = |name: &str| std::fs::read(root.join(name)).expect("a file");
    let whole = read("whole");
    assert!(whole.len() <= content.len() * (1 + REDACTED.len()));
    for written in [whole, read("pieces")] {
        for piece in split(&written) {
            let found = secrets.iter().find(|secret| holds(piece, secret.as_bytes()));
            assert_eq!(found, None, "{}", String::from_utf8_lossy(&written));
        }
    }
}

/// Returns what is between the places that were redacted.
fn split(written: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut rest) = (vec![], written);
    while let Some(at) = rest.windows(REDACTED.len()).position(|window| window == REDACTED) {
        pieces.push(&rest[..at]);
        rest = &rest[at + REDACTED.len()..];
    }
    pieces.push(rest);
    pieces
}

fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
