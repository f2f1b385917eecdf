//! What comes from the disk of a container.

use coalmine::fuzzing::{match_pattern, read_archive};

/// Reads an archive of a container's folder.
pub(crate) fn archive(input: &[u8]) {
    for pattern in ["/state/**", "/state/*.json", "/state/s.db", "/**/session?.json"] {
        let Ok(read) = read_archive(input, pattern) else { continue };
        assert!(read.files.len() <= 1_000);
        let bytes: usize = read.files.iter().map(|file| file.bytes.len()).sum();
        assert!(bytes <= input.len(), "{bytes} bytes of {}", input.len());
        for file in &read.files {
            assert!(match_pattern(pattern, &file.path).is_some_and(|(matches, _)| matches), "{}", file.path);
            assert!(file.path.is_ascii() && !file.path.contains(|c: char| c.is_control()), "{:?}", file.path);
        }
    }
}

/// Matches the path in the second line against the pattern in the first one.
pub(crate) fn pattern(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (pattern, path) = text.split_once('\n').unwrap_or((&text, ""));
    let Some((matches, folder)) = match_pattern(pattern, path) else { return };
    if pattern.contains(['*', '?']) {
        let inside = folder == "/" || path == folder || path.starts_with(&format!("{folder}/"));
        assert!(!matches || !pattern.starts_with('/') || inside, "`{path}` is not in `{folder}`");
    } else {
        assert_eq!(matches, pattern == path);
        assert_eq!(folder, pattern);
    }
}
