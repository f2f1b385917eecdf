//! A finding, with the versions that it is about.

use super::{Rule, Server, Severity, Target, Version, version::STEPS, yaml::Span};

/// Something that a rule found. The texts may quote the file, so what shows them has to escape them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The severity, which may be less than the rule's.
    pub severity: Severity,
    /// The index of the file in what was given; `None` if the finding is about no file in particular.
    pub file: Option<usize>,
    /// The place in the file.
    pub span: Option<Span>,
    /// What is wrong.
    pub message: String,
    /// How to change it.
    pub help: String,
    /// The versions of Gitea that it is about: each the first, and the first that is fine again. Empty for every version that was
    /// asked about.
    pub versions: Vec<(Version, Option<Version>)>,
    /// Whether the forge is one of which no server was measured.
    pub is_unmeasured_forge: bool,
}

impl Finding {
    /// Returns the versions in words, such as `Gitea before 1.23`; `None` for all that were asked about.
    pub fn versions_text(&self) -> Option<String> {
        if self.versions.is_empty() {
            return None;
        }
        let all: Vec<String> = self.versions.iter().map(|range| described(*range)).collect();
        Some(format!("Gitea {}", all.join(", ")))
    }
}

fn described((since, until): (Version, Option<Version>)) -> String {
    let next = Version::new(since.major, since.minor + 1, 0);
    match (since == STEPS[0], until) {
        (false, Some(until)) if until == next && since.patch == 0 => since.to_string(),
        (_, None) => format!("from {since}"),
        (true, Some(until)) => format!("before {until}"),
        (false, Some(until)) => format!("from {since} to before {until}"),
    }
}

/// Returns the ranges of versions that cover the servers that were hit; empty if all servers of the target were.
pub(super) fn ranges(hit: &[Server], target: Target) -> Vec<(Version, Option<Version>)> {
    let servers = target.servers();
    if servers.iter().all(|server| hit.contains(server)) {
        return vec![];
    }
    let versions: Vec<Version> = servers.iter().filter_map(version).collect();
    let mut ranges: Vec<(Version, Option<Version>)> = vec![];
    let mut open: Option<Version> = None;
    for version in versions {
        match (hit.contains(&Server::Gitea(version)), open) {
            (true, None) => open = Some(version),
            (false, Some(since)) => {
                ranges.push((since, Some(version)));
                open = None;
            }
            _ => {}
        }
    }
    ranges.extend(open.map(|since| (since, None)));
    ranges
}

fn version(server: &Server) -> Option<Version> {
    match server {
        Server::Gitea(version) => Some(*version),
        Server::Github => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_become_ranges() {
        let hit = |all: &[Version]| {
            let servers: Vec<Server> = all.iter().copied().map(Server::Gitea).collect();
            ranges(&servers, Target::AnyGitea).into_iter().map(described).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(hit(&STEPS), "");
        assert_eq!(hit(&STEPS[..1]), "before 1.23");
        assert_eq!(hit(&STEPS[1..2]), "1.23");
        assert_eq!(hit(&[STEPS[0], STEPS[7]]), "before 1.23, from 1.27");
    }
}
