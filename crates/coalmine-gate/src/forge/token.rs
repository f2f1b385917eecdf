//! A credential that no message, URL or debug output can show.

use std::fmt::{Debug, Formatter, Result as Formatted};

use reqwest::header::HeaderValue;

/// A token of a forge. It leaves this type only as a header of requests to the forge that the user named.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Returns the token, without the blanks and line ends around it that come from files and variables. An
    /// empty text is not a token.
    pub fn new(text: &str) -> Option<Self> {
        Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Self(text.to_owned()))
    }

    /// Returns the value of the header `Authorization`, or `None` if the token has bytes that no header may
    /// contain.
    pub(super) fn header(&self, scheme: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{scheme} {}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Debug for Token {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Formatted {
        formatter.write_str("Token(…)")
    }
}
