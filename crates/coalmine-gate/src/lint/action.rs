//! References to actions: `owner/name/path@reference`, with or without an address in front.

/// An action, or a workflow that is called, in another repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Action<'a> {
    /// The address of the forge, if it is part of the reference.
    pub(super) host: Option<&'a str>,
    /// The owner and the name of the repository.
    pub(super) repository: &'a str,
    /// The branch, tag or commit; empty if there is none.
    pub(super) reference: &'a str,
}

impl<'a> Action<'a> {
    /// Reads `uses`. A local path or an image is not an action of another repository.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with('.') || text.starts_with("docker://") || text.is_empty() {
            return None;
        }
        let (path, reference) = text.rsplit_once('@').unwrap_or((text, ""));
        let (host, path) = match path.strip_prefix("https://").or_else(|| path.strip_prefix("http://")) {
            Some(address) => {
                let (host, path) = address.split_once('/')?;
                (Some(host), path)
            }
            None => (None, path),
        };
        let end = path.match_indices('/').nth(1).map_or(path.len(), |(at, _)| at);
        Some(Self { host, repository: &path[..end], reference })
    }

    /// Returns whether the reference is a commit.
    pub(super) fn is_pinned(&self) -> bool {
        [40, 64].contains(&self.reference.len())
            && self.reference.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let action = Action::read("https://forge.example/a/b/c@v1").unwrap();
        assert_eq!((action.host, action.repository, action.reference), (Some("forge.example"), "a/b", "v1"));
        assert_eq!(Action::read("a/b").unwrap().reference, "");
        assert!(Action::read("a/b@34e114876b0b11c390a56381ad16ebd13914f8d5").unwrap().is_pinned());
        assert!(Action::read("./a").is_none() && Action::read("docker://x").is_none());
    }
}
