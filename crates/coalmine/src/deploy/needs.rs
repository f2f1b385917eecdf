//! What a canary needs of a runtime, and why it is left out if that is missing.

use super::Runtime;
use crate::{
    event::ModelMode,
    plan::{Canary, Linked, Need, Promise, Restart},
};

impl Runtime<'_> {
    /// Returns why a canary cannot run against this runtime, if it cannot.
    pub(crate) fn reason_to_skip(&self, canary: &Canary) -> Option<String> {
        if let Some(reason) = self.spec.profile.limit(&canary.id) {
            return Some(reason.to_owned());
        }
        canary.needs.iter().find_map(|need| self.unmet(*need)).map(str::to_owned)
    }

    fn unmet(&self, need: Need) -> Option<&'static str> {
        let profile = self.spec.profile;
        let owned = self.spec.target.is_owned();
        let card = &self.ready.card;
        let reason = match need {
            Need::Memory | Need::MemoryRoot if profile.memory.promise == Promise::None => {
                "the profile says that the runtime has no memory of its own (`memory.promise`)"
            }
            Need::MemoryRoot if !owned => "the disk of a runtime that runs elsewhere cannot be inspected",
            Need::Streaming if !card.streaming => {
                "the card says that the runtime does not stream (`capabilities.streaming`)"
            }
            Need::Dialects if card.dialects().len() < 2 => "the card does not offer both dialects",
            Need::Links if profile.attachments.link == Linked::None => {
                "the profile says that files are not fetched by link (`attachments.link`)"
            }
            Need::Links if profile.attachments.link == Linked::Unknown => {
                "the profile does not say whether files are fetched by link (`attachments.link`)"
            }
            Need::Binaries if profile.attachments.binary == Promise::None => {
                "the profile says that the runtime does not accept images and PDFs (`attachments.binary`)"
            }
            Need::Restart | Need::KeptSessions if !owned => {
                "a runtime that was started elsewhere cannot be stopped and started from here"
            }
            Need::KeptSessions if profile.session.restart == Restart::Lost => {
                "the profile says that sessions do not outlive the process (`session.restart`)"
            }
            Need::Recreate if !self.spec.target.can_recreate() => {
                "recreating the runtime needs a container (`--image`)"
            }
            Need::Recreate if profile.session.volumes.is_empty() => {
                "the profile names no volume that outlives the container (`session.volumes`)"
            }
            Need::Skills if profile.skills.folder.is_none() => {
                "the profile does not say where the runtime looks for skills (`skills.folder`)"
            }
            Need::Skills if !owned => {
                "a runtime that runs elsewhere cannot be given a skill before it starts"
            }
            Need::Peers if profile.peers.promise == Promise::None => {
                "the profile says that the runtime asks no other agents (`peers.promise`)"
            }
            Need::Model if self.spec.run.model != ModelMode::Simulated => {
                "only the simulated model shows its calls and can be made to fail (`--model simulated`)"
            }
            _ => return None,
        };
        Some(reason)
    }
}
