//! The beginning of a body, for error messages.

/// The longest excerpt, in characters.
const MAX_CHARS: usize = 300;

/// The length of a page that is searched for text, in bytes.
const MAX_PAGE: usize = 64 << 10;

/// Returns the beginning of a body; of an HTML page only the text that a person would read.
pub(crate) fn excerpt(body: &[u8]) -> String {
    if body.trim_ascii_start().starts_with(b"<") {
        let page = String::from_utf8_lossy(body.get(..MAX_PAGE).unwrap_or(body));
        let text = page_text(&page);
        if !text.is_empty() {
            return text.chars().take(MAX_CHARS).collect();
        }
    }
    String::from_utf8_lossy(body.get(..MAX_CHARS).unwrap_or(body)).into_owned()
}

/// Returns the text between the tags of a page, without styles and scripts; entities stay as they are.
fn page_text(page: &str) -> String {
    let mut words: Vec<&str> = vec![];
    let mut hidden: Option<&str> = None;
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        match hidden {
            Some(end) if name.eq_ignore_ascii_case(end) => hidden = None,
            Some(_) => continue,
            None if name.eq_ignore_ascii_case("style") => hidden = Some("/style"),
            None if name.eq_ignore_ascii_case("script") => hidden = Some("/script"),
            None => {}
        }
        if hidden.is_none() {
            words.extend(text.split_whitespace());
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_page_has_an_excerpt(page in "[ ]?<[<>/a-z! \n\u{e9}]{0,200}") {
            prop_assert!(excerpt(page.as_bytes()).chars().count() <= MAX_CHARS);
        }

        #[test]
        fn any_bytes_have_an_excerpt(body in prop::collection::vec(any::<u8>(), 0..512)) {
            prop_assert!(excerpt(&body).chars().count() <= MAX_CHARS);
        }
    }

    #[test]
    fn shows_only_the_text_of_a_page() {
        let page = b" <!DOCTYPE html>\n<HTML><style>a { b: c }</STYLE><title>502</title>\n<p class=x>Bad\n gateway</p><script>1<2";
        assert_eq!(excerpt(page), "502 Bad gateway");
        assert_eq!(excerpt(b"<<<"), "<<<");
        assert_eq!(excerpt(b"{\"a\": \"<b>\"}"), "{\"a\": \"<b>\"}");
    }
}
