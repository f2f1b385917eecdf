//! Suggestions for misspelled names.

/// Returns the known name that is most similar to a misspelled one, if any is similar.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|candidate| (similarity(name, candidate), candidate));
    scored
        .filter(|(score, _)| *score >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

fn similarity(name: &str, candidate: &str) -> f64 {
    let score = strsim::normalized_damerau_levenshtein(name, candidate);
    // a name that only lacks its beginning or its end is similar, however long the rest is
    if candidate.contains(name) && name.len() > 2 { score.max(0.7) } else { score }
}

/// Returns the help for an unknown name: the most similar known name, or else all known names.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let known: Vec<_> = known.into_iter().map(|known| format!("`{known}`")).collect();
            format!("expected one of {}", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_only_similar_names() {
        assert_eq!(nearest("zebra", ["name-recall", "file-only"]), None);
        assert_eq!(nearest("name", ["name-recall", "file-only"]), Some("name-recall"));
    }

    #[test]
    fn lists_all_names_if_none_is_similar() {
        assert_eq!(did_you_mean("zebra", ["lion", "cat"]), "expected one of `lion`, `cat`");
        assert_eq!(did_you_mean("line", ["lion", "cat"]), "did you mean `lion`?");
    }
}
