//! A mistake of coalmine's own: a panic, wherever it happens, ends the run, and what was started is removed.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
};

use tokio_util::sync::CancellationToken;

use crate::event::{Code, Diagnosis};

/// Whether and how coalmine itself failed. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Crash {
    first: Arc<OnceLock<String>>,
    happened: CancellationToken,
}

impl Crash {
    /// Notes a panic, in any thread: what it said, and where. The first one counts.
    pub fn note(&self, what: String) {
        let _ = self.first.set(what);
        self.happened.cancel();
    }

    /// Returns what the first panic said, if there was one.
    pub fn reason(&self) -> Option<&str> {
        self.first.get().map(String::as_str)
    }

    /// Waits for a panic.
    pub(super) async fn happened(&self) {
        self.happened.cancelled().await;
    }

    /// Notes a panic that was caught, unless whoever watches the process has noted it already.
    pub(super) fn note_caught(&self, panic: &(dyn Any + Send)) {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        self.note(text.unwrap_or("a panic without a message").to_owned());
    }

    /// Returns the diagnosis of a run that ended because of a panic.
    pub(super) fn diagnosis(&self, folder: &str) -> Option<Diagnosis> {
        let reason = self.reason()?;
        let mut diagnosis =
            Diagnosis::new(Code::BootInternalError, format!("coalmine itself failed: {reason}"));
        diagnosis.hint = Some(format!(
            "this is a mistake in coalmine, not in the runtime: please report it, with the folder `{folder}`"
        ));
        Some(diagnosis)
    }
}

/// Fails on purpose, so that tests see what comes of it: only in debug builds, and only if the variable
/// `COALMINE_SELF_TEST` names a mistake.
#[cfg(debug_assertions)]
pub(super) async fn fail_on_purpose(options: &super::Options, events: &crate::event::Emitter) {
    let Some(mistake) = options.host.text("COALMINE_SELF_TEST") else { return };
    events.progress(crate::event::Phase::Boot, format!("about to {mistake}"));
    match mistake {
        "panic" => panic!("on purpose, in the run"),
        "panic-in-task" => {
            tokio::spawn(async { panic!("on purpose, in a task") });
            std::future::pending().await
        }
        "panic-in-thread" => {
            std::thread::spawn(|| panic!("on purpose, in a thread"));
            std::future::pending().await
        }
        "block" => loop {
            std::thread::park();
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn first_panic_counts() {
        let crash = Crash::default();
        assert_eq!((crash.reason(), crash.diagnosis("out")), (None, None));
        crash.note("index out of bounds at a.rs:7".into());
        crash.note_caught(&"later");
        crash.happened().await;
        let diagnosis = crash.diagnosis("out").unwrap();
        assert_eq!(diagnosis.code, Code::BootInternalError);
        assert!(diagnosis.sentence.ends_with("index out of bounds at a.rs:7"));
        assert!(diagnosis.hint.unwrap().contains("`out`"));
    }
}
