//! Patterns of files, such as `/tmp/**/session*.json`.

use regex::Regex;

/// A pattern of absolute paths: `*` and `?` within a folder, `**` across folders.
#[derive(Debug)]
pub(super) struct Glob {
    /// The deepest folder that all matches are in; the one match itself, where nothing is left open.
    pub(super) folder: String,
    pattern: Regex,
}

impl Glob {
    /// `None` only for a pattern that is too long.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let folder = match pattern.find(['*', '?']) {
            None => pattern.to_owned(),
            Some(open) => pattern[..open].rfind('/').map_or("/", |at| &pattern[..at.max(1)]).to_owned(),
        };
        let escaped = regex::escape(pattern)
            .replace(r"\*\*/", "(?:.*/)?")
            .replace(r"\*\*", ".*")
            .replace(r"\*", "[^/]*")
            .replace(r"\?", "[^/]");
        Some(Self { folder, pattern: Regex::new(&format!("^{escaped}$")).ok()? })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.pattern.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_in_their_folder_and_double_stars_do_not() {
        let glob = Glob::new("/tmp/**/session*.json").unwrap();
        assert_eq!(glob.folder, "/tmp");
        assert!(glob.matches("/tmp/session.json") && glob.matches("/tmp/a/b/session-1.json"));
        assert!(!glob.matches("/tmp/a/other.json") && !glob.matches("/var/session.json"));
        assert!(!Glob::new("/a/*.json").unwrap().matches("/a/b/c.json"));
        assert_eq!(Glob::new("/a/b.json").unwrap().folder, "/a/b.json");
    }
}
