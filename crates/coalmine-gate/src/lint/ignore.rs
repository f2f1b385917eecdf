//! Comments that ignore a finding: `# coalmine: ignore GW011 -- why`.
//!
//! A comment behind something is about its own line, and a comment on a line of its own about the next line that is not a
//! comment. Comments of a script count as well, because findings point into scripts.

use std::sync::LazyLock;

use regex::Regex;

use super::yaml::Span;

/// An ignore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ignore {
    /// Where the comment stands.
    pub(super) span: Span,
    /// The lines, as a range of bytes, whose findings it ignores.
    pub(super) lines: Span,
    /// The ids of the rules.
    pub(super) rules: Vec<String>,
    /// Whether it says why.
    pub(super) has_reason: bool,
}

static COMMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[ \t])(#[ \t]*coalmine:[ \t]*ignore\b(.*))$").ok());

/// Returns the ignores of a file in the order of the lines that they are about.
pub(super) fn ignores(text: &str) -> Vec<Ignore> {
    let Some(pattern) = COMMENT.as_ref() else { return vec![] };
    let mut all = vec![];
    // the line that a comment on a line of its own is about
    let mut next = text.len()..text.len();
    for line in lines(text).into_iter().rev() {
        let words = text[line.clone()].trim_end();
        let is_alone = words.trim_start().starts_with('#');
        if let Some(captures) = pattern.captures(words)
            && let (Some(comment), Some(rest)) = (captures.get(1), captures.get(2))
        {
            let (rules, reason) = rest.as_str().split_once("--").unwrap_or((rest.as_str(), ""));
            let separated = |letter: char| letter == ',' || letter.is_whitespace();
            all.push(Ignore {
                span: line.start + comment.start()..line.start + comment.end(),
                lines: if is_alone { next.clone() } else { line.clone() },
                rules: rules.split(separated).filter(|rule| !rule.is_empty()).map(str::to_owned).collect(),
                has_reason: !reason.trim().is_empty(),
            });
        }
        if !is_alone && !words.trim().is_empty() {
            next = line;
        }
    }
    all.reverse();
    all
}

/// Returns which of the ignores of a file covers a finding.
pub(super) fn covering(ignores: &[Ignore], rule: &str, at: usize) -> Option<usize> {
    let first = ignores.partition_point(|ignore| ignore.lines.end <= at);
    let covers = |ignore: &Ignore| ignore.has_reason && ignore.rules.iter().any(|id| id == rule);
    let near = ignores[first..].iter().take_while(|ignore| ignore.lines.contains(&at));
    near.enumerate().find(|(_, ignore)| covers(ignore)).map(|(found, _)| first + found)
}

fn lines(text: &str) -> Vec<Span> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let span = start..start + line.len();
            start = span.end;
            span
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_about_their_line_or_the_next() {
        let text = "a: 1 # coalmine: ignore GW001 -- so\n# coalmine: ignore GW002, GW003 -- x\n# y\nb: 2\n";
        let all = ignores(text);
        assert_eq!(&text[all[0].lines.clone()], "a: 1 # coalmine: ignore GW001 -- so\n");
        assert_eq!(
            (&text[all[1].lines.clone()], &all[1].rules[..]),
            ("b: 2\n", &["GW002".into(), "GW003".into()][..])
        );
        assert!(all.iter().all(|ignore| ignore.has_reason));
    }

    #[test]
    fn a_reason_is_seen_only_if_it_says_something() {
        for text in
            ["# coalmine: ignore GW001", "# coalmine: ignore GW001 --  ", "#coalmine:ignore GW001 - x"]
        {
            assert!(!ignores(text)[0].has_reason, "{text}");
        }
        assert!(ignores("# coalmine ignore GW001 -- x\nx#coalmine: ignore GW001 -- x").is_empty());
    }
}
