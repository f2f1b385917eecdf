//! What the user or the model should have received.

use std::fmt;

use regex::Regex;

/// What the user or the model should have received.
pub(in crate::judge) enum Wanted<'a> {
    Text(&'a str),
    Pattern(&'a Regex),
}

impl Wanted<'_> {
    pub(in crate::judge) fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => text.contains(wanted),
            Self::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

impl fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Pattern(pattern) => write!(f, "`{pattern}`"),
        }
    }
}
