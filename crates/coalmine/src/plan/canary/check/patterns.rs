//! Regular expressions: those that facts are filled into, and those with the shapes of facts.

use super::{
    super::Canary,
    braces::{braces, near},
};
use crate::plan::{facts::fill_shapes, problem::Problem};

/// Whether a pattern can be used whatever the facts are; else why not, in one line.
pub(super) fn compile(canary: &Canary, pattern: &str) -> Result<(), String> {
    let names = canary.facts.keys().map(String::as_str).chain(["n"]);
    let tried = names.fold(pattern.to_owned(), |text, name| text.replace(&format!("{{{name}}}"), "x"));
    regex::Regex::new(&tried).map(|_| ()).map_err(|error| in_one_line(&error.to_string()))
}

/// A pattern of the model or of a peer, with the shapes of facts filled in.
pub(super) fn shaped(canary: &Canary, path: &str, pattern: &str) -> Result<String, Problem> {
    for brace in braces(pattern) {
        // `\p{Greek}` and its like
        let of_class = brace.before.len() >= 2 && brace.before[..brace.before.len() - 1].ends_with('\\');
        let tail = brace.rest.split_inclusive('}').next().filter(|tail| tail.ends_with('}'));
        let known = canary.facts.contains_key(brace.name);
        if of_class || (tail == Some(":shape}") && known) {
            continue;
        }
        let (name, written) = (brace.name, format!("{{{}{}", brace.name, tail.unwrap_or_default()));
        let wrong = |message: String| Problem::at(path, message).needle(&written);
        let right = format!("write `{{{name}:shape}}`");
        match tail {
            None if known => return Err(wrong(format!("`{written}` has no closing brace")).help(right)),
            Some("}") if known => {
                let message =
                    format!("`{written}` is not filled in here: the model knows no fact, only its shape");
                return Err(wrong(message).help(right));
            }
            Some(_) if known => return Err(wrong(format!("`{written}` is no shape of a fact")).help(right)),
            Some(tail) if tail.starts_with(':') => {
                let message = format!("`{written}`: `{name}` is none of the `[facts]`");
                return Err(near(canary, name, wrong(message), ":shape"));
            }
            _ => {}
        }
    }
    Ok(fill_shapes(pattern, &canary.facts))
}

/// The last line of what a regular expression's error says, which tells the reason.
pub(super) fn in_one_line(error: &str) -> String {
    error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
