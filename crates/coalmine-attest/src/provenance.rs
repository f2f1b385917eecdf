//! What a run was made of, beyond what its summary says.

use crate::Sha256;

/// Everything about a run that its summary does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The image.
    pub image: JudgedImage,
    /// The digest of the running program.
    pub binary: Sha256,
    /// The canaries of the plan.
    pub canaries: CanarySet,
    /// The name of the profile and the digest of its text.
    pub profile: Named,
    /// The path of the workflow file in its repository and its digest, if it is known.
    pub workflow: Option<Named>,
    /// How the run was made.
    pub mode: Mode,
}

/// The image that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedImage {
    /// The name of the image's repository, or the name that was given.
    pub name: String,
    /// The digest of the manifest, by which registries know the image.
    pub manifest: Option<Sha256>,
    /// The image id, by which the engine knows the image.
    pub id: Sha256,
}

/// A name and the digest of what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, for people.
    pub name: String,
    /// The digest of the text.
    pub digest: Sha256,
}

/// The canaries of a plan, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CanarySet {
    listed: Vec<(String, Sha256)>,
}

/// How a run was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mode {
    /// Whether the provider answered what a real one refuses.
    pub lenient: bool,
    /// Whether canaries were left out of the plan.
    pub selection: bool,
    /// Whether a fault was injected.
    pub injected_fault: bool,
    /// The names of the options that were given, without their values.
    pub options: Vec<String>,
}

impl CanarySet {
    /// Adds the next canary of the plan, with its text.
    pub fn add(&mut self, id: &str, text: &str) {
        self.listed.push((id.to_owned(), Sha256::of(text.as_bytes())));
    }

    /// Returns the ids, in the order of the plan.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(id, _)| id.as_str())
    }

    /// Returns the digest over ids and contents in their order: that of the lines `<digits>  <id>`.
    pub fn digest(&self) -> Sha256 {
        let lines: String = self.listed.iter().map(|(id, text)| format!("{}  {id}\n", text.hex())).collect();
        Sha256::of(lines.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(canaries: &[(&str, &str)]) -> Sha256 {
        let mut set = CanarySet::default();
        canaries.iter().for_each(|(id, text)| set.add(id, text));
        set.digest()
    }

    #[test]
    fn order_ids_and_contents_count() {
        let (a, b) = (("a", "1"), ("b", "2"));
        assert_eq!(set(&[a, b]), set(&[a, b]));
        for other in [vec![b, a], vec![a], vec![("a", "2"), b], vec![("c", "1"), b], vec![a, b, b]] {
            assert_ne!(set(&[a, b]), set(&other), "{other:?}");
        }
    }
}
