//! Templates with placeholders in braces.

use super::compiled_rule::Captured;

/// Returns the names in braces.
pub(super) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// Fills in the captured texts in one pass, so that a captured text is never taken for a template.
pub(super) fn fill(template: &str, captured: &Captured) -> String {
    let mut rest = template;
    let mut filled = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, after)| Some((captured.get(name)?, after))) {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_known_names_only() {
        let captured = Captured::from([("name".into(), "{color}".into()), ("color".into(), "teal".into())]);
        assert_eq!(fill("{name} is {color}.", &captured), "{color} is teal.");
        assert_eq!(fill("{unknown} {name", &captured), "{unknown} {name");
        assert_eq!(fill("{{color}}", &captured), "{teal}");
    }

    #[test]
    fn lists_placeholders() {
        assert_eq!(placeholders("{a} b} {c} {d").collect::<Vec<_>>(), ["a", "c"]);
    }
}
