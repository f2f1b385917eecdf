//! Errors as a person sees them: what, why, what to do next.

use coalmine::plan::{SourceError, did_you_mean};
use miette::{Diagnostic, LabeledSpan, SourceCode};

/// Why a command could not do its work. Exit code 2.
#[derive(Debug)]
pub(crate) enum Failure {
    /// In words.
    Message { what: String, cause: Option<String>, hint: Option<String> },
    /// In a file that a person wrote.
    Source(Box<SourceError>),
    /// All of these.
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

    /// A name that nobody knows, with the nearest ones.
    pub(crate) fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        Self::new(format!("unknown {kind} `{name}`")).hint(did_you_mean(name, known))
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}

/// A source error, for miette to draw.
#[derive(Debug)]
pub(crate) struct Drawn<'a> {
    error: &'a SourceError,
    source: miette::NamedSource<String>,
}

impl<'a> Drawn<'a> {
    pub(crate) fn new(error: &'a SourceError) -> Self {
        Self {
            error,
            source: miette::NamedSource::new(&error.file, error.text.clone()).with_language("toml"),
        }
    }
}

impl std::fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, column) = self.error.position();
        match self.error.span.is_empty() {
            true => write!(f, "{}: {}", self.error.file, self.error.message),
            false => write!(f, "{}:{line}:{column}: {}", self.error.file, self.error.message),
        }
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.error.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.error.span.is_empty()).then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), self.error.span.clone());
        (!self.error.span.is_empty()).then(|| Box::new(std::iter::once(label)) as Box<dyn Iterator<Item = _>>)
    }
}
