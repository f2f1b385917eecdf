//! Protections: read, changed and read back.

use super::{
    Api, ErrorKind, Forge, ForgeError, Protection, ProtectionChange, ProtectionWrite, RepositoryName, ask,
    gitea, github,
    protection::{difference, quoted},
};

/// The fields that a change of the required contexts changes, on Gitea and on GitHub.
const WRITTEN: &[&str] =
    &["enable_status_check", "status_check_contexts", "updated_at", "required_status_checks"];

/// What Gitea says of a rule that exists.
const EXISTS: &str = "protection already exist";

impl Forge {
    /// Returns the protection of a branch, or `None` if it has none. A repository admin's token is needed.
    ///
    /// # Errors
    /// The forge does not answer, the token may not read protections, or there is no such branch.
    pub async fn protection(
        &self,
        repository: &RepositoryName,
        branch: &str,
    ) -> Result<Option<Protection>, ForgeError> {
        let version = self.version().await?;
        ask!(self, api => api.protection(version, repository, branch))
    }

    /// Changes the required contexts of a branch and nothing else of its protection, and reads it back. `seen` is
    /// what the decision was made from: the protection is read again right before the write, and nothing is
    /// written if it is another one by now. A forge has no lock, so a change by somebody else between this
    /// reading and the write can be overwritten if it is about contexts; one that is about other fields is
    /// found when the protection is read back.
    ///
    /// # Errors
    /// The forge does not answer or refuses; [`ErrorKind::Changed`] if somebody else
    /// changed the protection meanwhile, or if what was read back is not what was written.
    pub async fn change_protection(
        &self,
        repository: &RepositoryName,
        branch: &str,
        seen: Option<&Protection>,
        change: &ProtectionChange,
    ) -> Result<ProtectionWrite, ForgeError> {
        let before = self.protection(repository, branch).await?;
        let request = match &self.api {
            Api::Gitea(_) => gitea::write(repository, branch, before.as_ref(), change),
            Api::GitHub(_) => github::write(repository, branch, before.as_ref(), change),
        };
        let fail = |kind, message: String| {
            self.client()
                .call(&request)
                .map_or_else(|error| error, |call| ForgeError::new(call, kind, message))
        };
        if let Some(difference) = difference(seen, before.as_ref()) {
            return Err(fail(ErrorKind::Changed, format!("nothing was written: {difference}")));
        }
        if let Some(before) = before.as_ref().filter(|before| before.is_as(change)) {
            let before = before.clone();
            return Ok(ProtectionWrite { after: before.clone(), before: Some(before), written: false });
        }
        if before.is_none() && !change.enforced {
            let message = "there is no protection whose contexts could be switched off";
            return Err(fail(ErrorKind::Invalid, message.to_owned()));
        }
        if let Some(obstacle) = before.as_ref().and_then(|before| self.obstacle(before, change)) {
            return Err(fail(ErrorKind::Unsupported, obstacle));
        }
        match self.client().send(&request).await {
            // 403 is also what Gitea says of a rule that exists
            Err(error) if before.is_none() && error.message.contains(EXISTS) => {
                let message = "nothing was written: somebody else protected the branch meanwhile";
                return Err(fail(ErrorKind::Changed, message.to_owned()));
            }
            sent => sent?,
        };
        let after = self.protection(repository, branch).await.map_err(ForgeError::after_write)?;
        let Some(after) = after.filter(|after| after.is_as(change)) else {
            let message = "it was written, but what was read back is not what was written";
            return Err(fail(ErrorKind::Changed, message.to_owned()));
        };
        let mut others =
            before.as_ref().map(|before| before.changed_fields(&after, WRITTEN)).unwrap_or_default();
        let strict = before.as_ref().and_then(Protection::strict).zip(after.strict());
        if strict.is_some_and(|(before, after)| before != after) {
            others.push("strict".to_owned());
        }
        if !others.is_empty() {
            let message = format!("it was written, but somebody else changed {} meanwhile", quoted(&others));
            return Err(fail(ErrorKind::Changed, message));
        }
        Ok(ProtectionWrite { before, after, written: true })
    }

    /// Returns why a protection cannot be changed as it shall be.
    fn obstacle(&self, before: &Protection, change: &ProtectionChange) -> Option<String> {
        let is_github = matches!(self.api, Api::GitHub(_));
        if !before.only_this_branch && !change.other_branches_too {
            return Some(format!("the rule `{}` protects other branches too", before.rule));
        }
        // a whole new protection would have to be written
        (is_github && !before.enforced)
            .then(|| "the protection requires no checks yet: switch that on first".to_owned())
    }
}
