//! Text in which nothing is Markdown.

use crate::view::Shown;

/// Returns words in which nothing is Markdown or HTML. What a forge would turn into a mention or a link becomes code.
pub(crate) fn words(text: &str) -> String {
    let text = Shown::whole(text).as_str().replace('\n', " ");
    if text.contains(['@', '#']) || text.contains("://") || text.contains("www.") {
        return code(&text);
    }
    let mut words = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\`*_{}[]<>()|~&$!".contains(letter) {
            words.push('\\');
        }
        words.push(letter);
    }
    words
}

/// Returns a text as code, in more back-ticks than it holds.
pub(crate) fn code(text: &str) -> String {
    let text = Shown::whole(text).as_str().replace('\n', "\\n");
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // the space keeps a back-tick at either end apart from the fence, and is not shown
    let space = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_no_markup() {
        assert_eq!(words("a *b* <script> [x](y) | c & d"), r"a \*b\* \<script\> \[x\]\(y\) \| c \& d");
        assert_eq!(words("ask @team about #12"), "`ask @team about #12`");
        assert_eq!(words("see http://x"), "`see http://x`");
        assert_eq!(words("one\ntwo\u{202e}"), r"one two\\u\{202e\}");
    }

    #[test]
    fn code_stays_in_its_fence() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\n```\nb"), "````a\\n```\\nb````");
    }
}
