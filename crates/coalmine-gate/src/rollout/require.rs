//! The proof that a gate may be required.

use serde::Serialize;

use super::{
    bake::Bake,
    gate::{FileState, Gate},
};
use crate::{
    forge::{ForgeKind, Number, Protection, ProtectionChange, RequiredContext, Version},
    lint::{self, LintOptions, Severity, Source, Target},
};

/// The value of [`Proof::schema`].
pub const PROOF_SCHEMA: &str = "coalmine/gate-proof/1";

/// Everything that speaks for requiring a gate, or against it. It is written as `gate-proof.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// The version of this format, `coalmine/gate-proof/1`.
    pub schema: &'static str,
    /// The repository, with its owner.
    pub repository: String,
    /// The default branch.
    pub branch: String,
    /// The kind of forge, and its version.
    pub forge: (&'static str, String),
    /// The context that is to be required.
    pub context: &'static str,
    /// The SHA-256 of the canonical file.
    pub canonical_sha256: String,
    /// The file on the default branch.
    pub file: FileState,
    /// The errors of the lint about it, for this version.
    pub lint: Vec<String>,
    /// Whether statuses counted that no run proves (`--trust-statuses`).
    pub trusted_statuses: bool,
    /// Whether repository admins can merge in spite of the gate.
    pub admins_bypass: Option<bool>,
    /// What the bake counted.
    pub bake: Bake,
    /// The heads that were not counted, because their workflow file is another.
    pub other_file: Vec<String>,
    /// Commits that the gate ran for and that no pull request holds any more, after a force push.
    pub lost: Vec<String>,
    /// When it was made.
    pub made_at: jiff::Timestamp,
}

impl Proof {
    /// Returns why the gate cannot be required; nothing if it can.
    pub fn refusals(&self) -> Vec<String> {
        let mut refusals = vec![];
        match self.file {
            FileState::Identical => {}
            FileState::Differs => {
                refusals.push("the workflow on the default branch is not the canonical one".to_owned())
            }
            FileState::Missing => refusals.push("the default branch has no workflow of the gate".to_owned()),
        }
        refusals.extend(self.lint.iter().map(|error| format!("the lint has an error: {error}")));
        refusals.extend(self.bake.missing.iter().map(|missing| format!("the bake is not done: {missing}")));
        if !self.bake.is_done()
            && let Some((head, why)) = self.bake.unproven.first()
        {
            let more = self.bake.unproven.len();
            let short: String = head.sha.chars().take(10).collect();
            refusals.push(format!("{more} green heads prove nothing; {short}: {why}"));
        }
        refusals
    }
}

/// Returns what the lint finds wrong with the canonical file, for a version of a forge.
pub fn lint_errors(gate: &Gate, version: &Version) -> Vec<String> {
    let small = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
    let target = match (version.kind, version.number) {
        (ForgeKind::GitHub, _) => Target::Github,
        (ForgeKind::Forgejo, Some(Number(major, ..))) => Target::Forgejo(small(major)),
        (ForgeKind::Gitea, Some(Number(major, minor, patch))) => {
            Target::Gitea(lint::Version::new(small(major), small(minor), small(patch)))
        }
        (_, None) => Target::AnyGitea,
    };
    let source = Source { target, ..Source::new(gate.path(), String::from_utf8_lossy(&gate.content)) };
    let report = lint::lint(&[source], &LintOptions::default());
    let unreadable = report.unreadable.into_iter().map(|(_, reason)| reason);
    let errors = report.findings.into_iter().filter(|finding| finding.severity == Severity::Error);
    unreadable.chain(errors.map(|finding| format!("{}: {}", finding.rule.id, finding.message))).collect()
}

/// Returns a protection that requires the gate beside what it requires already; `None` if it does so by itself.
pub fn with_gate(gate: &Gate, own: RequiredContext, now: Option<&Protection>) -> Option<ProtectionChange> {
    let (enforced, mut contexts) = now.map_or((false, vec![]), |now| (now.enforced, now.contexts.clone()));
    let is_there = contexts.iter().any(|context| {
        context.literal().as_deref() == Some(gate.context())
            && (gate.app().is_none() || context.app() == gate.app())
    });
    if is_there && enforced {
        return None;
    }
    if !is_there {
        // another entry of the same name, without the app, would let anybody satisfy it
        contexts.retain(|context| context.literal().as_deref() != Some(gate.context()));
        contexts.push(own);
    }
    Some(ProtectionChange { enforced: true, contexts, other_branches_too: false })
}

/// Returns a protection that does not require the gate; `None` if it does not do so by itself. If nothing is left, it is no
/// longer enforced: on Gitea, an empty list that is enforced blocks.
pub fn without_gate(gate: &Gate, now: &Protection) -> Option<ProtectionChange> {
    let contexts: Vec<RequiredContext> = now
        .contexts
        .iter()
        .filter(|context| context.literal().as_deref() != Some(gate.context()))
        .cloned()
        .collect();
    if contexts.len() == now.contexts.len() {
        return None;
    }
    let enforced = now.enforced && !contexts.is_empty();
    Some(ProtectionChange { enforced, contexts, other_branches_too: false })
}

/// Returns what a forge cannot promise about a required context.
pub fn limits(kind: ForgeKind, admins_bypass: Option<bool>) -> Vec<&'static str> {
    let mut limits = vec![];
    if matches!(kind, ForgeKind::Gitea | ForgeKind::Forgejo) {
        limits.push(
            "anybody with write access can post a status with this context: `gate doctor` shows who did",
        );
    }
    if admins_bypass == Some(true) {
        limits.push("repository admins can merge in spite of it");
    }
    limits
}
