//! Lines that are shown in one go, in color or without. Color only repeats what the words and marks say.

use owo_colors::{OwoColorize, Style};

use crate::{
    plain::plain,
    text::{Line, Role},
};

/// Text that is shown in one go. Each line begins with our own words or indentation.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    /// Whether the page before ended with an empty line.
    after_space: bool,
    color: bool,
    ascii: bool,
}

impl Page {
    /// Returns an empty page. `after_space` says whether the page before it ended with an empty line.
    pub(super) fn after(after_space: bool, color: bool, ascii: bool) -> Self {
        Self { text: String::new(), after_space, color, ascii }
    }

    /// Adds a line, `indent` columns in, with everything in it escaped.
    pub(super) fn line(&mut self, indent: usize, line: &Line) {
        let mut text = String::new();
        for spans in line.spans.chunk_by(|one, next| one.role == next.role) {
            let words: String = spans.iter().map(|span| plain(&span.text)).collect();
            let words = if self.ascii { in_ascii(&words) } else { words };
            text.push_str(&self.painted(&words, spans[0].role));
        }
        self.text.extend(std::iter::repeat_n(' ', indent + line.indent));
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn painted(&self, text: &str, role: Role) -> String {
        let style = match role {
            Role::Plain | Role::Code => return text.to_owned(),
            Role::Strong => Style::new().bold(),
            Role::Good => Style::new().green(),
            Role::Bad => Style::new().red().bold(),
            Role::Warning => Style::new().yellow(),
            Role::Dim => Style::new().dimmed(),
        };
        if self.color && !text.is_empty() { text.style(style).to_string() } else { text.to_owned() }
    }

    /// Adds an empty line, unless there is one.
    pub(super) fn separate(&mut self) {
        if !self.spaced() {
            self.text.push('\n');
        }
    }

    /// Returns whether what was shown so far ends with an empty line.
    pub(super) fn spaced(&self) -> bool {
        match self.text.as_str() {
            "" => self.after_space,
            "\n" => true,
            text => text.ends_with("\n\n"),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// Replaces the signs that a report adds with ASCII. Letters of other scripts stay.
fn in_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '✓' => ascii.push('+'),
            '✗' => ascii.push('x'),
            '·' => ascii.push('.'),
            '─' => ascii.push('>'),
            '–' => ascii.push('-'),
            '←' => ascii.push_str("<-"),
            '…' => ascii.push_str("..."),
            _ => ascii.push(letter),
        }
    }
    ascii
}
