//! The protection of a branch, and what the gate changes of it.

use serde_json::Value;

use super::context::RequiredContext;

/// The protection of a branch, which only a repository admin's token can read.
#[derive(Debug, Clone, PartialEq)]
pub struct Protection {
    /// The name of the rule, which is a glob on Gitea and Forgejo; on GitHub the branch.
    pub rule: String,
    /// Whether the rule holds for this one branch only. A change of another one changes more branches.
    pub only_this_branch: bool,
    /// Whether the required contexts count.
    pub enforced: bool,
    /// The required contexts.
    pub contexts: Vec<RequiredContext>,
    /// Whether repository admins can merge in spite of it: always on Gitea before 1.23.
    pub admins_bypass: bool,
    /// What the forge sent, with all the fields that the gate leaves alone.
    pub raw: Value,
}

/// What the required contexts of a branch shall be. All other fields stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectionChange {
    /// Whether they count. A rule without contexts that is enforced still blocks, on Gitea.
    pub enforced: bool,
    /// All of them, those included that stay.
    pub contexts: Vec<RequiredContext>,
    /// Whether a rule that protects other branches too may be changed.
    pub other_branches_too: bool,
}

/// What a change of a protection did.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectionWrite {
    /// The protection right before the change.
    pub before: Option<Protection>,
    /// The protection as it was read back.
    pub after: Protection,
    /// Whether something was written. Nothing is if everything is already as it shall be.
    pub written: bool,
}

impl Protection {
    /// Returns whether the required contexts are already as they shall be.
    pub(super) fn is_as(&self, change: &ProtectionChange) -> bool {
        self.enforced == change.enforced && sorted(&self.contexts) == sorted(&change.contexts)
    }

    /// Returns the fields that differ from another state of the same rule, except those named.
    pub(super) fn changed_fields(&self, other: &Self, except: &[&str]) -> Vec<String> {
        let (Some(one), Some(two)) = (self.raw.as_object(), other.raw.as_object()) else { return vec![] };
        let mut names: Vec<_> =
            one.keys().chain(two.keys()).filter(|name| !except.contains(&name.as_str())).collect();
        names.sort();
        names.dedup();
        names.into_iter().filter(|name| one.get(*name) != two.get(*name)).cloned().collect()
    }

    /// Returns whether a branch has to be up to date before it is merged, which stands among the required checks on GitHub. A
    /// change of the contexts leaves it as it is.
    pub(super) fn strict(&self) -> Option<&Value> {
        self.raw.pointer("/required_status_checks/strict")
    }
}

fn sorted(contexts: &[RequiredContext]) -> Vec<&RequiredContext> {
    let mut contexts: Vec<_> = contexts.iter().collect();
    contexts.sort();
    contexts.dedup();
    contexts
}

/// Returns what differs between the protection that a decision was made from and the one there is now.
pub(super) fn difference(seen: Option<&Protection>, now: Option<&Protection>) -> Option<String> {
    match (seen, now) {
        (None, None) => None,
        (None, Some(_)) => Some("somebody else protected the branch".to_owned()),
        (Some(_), None) => Some("somebody else removed the protection".to_owned()),
        (Some(seen), Some(now)) if seen.rule != now.rule => {
            Some("another rule protects the branch by now".to_owned())
        }
        (Some(seen), Some(now)) => {
            let fields = seen.changed_fields(now, &[]);
            (!fields.is_empty()).then(|| format!("somebody else changed {}", quoted(&fields)))
        }
    }
}

/// Returns names in back-ticks.
pub(super) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
