//! Ending and starting the runtime in the middle of a run.

use std::time::Duration;

use super::{boot::not_ready, state::Running};
use crate::{
    deploy::{TargetError, wait_until_ready},
    event::{Code, Diagnosis, Phase},
    plan::Before,
};

impl Running<'_> {
    /// Stops the runtime and starts it again; waits until it is ready. Where it does not come back, nothing else can
    /// be said to it.
    pub(super) async fn before(&self, before: Before) -> Result<(), Diagnosis> {
        self.events.progress(Phase::Boot, "stopping the runtime and starting it again".to_owned());
        let mut target = self.target.write().await;
        let done = match before {
            Before::Restart => target.restart(&self.options.profile, &self.fill).await,
            Before::Recreate => target.recreate(&self.options.profile, &self.fill).await,
        };
        drop(target);
        self.back(done).await
    }

    /// Kills the runtime as an operator's last resort or the kernel would, and starts it again.
    pub(super) async fn kill(&self) -> Result<(), Diagnosis> {
        let mut target = self.target.write().await;
        let done = target.kill_and_start(&self.options.profile, &self.fill).await;
        drop(target);
        self.back(done).await
    }

    async fn back(&self, done: Result<(), TargetError>) -> Result<(), Diagnosis> {
        let back = match done {
            Err(error) => Err(Diagnosis::new(Code::BootRestartFailed, error.to_string())),
            Ok(()) => self.wait().await,
        };
        if let Err(diagnosis) = &back {
            self.end(diagnosis.clone(), true);
        }
        back
    }

    async fn wait(&self) -> Result<(), Diagnosis> {
        let (base, exited) = {
            let target = self.target.read().await;
            (target.base_url(), target.exited())
        };
        let base = base
            .ok_or_else(|| Diagnosis::new(Code::BootRestartFailed, "the runtime has no address any more"))?;
        self.conversation.moved(&base);
        self.so_far().base = base.clone();
        let path = self.options.profile.ready.http.as_deref();
        let within: Duration = self.options.ready_within;
        match wait_until_ready(&self.client, &base, path, within, exited, |_| {}).await {
            Ok(_) => Ok(()),
            Err(reason) => {
                let mut diagnosis = not_ready(&reason, self.options);
                diagnosis.sentence =
                    format!("after it was stopped and started again, {}", diagnosis.sentence);
                diagnosis.code = Code::BootRestartFailed;
                Err(diagnosis)
            }
        }
    }
}
