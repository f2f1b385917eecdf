//! What a canary needs of a runtime, and why it is left out if that is missing.

use coalmine_a2a::Card;
use serde_json::Value;

use super::{DeploymentSpec, Runtime};
use crate::{
    event::ModelMode,
    plan::{Canary, Linked, Need, Profile, Promise, Restart},
};

const LOST_ON_KILL: &str = "the profile says that sessions survive only if the runtime is stopped, not if it is killed (`session.restart`)";

impl Runtime<'_> {
    /// Returns why a canary cannot run against this runtime, if it cannot.
    pub(crate) fn reason_to_skip(&self, canary: &Canary) -> Option<String> {
        if self.spec.profile.session.restart == Restart::StoppedOnly && canary.kills_the_runtime() {
            return Some(LOST_ON_KILL.to_owned());
        }
        let card = &self.ready.card;
        canary.needs.iter().find_map(|need| unmet(*need, &self.spec, card)).map(str::to_owned)
    }

    /// Returns the line of a profile with which a skipped canary would run, if the profile only says too little.
    pub(crate) fn hint_toml(&self, canary: &Canary) -> Option<&'static str> {
        let card = &self.ready.card;
        let missing = canary.needs.iter().find(|need| unmet(**need, &self.spec, card).is_some())?;
        hint_toml(*missing, &self.spec)
    }

    /// Returns whether text files are promised: by the profile, or else by the agent card.
    pub(crate) fn text_files(&self) -> Promise {
        self.spec.profile.attachments.text.unwrap_or_else(|| promised_by(&self.ready.card))
    }
}

/// Returns what a card promises of files: they are accepted if it names any input beside text.
fn promised_by(card: &Card) -> Promise {
    let modes = card.raw.get("defaultInputModes").and_then(Value::as_array).into_iter().flatten();
    let is_text = |mode: &str| mode == "text" || mode.starts_with("text/");
    if modes.filter_map(Value::as_str).any(|mode| !is_text(&mode.to_ascii_lowercase())) {
        Promise::Kept
    } else {
        Promise::Unknown
    }
}

