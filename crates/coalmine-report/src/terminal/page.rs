//! Lines of our own making.

/// Text that is shown in one go. Each line begins with our own indentation.
#[derive(Debug, Default)]
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// Adds a line, `indent` columns in. Escaped text of a runtime never stands alone on a line with no indentation.
    pub(crate) fn line(&mut self, indent: usize, text: impl AsRef<str>) {
        let text = text.as_ref().trim_end();
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Adds an empty line, unless there is one.
    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Adds an empty line even where this page is the first thing said after other pages.
    pub(crate) fn separate(&mut self) {
        if !self.text.ends_with("\n\n") && self.text != "\n" {
            self.text.push('\n');
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
