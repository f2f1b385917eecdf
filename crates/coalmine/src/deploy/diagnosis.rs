//! Why a runtime could not be deployed, as diagnoses.

use super::{NotReady, ProcessSpec, TargetError, TargetSpec};
use crate::{
    event::{Code, Diagnosis},
    plan::Profile,
};

/// Returns why the runtime was not started.
pub(super) fn not_started(error: &TargetError) -> Diagnosis {
    let mut diagnosis = Diagnosis::new(error.code(), error.to_string());
    match error {
        TargetError::NoEngine { tried } => {
            diagnosis.cause = Some(format!("tried, in this order: {}", tried.join("; ")));
            diagnosis.hint = Some(
                "start Docker or Podman, or set `DOCKER_HOST`; without an engine, `--cmd` and `--url` judge a runtime that \
                 runs as a process"
                    .into(),
            );
        }
        TargetError::NoImage { cause, .. } => {
            diagnosis.cause = Some(cause.clone());
            diagnosis.hint = Some(
                "build it, or let it be fetched with `--pull missing` (the default) or `--pull always`"
                    .into(),
            );
        }
        TargetError::Sandbox { .. } => {
            diagnosis.hint = Some(
                "install bubblewrap and let users make namespaces (`sysctl user.max_user_namespaces`, and on Ubuntu \
                 `kernel.apparmor_restrict_unprivileged_userns`); or judge an image with `--image`"
                    .into(),
            );
        }
        _ => {}
    }
    diagnosis
}

/// Adds to a diagnosis that a command does not get the whole environment, if that may be the cause.
pub(super) fn with_environment_hint(mut diagnosis: Diagnosis, target: &TargetSpec) -> Diagnosis {
    let is_command = matches!(target, TargetSpec::Process(ProcessSpec::Shell { .. }));
    if is_command && diagnosis.code == Code::BootCrashed {
        diagnosis.hint.get_or_insert_with(|| {
            "your environment is not inherited, beyond `PATH`, `HOME` and the locale: if the runtime needs a variable, pass \
             it on with `--env NAME`"
                .into()
        });
    }
    diagnosis
}

/// Returns why the wait for the runtime was given up.
pub(super) fn not_ready(reason: &NotReady, profile: &Profile) -> Diagnosis {
    match reason {
        NotReady::Exited(exit) => exit.diagnosis("the runtime ended before it was ready"),
        NotReady::NoCard { last, after } => {
            let sentence = format!(
                "the runtime listens, but for {} s it has answered that it has no agent card there",
                after.as_secs()
            );
            let mut diagnosis = Diagnosis::new(Code::BootNotReady, sentence);
            diagnosis.cause = Some(last.clone());
            diagnosis.hint = Some(if profile.ready.http.is_none() {
                "set `ready.http` in a profile to the path of its card, or take a built-in one: `coalmine list profiles`"
                    .into()
            } else {
                "check `ready.http` of the profile: the name of the agent or assistant may be another one"
                    .into()
            });
            diagnosis
        }
        NotReady::TimedOut { within, last, tries } => {
            let sentence = format!("the runtime did not become ready within {} s", within.as_secs_f32());
            let mut diagnosis = Diagnosis::new(Code::BootNotReady, sentence);
            diagnosis.cause = Some(format!("{last} ({tries} tries)"));
            let hint = if profile.ready.http.is_none() {
                "if its card lives elsewhere, set `ready.http` in a profile; if it is slow, `--timeout`"
            } else {
                "check `ready.http` of the profile; if the runtime is slow, raise `--timeout`"
            };
            diagnosis.hint = Some(hint.into());
            diagnosis
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_that_is_not_there_leads_to_its_path() {
        let reason = NotReady::NoCard {
            last: "GET /x: HTTP status 404".into(),
            after: std::time::Duration::from_secs(3),
        };
        let diagnosis = not_ready(&reason, &Profile::default());
        assert_eq!(
            (diagnosis.code, diagnosis.cause.as_deref()),
            (Code::BootNotReady, Some("GET /x: HTTP status 404"))
        );
        assert!(diagnosis.hint.unwrap().contains("`ready.http`"));
    }

    #[test]
    fn missing_engine_lists_what_was_tried() {
        let diagnosis = not_started(&TargetError::NoEngine { tried: vec!["a: no".into(), "b: no".into()] });
        assert_eq!(diagnosis.code, Code::BootNoEngine);
        assert_eq!(diagnosis.cause.as_deref(), Some("tried, in this order: a: no; b: no"));
    }
}
