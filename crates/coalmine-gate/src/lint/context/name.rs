//! The names of a job, one for each combination of its matrix.

use super::matrix::{Combination, combinations};
use crate::lint::{
    Server,
    workflow::Job,
    yaml::{Kind, Node, short_fraction},
};

/// The most bytes of a name that is computed.
pub(super) const MAX_NAME: usize = 4_096;
/// The most bytes of a value of a matrix that is printed.
const MAX_VALUE: usize = 256;

/// Returns the names of a job, or why they are unknown.
pub(super) fn names(job: &Job<'_>, server: Server) -> Result<Vec<String>, String> {
    let name = job.name().and_then(Node::text).unwrap_or(job.key);
    if name.len() > MAX_NAME {
        return Err(format!("the name is longer than {MAX_NAME} bytes"));
    }
    let Some(matrix) = job.matrix() else {
        let is_computed = server == Server::Github && name.contains("${{");
        return if is_computed { Err(not_computed(name)) } else { Ok(vec![name.to_owned()]) };
    };
    let all = combinations(matrix, server)?;
    if all.iter().all(Combination::is_empty) {
        return Ok(vec![name.to_owned()]);
    }
    all.iter().map(|one| named(name, one, server)).collect()
}

fn named(name: &str, combination: &Combination<'_>, server: Server) -> Result<String, String> {
    if combination.is_empty() && server.is_gitea() {
        return Ok(name.to_owned());
    }
    // before 1.23 an expression stays as it is written
    let has_expression = name.contains("${{") && name.contains("}}") && !server.is_before(1, 23);
    if has_expression {
        interpolated(name, combination)
    } else {
        Ok(format!("{name} {}", listed(combination, server)?))
    }
}

/// Returns the values of a combination in parentheses. Gitea sorts them by their keys, GitHub keeps the order of the file.
fn listed(combination: &Combination<'_>, server: Server) -> Result<String, String> {
    let mut sorted = combination.clone();
    if server.is_gitea() {
        sorted.sort_by_key(|(key, _)| *key);
    }
    let values: Result<Vec<String>, String> = sorted.iter().map(|(key, value)| printed(key, value)).collect();
    Ok(format!("({})", values?.join(", ")))
}

/// Returns a value as the server prints it.
fn printed(key: &str, value: &Node) -> Result<String, String> {
    let unknown = || format!("how the server prints the value of `matrix.{key}` is not known");
    let scalar = value.scalar().ok_or_else(unknown)?;
    match scalar.kind() {
        _ if scalar.text.len() > MAX_VALUE => Err(format!("`matrix.{key}` is longer than {MAX_VALUE} bytes")),
        Kind::Text if scalar.text.contains("${{") => Err(unknown()),
        Kind::Text | Kind::Int => Ok(scalar.text.clone()),
        Kind::Bool => Ok(scalar.text.to_ascii_lowercase()),
        Kind::Null => Err(unknown()),
        Kind::Other => short_fraction(&scalar.text).ok_or_else(unknown),
    }
}

/// Replaces expressions, which may only name values of the matrix.
fn interpolated(name: &str, combination: &Combination<'_>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = name;
    while let Some((before, behind)) = rest.split_once("${{") {
        let (expression, after) = behind.split_once("}}").ok_or_else(|| not_computed(name))?;
        text.push_str(before);
        let key = expression.trim().strip_prefix("matrix.").ok_or_else(|| not_computed(name))?;
        text.push_str(&value_of(key, combination).ok_or_else(|| not_computed(name))??);
        rest = after;
    }
    text.push_str(rest);
    if text.len() > MAX_NAME { Err(not_computed("…")) } else { Ok(text) }
}

/// Returns the printed value behind a path such as `os.name`; `None` if it is not a path, or leads nowhere.
fn value_of(path: &str, combination: &Combination<'_>) -> Option<Result<String, String>> {
    let mut keys = path.split('.');
    let first = keys.next()?;
    let (_, value) = combination.iter().find(|(key, _)| *key == first)?;
    let value = keys.try_fold(*value, |value, key| value.get(key))?;
    Some(printed(path, value))
}

fn not_computed(name: &str) -> String {
    format!("the server computes the name `{name}`")
}
