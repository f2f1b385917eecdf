//! Lines of our own making.

/// Text that is shown in one go. Each line begins with our own indentation.
#[derive(Debug, Default)]
pub(crate) struct Page {
    text: String,
    /// Whether the page before ended with an empty line.
    spaced: bool,
}

impl Page {
    /// The page that follows one that was `spaced`.
    pub(crate) fn after(spaced: bool) -> Self {
        Self { text: String::new(), spaced }
    }

    /// Adds a line, `indent` columns in. Escaped text of a runtime never stands alone on a line with no indentation.
    pub(crate) fn line(&mut self, indent: usize, text: impl AsRef<str>) {
        let text = text.as_ref().trim_end();
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Adds an empty line, unless there is one.
    pub(crate) fn separate(&mut self) {
        if !self.spaced() {
            self.text.push('\n');
        }
    }

    /// Whether what was shown so far ends with an empty line.
    pub(crate) fn spaced(&self) -> bool {
        match self.text.as_str() {
            "" => self.spaced,
            "\n" => true,
            text => text.ends_with("\n\n"),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}
