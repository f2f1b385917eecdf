//! Colours, or none. Colour only repeats what the words and marks say.

use coalmine::event::Verdict;
use owo_colors::{OwoColorize, Style};

/// Adds colour where it can be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    color: bool,
}

impl Paint {
    pub(crate) const fn plain() -> Self {
        Self { color: false }
    }

    pub(crate) const fn colored() -> Self {
        Self { color: true }
    }

    fn style(self, text: &str, style: Style) -> String {
        if self.color && !text.is_empty() { text.style(style).to_string() } else { text.to_owned() }
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.style(text, Style::new().green())
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.style(text, Style::new().red().bold())
    }

    pub(crate) fn warn(self, text: &str) -> String {
        self.style(text, Style::new().yellow())
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.style(text, Style::new().bold())
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.style(text, Style::new().dimmed())
    }

    pub(crate) fn verdict(self, verdict: Verdict, text: &str) -> String {
        match verdict {
            Verdict::Pass => self.good(text),
            Verdict::Fail => self.bad(text),
            Verdict::Error => self.warn(text),
            Verdict::Skip => self.dim(text),
        }
    }
}
