//! Lines of text as data: what each part says and which role it plays.

use std::borrow::Cow;

use coalmine::event::Verdict;

use super::Command;

/// The role of a piece of text. It repeats what the words say, so a report may ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Ordinary text.
    Plain,
    /// A heading or a label.
    Strong,
    /// Something that is as it should be.
    Good,
    /// Something that is broken.
    Bad,
    /// Something that could not be judged or observed.
    Warning,
    /// Something less important than the text around it.
    Dim,
    /// A command, a path or an identifier.
    Code,
}

impl From<Verdict> for Role {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Good,
            Verdict::Fail | Verdict::Xpass => Self::Bad,
            Verdict::Error => Self::Warning,
            Verdict::Skip | Verdict::Xfail => Self::Dim,
        }
    }
}

/// Text from the events, exactly as it came. A report escapes it and shows at most `max` characters of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    pub(crate) max: usize,
}

impl Excerpt {
    pub(crate) fn new(text: impl Into<String>, max: usize) -> Self {
        Self { text: text.into(), max }
    }
}

/// A piece of text, by its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// Words of Coalmine.
    Words(Cow<'static, str>),
    /// Text that may come from a runtime.
    Excerpt(Excerpt),
    /// A command, which a report quotes for a shell.
    Command(Command),
}

impl From<&'static str> for Text {
    fn from(words: &'static str) -> Self {
        Self::Words(words.into())
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::Words(words.into())
    }
}

impl From<&Excerpt> for Text {
    fn from(excerpt: &Excerpt) -> Self {
        Self::Excerpt(excerpt.clone())
    }
}

impl From<&Command> for Text {
    fn from(command: &Command) -> Self {
        Self::Command(command.clone())
    }
}

/// A piece of text with its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) role: Role,
    pub(crate) text: Text,
}

/// One line of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Columns between the left edge of the block and the text.
    pub(crate) indent: usize,
    pub(crate) spans: Vec<Span>,
}

impl Line {
    /// Returns a line that begins with plain text.
    pub(crate) fn new(text: impl Into<Text>) -> Self {
        Self::default().plain(text)
    }

    /// Returns a line that begins with text in a role.
    pub(crate) fn styled(role: Role, text: impl Into<Text>) -> Self {
        Self::default().with(role, text)
    }

    /// Adds plain text.
    pub(crate) fn plain(self, text: impl Into<Text>) -> Self {
        self.with(Role::Plain, text)
    }

    /// Adds text in a role.
    pub(crate) fn with(mut self, role: Role, text: impl Into<Text>) -> Self {
        self.spans.push(Span { role, text: text.into() });
        self
    }

    /// Gives all its text one role.
    pub(crate) fn in_role(mut self, role: Role) -> Self {
        self.spans.iter_mut().for_each(|span| span.role = role);
        self
    }

    /// Moves the line to the right by two columns.
    pub(crate) fn indented(mut self) -> Self {
        self.indent += 2;
        self
    }
}