/// Returns the line of a profile that meets a need, if the profile does not say anything about it.
fn hint_toml(need: Need, spec: &DeploymentSpec<'_>) -> Option<&'static str> {
    let Profile { attachments, session, skills, .. } = spec.profile;
    match need {
        Need::Links if attachments.link == Linked::Unknown => Some("attachments.link = \"http\""),
        Need::Recreate if spec.target.can_recreate() && session.volumes.is_empty() => {
            Some("session.volumes = [\"{state}\"]")
        }
        Need::Skills if spec.target.is_owned() && skills.folder.is_none() => {
            Some("skills.folder = \"{state}/skills\"")
        }
        _ => None,
    }
}

/// Returns why a need is not met, if it is not.
fn unmet(need: Need, spec: &DeploymentSpec<'_>, card: &Card) -> Option<&'static str> {
    let profile = spec.profile;
    let owned = spec.target.is_owned();
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
        Need::Files if profile.attachments.text == Some(Promise::None) => {
            "the profile says that the runtime reads text only (`attachments.text`)"
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
        Need::Recreate if !spec.target.can_recreate() => {
            "recreating the runtime needs a container (`--image`)"
        }
        Need::Recreate if profile.session.volumes.is_empty() => {
            "the profile names no volume that outlives the container (`session.volumes`)"
        }
        Need::Skills if !owned => "a runtime that runs elsewhere cannot be given a skill before it starts",
        Need::Skills if profile.skills.folder.is_none() => {
            "the profile does not say where the runtime looks for skills (`skills.folder`)"
        }
        Need::Peers if profile.peers.promise == Promise::None => {
            "the profile says that the runtime asks no other agents (`peers.promise`)"
        }
        Need::Model if spec.run.model != ModelMode::Simulated => {
            "only the simulated model shows its calls and can be made to fail (`--model simulated`)"
        }
        _ => return None,
    };
    Some(reason)
}
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::{
        deploy::{DockerSpec, HostEnvironment, ProcessSpec, PullPolicy, TargetSpec, UrlSpec},
        event::RunInfo,
        plan::builtin,
    };

    fn reason(need: Need, target: &TargetSpec, model: ModelMode) -> Option<&'static str> {
        let card = json!({"name": "t", "url": "http://h:1/", "protocolVersion": "0.3.0"});
        with_spec(target, model, &["/data"], |spec| unmet(need, spec, &Card::parse(card).unwrap()))
    }

    /// Returns what is said of a run of the profile `generic` with these volumes.
    fn with_spec<T>(
        target: &TargetSpec,
        model: ModelMode,
        volumes: &[&str],
        what: impl FnOnce(&DeploymentSpec<'_>) -> T,
    ) -> T {
        let run = RunInfo {
            id: "r".into(),
            seed: 1,
            started_at: String::new(),
            version: String::new(),
            model,
            arguments: vec![],
            asked: vec![],
            jobs: 6,
            strict: false,
            shard: None,
        };
        let mut profile = builtin::profile("generic").unwrap();
        profile.session.volumes = volumes.iter().map(|volume| (*volume).to_owned()).collect();
        let spec = DeploymentSpec {
            run: &run,
            target,
            host: &HostEnvironment::default(),
            profile: &profile,
            scripts: &[],
            world: None,
            lenient: false,
            model_fault: None,
            token: "t",
            ready_within: Duration::ZERO,
            turn_within: Duration::ZERO,
        };
        what(&spec)
    }

    fn docker() -> TargetSpec {
        let (image, pull) = ("my-agent:dev".to_owned(), PullPolicy::Never);
        TargetSpec::Docker(DockerSpec { image, pull, keep: false, open: false })
    }

    fn shell() -> TargetSpec {
        TargetSpec::Process(ProcessSpec::Shell { command: "serve".into(), sandbox: false })
    }

    fn url() -> TargetSpec {
        let given = "http://127.0.0.1:8000".to_owned();
        TargetSpec::Url(UrlSpec { base: Url::parse(&given).unwrap(), given })
    }

    #[test]
    fn target_decides_what_can_be_done_to_a_runtime() {
        let simulated = ModelMode::Simulated;
        assert_eq!(reason(Need::Recreate, &docker(), simulated), None);
        assert!(reason(Need::Recreate, &shell(), simulated).unwrap().contains("--image"));
        assert_eq!(reason(Need::Restart, &shell(), simulated), None);
        assert!(reason(Need::Restart, &url(), simulated).is_some());
        assert!(reason(Need::MemoryRoot, &url(), simulated).is_some());
    }

    #[test]
    fn what_the_profile_leaves_open_has_a_line_to_add() {
        let hint = |need, target, volumes: &[&str]| {
            with_spec(&target, ModelMode::Simulated, volumes, |spec| hint_toml(need, spec))
        };
        for line in [
            hint(Need::Links, url(), &[]),
            hint(Need::Recreate, docker(), &[]),
            hint(Need::Skills, shell(), &[]),
        ] {
            let line = line.unwrap();
            assert!(Profile::read("mine", "mine.toml", line).is_ok(), "{line}");
        }
        assert_eq!(hint(Need::Recreate, docker(), &["/data"]), None);
        assert_eq!(hint(Need::Recreate, shell(), &[]), None, "a process has no container");
        assert_eq!(hint(Need::Skills, url(), &[]), None, "it cannot be given a skill");
    }

    #[test]
    fn card_promises_files_by_its_input_modes() {
        for (modes, promise) in [
            (json!(["text", "text/plain", "TEXT/*", "text/markdown"]), Promise::Unknown),
            (json!([]), Promise::Unknown),
            (json!(null), Promise::Unknown),
            (json!(["text/plain", "application/pdf"]), Promise::Kept),
            (json!(["*/*"]), Promise::Kept),
        ] {
            let card = json!({"name": "t", "url": "http://h:1/", "defaultInputModes": modes});
            assert_eq!(promised_by(&Card::parse(card).unwrap()), promise, "{modes}");
        }
    }

    #[test]
    fn card_and_model_decide_the_rest() {
        assert!(reason(Need::Dialects, &docker(), ModelMode::Simulated).unwrap().contains("both dialects"));
        assert!(reason(Need::Streaming, &docker(), ModelMode::Simulated).is_some());
        assert_eq!(reason(Need::Model, &docker(), ModelMode::Simulated), None);
        assert!(reason(Need::Model, &docker(), ModelMode::Live).is_some());
    }
}
