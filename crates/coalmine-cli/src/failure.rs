//! Errors for people: what failed, why, and what to do next.

use coalmine::plan::{SourceError, did_you_mean};
use coalmine_report::{escape, mask};
use miette::{Diagnostic, LabeledSpan, SourceCode};

/// The reason why a command failed. The exit code is 2.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A message.
    Message { what: String, cause: Option<String>, hint: Option<String> },
    /// A problem with a file that a person wrote.
    Source(Box<SourceError>),
    /// Several failures.
    Several(Vec<Failure>),
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self::Message { what: what.into(), cause: None, hint: None }
    }

    pub(crate) fn because(self, error: impl std::fmt::Display) -> Self {
        match self {
            Self::Message { what, hint, .. } => Self::Message { what, cause: Some(error.to_string()), hint },
            source => source,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Message { what, cause, .. } => Self::Message { what, cause, hint: Some(hint.into()) },
            source => source,
        }
    }

    /// Adds a hint to the one that is there, if there is one.
    pub(crate) fn also(self, more: impl Into<String>) -> Self {
        let more = more.into();
        match self {
            Self::Message { what, cause, hint } => {
                let hint = hint.map_or_else(|| more.clone(), |hint| format!("{hint}; {more}"));
                Self::Message { what, cause, hint: Some(hint) }
            }
            source => source,
        }
    }

    /// Returns the failure for an unknown name, with a suggestion.
    pub(crate) fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        Self::new(format!("unknown {kind} `{name}`")).hint(did_you_mean(name, known))
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}

/// A source error that `miette` can render. Files may come from others, so what they hold is escaped.
#[derive(Debug)]
pub(crate) struct Rendered<'a> {
    error: &'a SourceError,
    source: miette::NamedSource<String>,
}

impl<'a> Rendered<'a> {
    pub(crate) fn new(error: &'a SourceError) -> Self {
        Self {
            error,
            source: miette::NamedSource::new(escape(&error.file), mask(&error.text)).with_language("toml"),
        }
    }
}

impl std::fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, column) = self.error.position();
        let (file, message) = (escape(&self.error.file), escape(&self.error.message));
        if self.error.span.is_empty() {
            write!(f, "{file}: {message}")
        } else {
            write!(f, "{file}:{line}:{column}: {message}")
        }
    }
}

impl std::error::Error for Rendered<'_> {}

impl Diagnostic for Rendered<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let lines = |help: &String| help.lines().map(escape).collect::<Vec<_>>().join("\n");
        self.error.help.as_ref().map(|help| Box::new(lines(help)) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.error.span.is_empty()).then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), self.error.span.clone());
        (!self.error.span.is_empty()).then(|| Box::new(std::iter::once(label)) as Box<dyn Iterator<Item = _>>)
    }
}
