//! Regular expressions with facts, and with the shapes of facts.

use super::{
    super::Canary,
    braces::{braces, suggest},
};
use crate::plan::{facts::fill_shapes, problem::Problem};

/// Checks that a pattern is valid for any value of the facts; the error is one line.
pub(super) fn compile(canary: &Canary, pattern: &str) -> Result<(), String> {
    let names = canary.facts.keys().chain(canary.wordings.keys()).map(String::as_str).chain(["n"]);
    let tried = names.fold(pattern.to_owned(), |text, name| text.replace(&format!("{{{name}}}"), "x"));
    regex::Regex::new(&tried).map(|_| ()).map_err(|error| in_one_line(&error.to_string()))
}

/// Returns a pattern of the model or of a peer with the shapes of facts filled in.
pub(super) fn shaped(canary: &Canary, path: &str, pattern: &str) -> Result<String, Problem> {
    for brace in braces(pattern) {
        // such as `\p{Greek}`
        let of_class = brace.before.len() >= 2 && brace.before[..brace.before.len() - 1].ends_with('\\');
        let tail = brace.rest.split_inclusive('}').next().filter(|tail| tail.ends_with('}'));
        let known = canary.facts.contains_key(brace.name);
        let worded = tail == Some("}") && canary.wordings.contains_key(brace.name);
        if of_class || worded || (tail == Some(":shape}") && known) {
            continue;
        }
        let (name, written) = (brace.name, format!("{{{}{}", brace.name, tail.unwrap_or_default()));
        let problem = |message: String| Problem::at(path, message).needle(&written);
        let right = format!("write `{{{name}:shape}}`");
        match tail {
            None if known => return Err(problem(format!("`{written}` has no closing brace")).help(right)),
            Some("}") if known => {
                let message =
                    format!("`{written}` is not filled in here: rules know only the shape of a fact");
                return Err(problem(message).help(right));
            }
            Some(_) if known => return Err(problem(format!("invalid shape `{written}`")).help(right)),
            Some(tail) if tail.starts_with(':') => {
                return Err(suggest(canary, name, problem(format!("unknown fact `{written}`")), ":shape"));
            }
            _ => {}
        }
    }
    Ok(fill_shapes(pattern, &canary.facts, &canary.wordings))
}

/// Returns the last line of the error about a regular expression, which states the reason.
pub(super) fn in_one_line(error: &str) -> String {
    error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
