//! Errors of HTTP clients, told in full.

/// An error with what lies behind it: the outermost text of an HTTP client's error says little.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        inner = error.source();
    }
    text
}
