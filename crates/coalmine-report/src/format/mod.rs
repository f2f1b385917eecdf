//! Reports that are written only when somebody asks for them, and where they go.

mod line;
mod badge;
mod markup;
mod markdown;
mod code_quality;

mod formatted;

use std::{fmt, str::FromStr};

use camino::Utf8Path;
pub use code_quality::CODE_QUALITY_FILE;
pub use formatted::{Destination, Formatted};
pub(crate) use markup::{code, words};

use crate::{Record, ReportError};

/// A report that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One line of text, for a chat.
    Line,
    /// An SVG image with the verdict.
    Badge,
    /// A summary of one screen, for a pull request or the summary of a CI job.
    Markdown,
    /// The same as `junit.xml`.
    Junit,
    /// The same as `report.html`.
    Html,
    /// The same as `summary.json`.
    Json,
    /// Issues for GitLab's view of code quality.
    CodeQuality,
}

impl Format {
    /// All formats, the shortest first.
    pub const ALL: [Self; 7] =
        [Self::Line, Self::Badge, Self::Markdown, Self::Junit, Self::Html, Self::Json, Self::CodeQuality];

    /// Returns the name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Badge => "badge",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Json => "json",
            Self::CodeQuality => "codequality",
        }
    }

    /// Returns the report of a run. The evidence is read in `folder`.
    ///
    /// # Errors
    /// Fails if the file holds no event, or if the report cannot be encoded.
    pub fn render(self, record: &Record, folder: &Utf8Path) -> Result<Vec<u8>, ReportError> {
        match self {
            Self::Line => Ok(line::line(record)?.into_bytes()),
            Self::Badge => Ok(badge::badge(record)?.into_bytes()),
            Self::Markdown => Ok(markdown::markdown(record)?.into_bytes()),
            Self::Junit => crate::junit::xml(record),
            Self::Html => Ok(crate::html::page(record, folder)?.into_bytes()),
            Self::Json => Ok(crate::summary::json(record)?.into_bytes()),
            Self::CodeQuality => Ok(code_quality::code_quality(record)?.into_bytes()),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join("`, `");
        let known = Self::ALL.into_iter().find(|format| format.name() == name);
        known.ok_or_else(|| format!("unknown format `{name}`: expected one of `{names}`"))
    }
}
