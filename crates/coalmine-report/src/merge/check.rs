//! Whether parts make one run: nothing missing, nothing doubled, nothing of another run.

use std::collections::BTreeMap;

use super::{MergeProblem, Part};

/// Checks that the parts make one run.
pub(super) fn check(parts: &[Part]) -> Result<(), MergeProblem> {
    let Some(first) = parts.first() else { return Ok(()) };
    for part in &parts[1..] {
        for ((what, one), (_, other)) in facts(first).into_iter().zip(facts(part)) {
            differ(what, first, one, part, other)?;
        }
    }
    // what an empty part, or one that did not start, does not know
    for known in [|part: &Part| part.target.image_digest.clone(), |part: &Part| part.target.dialect.clone()]
        .into_iter()
        .zip(["image digest", "dialect"])
    {
        let (fact, what) = known;
        let mut knowing = parts.iter().filter_map(|part| Some((part, fact(part)?)));
        let Some((one, value)) = knowing.next() else { continue };
        for (part, other) in knowing {
            differ(what, one, value.clone(), part, other)?;
        }
    }
    numbers(parts)?;
    canaries(parts)
}

fn differ(
    what: &'static str,
    first: &Part,
    one: String,
    part: &Part,
    other: String,
) -> Result<(), MergeProblem> {
    if one == other {
        return Ok(());
    }
    let (folder, other_folder) = (first.folder.clone(), part.folder.clone());
    Err(MergeProblem::Differ { what, one, folder, other, other_folder })
}

/// Returns what all parts of a run have in common.
fn facts(part: &Part) -> Vec<(&'static str, String)> {
    let (run, target) = (&part.started.run, &part.started.target);
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let baseline = part.started.baseline.as_ref();
    vec![
        ("version", run.version.clone()),
        ("seed", run.seed.to_string()),
        ("number of shards", part.shard.of.to_string()),
        ("image", text(&target.image)),
        ("target", format!("{} {}", target.kind.name(), text(&target.subject))),
        ("profile", target.profile.clone()),
        ("model", run.model.name().to_owned()),
        ("baseline", baseline.map_or_else(|| "none".to_owned(), |used| used.digest.clone())),
        ("list of all canaries", part.shard.digest.clone()),
        ("list of all canaries", part.shard.canaries.join(",")),
        ("arguments", without(&run.arguments, &["--shard", "--jobs", "--baseline"]).join(" ")),
        ("strictness", run.strict.to_string()),
    ]
}

/// Returns arguments without some of them, which have a value.
pub(super) fn without(all: &[String], names: &[&str]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = all.iter();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or(word);
        if !names.contains(&name) {
            kept.push(word.clone());
        } else if name == word {
            words.next();
        }
    }
    kept
}

fn numbers(parts: &[Part]) -> Result<(), MergeProblem> {
    let mut known: BTreeMap<u32, &Part> = BTreeMap::new();
    for part in parts {
        if let Some(other) = known.insert(part.shard.number, part) {
            let (folder, other) = (other.folder.clone(), part.folder.clone());
            return Err(MergeProblem::Doubled { number: part.shard.number, folder, other });
        }
    }
    let of = parts.first().map_or(0, |part| part.shard.of);
    let missing: Vec<u32> = (1..=of).filter(|number| !known.contains_key(number)).take(1_000).collect();
    if missing.is_empty() { Ok(()) } else { Err(MergeProblem::Missing { numbers: missing, of }) }
}

/// Checks that every canary is in one part.
fn canaries(parts: &[Part]) -> Result<(), MergeProblem> {
    let all = parts.iter().flat_map(|part| &part.shard.canaries);
    let mut counts: BTreeMap<&str, usize> = all.map(|id| (id.as_str(), 0)).collect();
    for part in parts {
        for planned in &part.started.canaries {
            match counts.get_mut(planned.id.as_str()) {
                Some(count) => *count += 1,
                None => {
                    let (folder, id) = (part.folder.clone(), planned.id.clone());
                    return Err(MergeProblem::Unlisted { folder, id });
                }
            }
        }
    }
    match counts.into_iter().find(|(_, count)| *count != 1) {
        Some((id, count)) => Err(MergeProblem::Uneven { id: id.to_owned(), count }),
        None => Ok(()),
    }
}
