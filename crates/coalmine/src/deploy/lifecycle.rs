//! Stopping and starting the runtime in the middle of a run.

use url::Url;

use super::{Runtime, TargetError, diagnosis::not_ready, wait_until_ready};
use crate::{
    event::{Code, Diagnosis, Phase},
    plan::Before,
};

impl Runtime<'_> {
    /// Stops the runtime, starts it again and waits until it is ready. Returns where it listens now.
    pub(crate) async fn restart(&self, before: Before) -> Result<Url, Diagnosis> {
        self.outputs.events.progress(Phase::Boot, "stopping the runtime and starting it again".to_owned());
        let mut target = self.target.write().await;
        let started = match before {
            Before::Restart => target.restart(self.spec.profile, &self.fill).await,
            Before::Recreate => target.recreate(self.spec.profile, &self.fill).await,
        };
        drop(target);
        self.wait_again(started).await
    }

    /// Kills the runtime, as the kernel or an operator would in the last resort, and starts it again. Returns
    /// where it listens now.
    pub(crate) async fn kill_and_start(&self) -> Result<Url, Diagnosis> {
        let mut target = self.target.write().await;
        let started = target.kill_and_start(self.spec.profile, &self.fill).await;
        drop(target);
        self.wait_again(started).await
    }

    async fn wait_again(&self, started: Result<(), TargetError>) -> Result<Url, Diagnosis> {
        started.map_err(|error| Diagnosis::new(Code::BootRestartFailed, error.to_string()))?;
        let (base, exited) = {
            let target = self.target().await;
            (target.base_url(), target.exited())
        };
        let base = base
            .ok_or_else(|| Diagnosis::new(Code::BootRestartFailed, "the runtime has no address any more"))?;
        self.set_base(base.clone());
        let path = self.spec.profile.ready.http.as_deref().map(|path| self.filled(path));
        match wait_until_ready(&self.client, &base, path.as_deref(), self.spec.ready_within, exited, |_| {})
            .await
        {
            Ok(_) => Ok(base),
            Err(reason) => {
                let mut diagnosis = not_ready(&reason, self.spec.profile);
                diagnosis.sentence =
                    format!("after it was stopped and started again, {}", diagnosis.sentence);
                if diagnosis.code != Code::BootDiskExceeded {
                    diagnosis.code = Code::BootRestartFailed;
                }
                Err(diagnosis)
            }
        }
    }
}
