//! Texts of any content.

/// Returns the beginning of a text: at most a number of bytes, cut at a character boundary.
pub(crate) fn start_of(text: &str, max: usize) -> &str {
    text.split_at(text.floor_char_boundary(max)).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_characters() {
        assert_eq!(start_of("aäb", 2), "a");
        assert_eq!(start_of("aäb", 3), "aä");
        assert_eq!(start_of("ab", usize::MAX), "ab");
    }
}
