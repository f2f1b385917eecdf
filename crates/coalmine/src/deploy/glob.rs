//! Patterns for files, such as `/tmp/**/session*.json`.

use regex::Regex;

/// A pattern of absolute paths: `*` and `?` within a folder, `**` across folders.
#[derive(Debug)]
pub(crate) struct Glob {
    /// The deepest folder that holds all matches; the only match itself, if the pattern has no wildcards.
    pub(crate) folder: String,
    pattern: Regex,
}

impl Glob {
    /// Compiles a pattern; `None` only for one that is too long.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
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

    /// Returns whether a path matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.pattern.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_double_stars_cross_folders() {
        let glob = Glob::new("/tmp/**/session*.json").unwrap();
        assert_eq!(glob.folder, "/tmp");
        assert!(glob.matches("/tmp/session.json") && glob.matches("/tmp/a/b/session-1.json"));
        assert!(!glob.matches("/tmp/a/other.json") && !glob.matches("/var/session.json"));
        assert!(!Glob::new("/a/*.json").unwrap().matches("/a/b/c.json"));
        assert_eq!(Glob::new("/a/b.json").unwrap().folder, "/a/b.json");
    }
}
