//! What a runtime keeps of its sessions.

use coalmine::{deploy::StoreFile, fuzzing::read_sqlite, observe::Store};

use crate::text::parts;

/// Reads a store from an address, from the output of a command, and from files.
pub(crate) fn text(input: &[u8]) {
    check(&Store::from_bytes(input.to_vec()), input.len());
    let files = parts(input).into_iter().enumerate();
    let files: Vec<_> =
        files.map(|(at, part)| StoreFile { path: format!("/s/{at}"), bytes: part.to_vec() }).collect();
    let names = 8 * files.len();
    let store = Store::from_files(files, true);
    check(&store, input.len() + names);
    assert!(store.is_complete());
}

/// Reads a database, and its log if there is a second part.
pub(crate) fn sqlite(input: &[u8]) {
    let names = ["/s/s.db", "/s/s.db-wal"];
    let files = names.into_iter().zip(parts(input));
    let files: Vec<_> =
        files.map(|(path, part)| StoreFile { path: path.into(), bytes: part.to_vec() }).collect();
    if let Store::Read { records, .. } = read_sqlite(&files) {
        let text: usize = records.iter().map(|record| record.text.len()).sum();
        assert!(text <= 64 << 20, "{text} bytes");
    }
}

/// Checks that a store holds what was read and not much more, and that it answers consistently.
fn check(store: &Store, bytes: usize) {
    let Store::Read { records, .. } = store else { return };
    let text: usize = records.iter().map(|record| record.text.len()).sum();
    // invalid bytes become characters of three bytes
    assert!(text <= 4 * bytes + 16, "{text} bytes of {bytes}");
    assert!(records.len() <= bytes + 1);
    assert_eq!(store.holding("").map(|all| all.len()), Some(records.len()));
    for record in records.iter().take(8) {
        let line = record.text.lines().next().unwrap_or_default();
        assert!(store.holds_together(&[line, &record.text]));
    }
}
