//! The combinations of a matrix.

use crate::lint::{
    Server,
    yaml::{Node, Value},
};

/// The most combinations, which is what GitHub allows.
const MAX_COMBINATIONS: usize = 256;

/// The values of one job, by their keys in the order of the file.
pub(super) type Combination<'a> = Vec<(&'a str, &'a Node)>;

/// Returns the combinations of a matrix, or why they are unknown. A matrix without any has one that is empty.
pub(super) fn combinations(matrix: &Node, server: Server) -> Result<Vec<Combination<'_>>, String> {
    if !matrix.is_map() {
        return Err("the server computes the matrix".to_owned());
    }
    let axes: Vec<(&str, &Node)> =
        pairs(matrix).filter(|(key, _)| *key != "include" && *key != "exclude").collect();
    if let Some((key, _)) = axes.iter().find(|(_, values)| !values.is_list()) {
        return Err(format!("the server computes `matrix.{key}`"));
    }
    let mut all = product(&axes)?;
    let exclude = maps(matrix, "exclude")?;
    all.retain(|one| !exclude.iter().any(|excluded| excluded.iter().all(|pair| agrees(one, pair))));
    include(&mut all, &axes, maps(matrix, "include")?, server)?;
    if all.is_empty() {
        all.push(vec![]);
    }
    Ok(all)
}

fn product<'a>(axes: &[(&'a str, &'a Node)]) -> Result<Vec<Combination<'a>>, String> {
    if axes.is_empty() {
        return Ok(vec![]);
    }
    let mut all: Vec<Combination<'a>> = vec![vec![]];
    for (key, values) in axes {
        if all.len() * values.items().len() > MAX_COMBINATIONS {
            return Err(too_many());
        }
        let with = |one: &Combination<'a>, value: &'a Node| [one.clone(), vec![(*key, value)]].concat();
        all = all.iter().flat_map(|one| values.items().iter().map(move |value| with(one, value))).collect();
    }
    Ok(all)
}

/// Adds what `include` says: to each combination whose values it agrees with, or as a combination of its own. On Gitea, one that has
/// none of the matrix' keys stands alone.
fn include<'a>(
    all: &mut Vec<Combination<'a>>,
    axes: &[(&'a str, &'a Node)],
    includes: Vec<Combination<'a>>,
    server: Server,
) -> Result<(), String> {
    let is_axis = |key: &str| axes.iter().any(|(axis, _)| *axis == key);
    let from_axes = all.len();
    let mut alone = vec![];
    for extra in includes {
        let mut matched = false;
        if server == Server::Github || extra.iter().any(|(key, _)| is_axis(key)) {
            let original = |pair: &&(&str, &Node)| is_axis(pair.0);
            for one in &mut all[..from_axes] {
                if extra.iter().filter(original).all(|pair| agrees(one, pair)) {
                    matched = true;
                    extra.iter().for_each(|pair| set(one, *pair));
                }
            }
        }
        if !matched {
            alone.push(extra);
        }
    }
    all.append(&mut alone);
    if all.len() > MAX_COMBINATIONS { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> String {
    format!("the matrix has more than {MAX_COMBINATIONS} combinations")
}

fn set<'a>(combination: &mut Combination<'a>, (key, value): (&'a str, &'a Node)) {
    match combination.iter_mut().find(|(known, _)| *known == key) {
        Some(pair) => pair.1 = value,
        None => combination.push((key, value)),
    }
}

fn maps<'a>(matrix: &'a Node, key: &str) -> Result<Vec<Combination<'a>>, String> {
    let Some(value) = matrix.get(key) else { return Ok(vec![]) };
    if !value.is_list() || value.items().iter().any(|item| !item.is_map()) {
        return Err(format!("the server computes `matrix.{key}`"));
    }
    Ok(value.items().iter().map(|item| pairs(item).collect()).collect())
}

fn pairs(map: &Node) -> impl Iterator<Item = (&str, &Node)> {
    map.entries().iter().filter_map(|entry| Some((entry.key.text()?, &entry.value)))
}

fn agrees(combination: &Combination<'_>, (key, value): &(&str, &Node)) -> bool {
    combination.iter().any(|(known, found)| known == key && is_same(found, value))
}

/// Compares two values, wherever they stand.
fn is_same(left: &Node, right: &Node) -> bool {
    match (&left.value, &right.value) {
        (Value::Scalar(left), Value::Scalar(right)) => left.text == right.text && left.kind() == right.kind(),
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| is_same(&left.key, &right.key) && is_same(&left.value, &right.value))
        }
        _ => false,
    }
}
