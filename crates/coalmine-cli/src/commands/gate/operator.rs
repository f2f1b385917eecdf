//! Who rolls out the gate: the fleet, the forge and the token.

use coalmine_gate::{
    forge::{ErrorKind, Forge, ForgeError, Options, RepositoryName},
    rollout::{
        bake::BakeRules,
        fleet::{Fleet, Repository},
        gate::Gate,
        survey::{self, Depth, Survey, SurveyError},
    },
};
use url::Url;

use crate::{
    arguments::{EvidenceArguments, FleetArguments},
    context::Context,
    failure::Failure,
    files,
    printer::Printer,
};

/// The fleet, and the way to its forge.
pub(super) struct Operator {
    pub(super) fleet: Fleet,
    pub(super) rules: BakeRules,
    pub(super) forge: Forge,
    pub(super) gate: Gate,
}

impl Operator {
    pub(super) fn new(arguments: &FleetArguments, context: &Context) -> Result<Self, Failure> {
        let file = &arguments.fleet;
        let text = files::read(file).map_err(|failure| {
            failure.hint("`fleet.toml` lists the repositories of a fleet: docs/gate.md shows one; `--fleet` names another")
        })?;
        let unusable = |error| Failure::new(format!("{file} cannot be used")).because(error);
        let fleet = Fleet::parse(&text).map_err(unusable)?;
        let rules = fleet.bake_rules().map_err(unusable)?;
        let url: Url = fleet
            .url
            .parse()
            .map_err(|error| Failure::new(format!("{file}: `url` is not an address")).because(error))?;
        let forge = Forge::new(fleet.forge, &url, context.forge_token.as_ref(), Options::default())
            .map_err(failed)?;
        let gate = Gate::canonical(fleet.forge);
        Ok(Self { fleet, rules, forge, gate })
    }

    /// Returns the repositories that were named, or all.
    pub(super) fn repositories(&self, named: &[String]) -> Result<Vec<&Repository>, Failure> {
        if named.is_empty() {
            return Ok(self.fleet.repositories.iter().collect());
        }
        named.iter().map(|name| self.repository(name).map(|(repository, _)| repository)).collect()
    }

    /// Returns a repository, and the one before it in the cascade.
    pub(super) fn repository(&self, name: &str) -> Result<(&Repository, Option<&Repository>), Failure> {
        let known = self.fleet.repositories.iter().map(|repository| repository.name.as_str());
        self.fleet.find(name).ok_or_else(|| Failure::unknown("repository", name, known))
    }

    pub(super) fn name(&self, repository: &Repository) -> Result<RepositoryName, Failure> {
        format!("{}/{}", self.fleet.owner, repository.name).parse().map_err(|error| {
            Failure::new(format!("`{}` is not a name of a repository", repository.name)).because(error)
        })
    }

    /// Looks at a repository, as far back as a bake goes.
    pub(super) async fn survey(
        &self,
        repository: &Repository,
        evidence: &EvidenceArguments,
        printer: &mut Printer,
    ) -> Result<Survey, Failure> {
        let EvidenceArguments { pulls, trust_statuses } = *evidence;
        self.look(repository, Depth { pulls, all_heads: true, trust_statuses }, printer).await
    }

    /// Looks at a repository.
    pub(super) async fn look(
        &self,
        repository: &Repository,
        depth: Depth,
        printer: &mut Printer,
    ) -> Result<Survey, Failure> {
        printer.note(format_args!("looking at {}/{}", self.fleet.owner, repository.name));
        let name = self.name(repository)?;
        survey::survey(&self.forge, &name, &self.gate, depth).await.map_err(|error| match error {
            SurveyError::Forge(error) => failed(error),
            other => Failure::new(format!("{}: {other}", repository.name)),
        })
    }
}

/// Returns the failure for a call of a forge.
pub(super) fn failed(error: ForgeError) -> Failure {
    let hint = error.hint();
    let unnamed = matches!(error.kind, ErrorKind::Invalid);
    let failure =
        Failure::new(if unnamed { error.message.clone() } else { "the forge refused or failed".to_owned() });
    if unnamed { failure.hint(hint) } else { failure.because(&error).hint(hint) }
}
