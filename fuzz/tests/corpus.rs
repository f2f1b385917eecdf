//! Replays all seeds, and inputs near them, without the fuzzer.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use coalmine_fuzz::{TARGETS, mutate};

/// The largest size of all seeds together, in bytes.
const MAX_CORPUS: usize = 1_000_000;

/// Returns the folder of a target's seeds, or that of all seeds.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

/// Returns the names in a folder, in order.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder of seeds");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("a name").file_name().into_string();
    entries.map(|entry| name(entry).expect("a name in UTF-8")).collect()
}

/// Returns the seeds of a target with their names, in order.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = folder(target);
    let read = |name: String| {
        let seed = std::fs::read(folder.join(&name)).expect("a seed");
        (name, seed)
    };
    let seeds: Vec<_> = names(&folder).into_iter().map(read).collect();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

#[test]
fn every_seed_is_read() {
    for target in TARGETS {
        for (name, seed) in seeds(target.name) {
            let read = std::panic::catch_unwind(|| (target.run)(&seed));
            assert!(read.is_ok(), "corpus/{}/{name}", target.name);
        }
    }
}

#[test]
fn mutated_seeds_are_read() {
    for target in TARGETS {
        for (at, (name, seed)) in (0..).zip(seeds(target.name)) {
            for number in [0, 1_000, 2_000].map(|number| number + at) {
                let Some(mutated) = mutate(&seed, 1 << 20, number) else { continue };
                let read = std::panic::catch_unwind(|| (target.run)(&mutated));
                let shown = String::from_utf8_lossy(&mutated);
                assert!(read.is_ok(), "mutation {number} of corpus/{}/{name}: {shown}", target.name);
            }
        }
    }
}

#[test]
fn corpus_is_small_and_belongs_to_targets() {
    let known: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names(&folder("")), known);
    let sizes = TARGETS.iter().flat_map(|target| seeds(target.name)).map(|(_, seed)| seed.len());
    assert!(sizes.sum::<usize>() <= MAX_CORPUS);
}
