//! The formats of a comparison.

use std::{fmt, str::FromStr};

use coalmine::event::escape_json;

use super::{Comparison, html, markdown, text};
use crate::ReportError;

/// A format of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonFormat {
    /// Lines for a terminal or a log.
    Text,
    /// Markdown for a pull request.
    Markdown,
    /// JSON for programs.
    Json,
    /// A page.
    Html,
}

impl ComparisonFormat {
    /// All formats, the shortest first.
    pub const ALL: [Self; 4] = [Self::Text, Self::Markdown, Self::Json, Self::Html];

    /// Returns the name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// Returns the comparison in this format.
    ///
    /// # Errors
    /// Fails if it cannot be encoded.
    pub fn render(self, comparison: &Comparison) -> Result<String, ReportError> {
        match self {
            Self::Text => Ok(text::text(comparison)),
            Self::Markdown => Ok(markdown::markdown(comparison)),
            Self::Json => Ok(escape_json(&serde_json::to_string_pretty(comparison)?) + "\n"),
            Self::Html => html::page(comparison),
        }
    }
}

impl fmt::Display for ComparisonFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ComparisonFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join("`, `");
        let known = Self::ALL.into_iter().find(|format| format.name() == name);
        known.ok_or_else(|| format!("unknown format `{name}`: expected one of `{names}`"))
    }
}
