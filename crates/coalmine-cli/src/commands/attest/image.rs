//! Which digest names the image that was judged.

use std::collections::BTreeSet;

use coalmine::deploy::ImageDigests;
use coalmine_attest::{JudgedImage, Sha256};

use crate::failure::Failure;

/// Returns the digests that name an image, which the user gave as `reference`.
pub(super) fn judged(
    reference: &str,
    digests: &ImageDigests,
    allow_id: bool,
) -> Result<JudgedImage, Failure> {
    let id: Sha256 = digests.id.parse().map_err(|error| {
        Failure::new(format!("could not attest image `{reference}`: invalid image id `{}`", digests.id))
            .because(error)
    })?;
    let manifests: Vec<(&str, Sha256)> = manifests(digests).collect();
    let repository = repository(reference);
    let given = reference.split_once('@').map(|(_, digest)| digest);
    let named: Vec<_> = match given {
        Some(digest) => manifests.iter().filter(|(_, known)| known.to_string() == digest).copied().collect(),
        None => manifests.iter().filter(|(name, _)| self::repository(name) == repository).copied().collect(),
    };
    let candidates = if named.is_empty() && given.is_none() { manifests } else { named };
    let distinct: BTreeSet<Sha256> = candidates.iter().map(|(_, digest)| *digest).collect();
    match (candidates.first(), distinct.len()) {
        (Some((name, digest)), 1) => {
            Ok(JudgedImage { name: (*name).to_owned(), manifest: Some(*digest), id })
        }
        (None, _) if allow_id && given.is_none() => {
            Ok(JudgedImage { name: reference.to_owned(), manifest: None, id })
        }
        (None, _) => Err(Failure::new(format!(
            "could not attest image `{reference}`: it has no manifest digest, because it was never pushed or pulled"
        ))
        .hint("push it first, or give `--attest-image-id`: the statement is then about its image id")),
        (Some(_), _) => {
            let all: Vec<String> = distinct.iter().map(ToString::to_string).collect();
            Err(Failure::new(format!(
                "could not attest image `{reference}`: it has several manifest digests, {}",
                all.join(", ")
            ))
            .hint("name one of them: `--image NAME@sha256:…`"))
        }
    }
}

/// Returns the manifests of an image, each with its repository.
pub(in crate::commands) fn manifests(digests: &ImageDigests) -> impl Iterator<Item = (&str, Sha256)> {
    digests.manifests.iter().filter_map(|entry| {
        let (name, digest) = entry.split_once('@')?;
        Some((name, digest.parse().ok()?))
    })
}

/// Returns the repository of a reference. What engines leave out of the names of the default registry is left out.
fn repository(reference: &str) -> &str {
    let name = reference.split_once('@').map_or(reference, |(name, _)| name);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let name = name[last..].find(':').map_or(name, |colon| &name[..last + colon]);
    name.strip_prefix("library/").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(digit: char) -> String {
        format!("sha256:{}", digit.to_string().repeat(64))
    }

    fn digests(manifests: &[(&str, char)]) -> ImageDigests {
        let manifests = manifests.iter().map(|(name, digit)| format!("{name}@{}", digest(*digit))).collect();
        ImageDigests { id: digest('0'), manifests }
    }

    fn manifest(reference: &str, known: &[(&str, char)]) -> Option<String> {
        judged(reference, &digests(known), false).ok()?.manifest.map(|digest| digest.to_string())
    }

    #[test]
    fn the_manifest_of_the_named_repository_is_taken() {
        let both = [("localhost:5000/agent", '1'), ("registry.test/agent", '2')];
        assert_eq!(manifest("localhost:5000/agent:dev", &both), Some(digest('1')));
        assert_eq!(manifest("registry.test/agent", &both), Some(digest('2')));
        assert_eq!(manifest("agent:dev", &both), None);
        assert_eq!(manifest("agent:dev", &both[..1]), Some(digest('1')));
        assert_eq!(manifest("agent", &[("library/agent", '3'), ("x/agent", '4')]), Some(digest('3')));
        let twice = [("x/agent", '1'), ("x/agent", '2')];
        assert_eq!(manifest("x/agent:dev", &twice), None);
    }

    #[test]
    fn a_digest_that_was_named_is_taken_or_nothing() {
        let known = [("x/agent", '1'), ("x/agent", '2')];
        assert_eq!(manifest(&format!("x/agent@{}", digest('2')), &known), Some(digest('2')));
        assert_eq!(manifest(&format!("x/agent:dev@{}", digest('1')), &known), Some(digest('1')));
        let unknown = format!("x/agent@{}", digest('9'));
        assert!(judged(&unknown, &digests(&known), true).is_err());
    }

    #[test]
    fn the_id_will_do_only_if_that_is_said() {
        let none = digests(&[("<none>", 'x')]);
        assert!(judged("agent:dev", &none, false).is_err());
        let by_id = judged("agent:dev", &none, true).unwrap();
        assert_eq!((by_id.manifest, by_id.id.to_string()), (None, digest('0')));
        let pushed = judged("agent:dev", &digests(&[("x/agent", '1')]), true).unwrap();
        assert_eq!(pushed.manifest.unwrap().to_string(), digest('1'));
        let broken = ImageDigests { id: String::new(), manifests: vec![] };
        assert!(judged("agent:dev", &broken, true).is_err());
    }
}
