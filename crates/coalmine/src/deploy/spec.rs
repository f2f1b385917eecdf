//! What to start, and everything that can be known about it before it runs.

use std::time::Duration;

use url::Url;

use super::{DockerSpec, ProcessSpec, WorldAddress};
use crate::event::TargetKind;

/// What to start.
#[derive(Debug, Clone)]
pub enum TargetSpec {
    /// A local command, or the embedded runtime.
    Process(ProcessSpec),
    /// A container image.
    Docker(DockerSpec),
    /// Nothing: the runtime runs already.
    Url(UrlSpec),
}

/// A runtime that someone else started.
#[derive(Debug, Clone)]
pub struct UrlSpec {
    /// The address as the user gave it.
    pub given: String,
    /// The same address, parsed.
    pub base: Url,
}

impl TargetSpec {
    /// Returns the kind of target that reports name.
    pub fn kind(&self) -> TargetKind {
        match self {
            Self::Process(ProcessSpec::Embedded { .. }) => TargetKind::Embedded,
            Self::Process(ProcessSpec::Shell { .. }) => TargetKind::Process,
            Self::Docker(_) => TargetKind::Docker,
            Self::Url(_) => TargetKind::Url,
        }
    }

    /// Returns the image, command or URL as given, or the fault of the embedded runtime.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Process(ProcessSpec::Embedded { fault, .. }) => fault.as_deref(),
            Self::Process(ProcessSpec::Shell { command, .. }) => Some(command),
            Self::Docker(docker) => Some(&docker.image),
            Self::Url(url) => Some(&url.given),
        }
    }

    /// Returns what progress messages call the target.
    pub fn describe(&self) -> &str {
        self.subject().unwrap_or("the reference runtime")
    }

    /// Returns the image, for a container.
    pub fn image(&self) -> Option<&str> {
        match self {
            Self::Docker(docker) => Some(&docker.image),
            Self::Process(_) | Self::Url(_) => None,
        }
    }

    /// Returns how long to wait for the runtime if neither the user nor the profile says so.
    pub fn ready_default(&self) -> Duration {
        Duration::from_secs(match self.kind() {
            TargetKind::Embedded | TargetKind::Url => 10,
            TargetKind::Process => 30,
            TargetKind::Docker => 60,
        })
    }

    /// Returns whether coalmine starts the runtime: it can then stop it, look at its disk, and learn how it
    /// ended.
    pub fn is_owned(&self) -> bool {
        !matches!(self, Self::Url(_))
    }

    /// Returns whether the runtime can be removed and created again with nothing but its volumes.
    pub fn can_recreate(&self) -> bool {
        matches!(self, Self::Docker(_))
    }

    /// Returns whether a container engine is needed.
    pub fn needs_engine(&self) -> bool {
        matches!(self, Self::Docker(_))
    }

    /// Returns how the user can point the runtime's model provider at the world. `world` is the address that
    /// the user fixed, if any.
    pub fn wiring_hint(&self, world: Option<&WorldAddress>) -> String {
        match (self, world) {
            (Self::Url(_), None) => "fix the world's address with `--world 127.0.0.1:8090`, and start the runtime with \
                                     `OPENAI_BASE_URL=http://127.0.0.1:8090/v1` (or its provider's own variable)"
                .to_owned(),
            (Self::Url(_), Some(world)) => format!(
                "start the runtime with its model provider at the world: `OPENAI_BASE_URL={}/v1` or its like; a runtime \
                 without a model can be judged with `--model canary-mode`",
                world.advertised
            ),
            (Self::Process(_) | Self::Docker(_), _) => {
                "point its model provider at the world: `{world}/v1` in its base-URL variable or file, in `[env]` or \
                 `[files]` of a profile; a runtime without a model can be judged with `--model canary-mode`"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::PullPolicy, *};

    fn docker() -> TargetSpec {
        let (image, pull) = ("my-agent:dev".to_owned(), PullPolicy::Never);
        TargetSpec::Docker(DockerSpec { image, pull, keep: false, open: false })
    }

    fn url() -> TargetSpec {
        let given = "http://127.0.0.1:8000".to_owned();
        TargetSpec::Url(UrlSpec { base: Url::parse(&given).unwrap(), given })
    }

    #[test]
    fn only_a_container_can_be_recreated() {
        let shell = TargetSpec::Process(ProcessSpec::Shell { command: "serve".into(), sandbox: false });
        assert!(docker().can_recreate() && !shell.can_recreate() && !url().can_recreate());
        assert!(docker().is_owned() && shell.is_owned() && !url().is_owned());
    }

    #[test]
    fn subject_is_what_the_user_gave() {
        assert_eq!((docker().subject(), docker().image()), (Some("my-agent:dev"), Some("my-agent:dev")));
        assert_eq!((url().subject(), url().image()), (Some("http://127.0.0.1:8000"), None));
        let embedded = TargetSpec::Process(ProcessSpec::Embedded { command: vec![], fault: None });
        assert_eq!((embedded.subject(), embedded.describe()), (None, "the reference runtime"));
    }

    #[test]
    fn hint_names_the_fixed_address_of_the_world() {
        let world = WorldAddress { bind: ([127, 0, 0, 1], 8090).into(), advertised: "http://h:8090".into() };
        assert!(url().wiring_hint(Some(&world)).contains("OPENAI_BASE_URL=http://h:8090/v1"));
        assert!(url().wiring_hint(None).contains("--world"));
        assert!(docker().wiring_hint(None).contains("{world}/v1"));
    }
}
