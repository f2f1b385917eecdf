//! The gate's one comment on a pull request: created once, and then updated.

use crate::forge::Comment;

/// The first line of the comment.
const MARKER: &str = "<!-- coalmine: gate -->";
/// The longest comment, in bytes; GitHub takes 65,536 characters.
const MAX_BYTES: usize = 60_000;

/// Returns the body of the comment.
pub fn body(markdown: &str) -> String {
    let mut end = markdown.len().min(MAX_BYTES);
    while !markdown.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let cut = if end < markdown.len() { "\n\n… The rest is in the artifacts of the run.\n" } else { "" };
    format!("{MARKER}\n{}{cut}", markdown.get(..end).unwrap_or_default())
}

/// Returns the gate's comment: the oldest with the marker whose author is the one who writes now. Anybody can write the
/// marker, so it alone proves nothing.
pub fn find<'a>(comments: &'a [Comment], author: &str) -> Option<&'a Comment> {
    let is_own = |comment: &&Comment| comment.author == author && comment.body.lines().next() == Some(MARKER);
    comments.iter().filter(is_own).min_by_key(|comment| comment.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: u64, author: &str, body: &str) -> Comment {
        Comment { id, author: author.into(), body: body.into(), created: None, updated: None }
    }

    #[test]
    fn only_the_own_comment_is_found() {
        let (own, text) = (body("green"), "before\n<!-- coalmine: gate -->");
        let comments = [
            comment(1, "mallory", &own),
            comment(2, "gate", text),
            comment(9, "gate", &own),
            comment(4, "gate", &own),
        ];
        assert_eq!(find(&comments, "gate").map(|comment| comment.id), Some(4));
        assert_eq!(find(&comments, "other"), None);
    }

    #[test]
    fn a_long_comment_is_cut_between_characters() {
        let long = body(&"ä".repeat(40_000));
        assert!(long.len() < 61_000 && long.contains("artifacts"));
        assert!(!body("short").contains("artifacts"));
    }
}
