//! Stopping, starting again and removing the container.

use std::time::Duration;

use bollard::{
    models::NetworkDisconnectRequest,
    query_parameters::{
        KillContainerOptions, RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
        StopContainerOptionsBuilder,
    },
};
use tokio::time::timeout;

use super::{Docker, container, network::network_name};
use crate::{
    deploy::{Placeholders, TargetError},
    plan::Profile,
};

/// How long an engine may still be busy with something whose creation was interrupted.
const STILL_MAKING: Duration = Duration::from_secs(20);

/// How long a container may take to end after it was asked to, in seconds.
const STOP_WITHIN: i32 = 5;

impl Docker {
    /// Stops the container and starts it again.
    pub(in crate::deploy) async fn restart(&mut self) -> Result<(), TargetError> {
        self.unwatch();
        let options = StopContainerOptionsBuilder::new().t(STOP_WITHIN).build();
        self.engine
            .stop_container(self.id(), Some(options))
            .await
            .map_err(TargetError::engine("stop the container"))?;
        self.launch().await
    }

    /// Kills the container and starts it again.
    pub(in crate::deploy) async fn kill_and_start(&mut self) -> Result<(), TargetError> {
        self.unwatch();
        self.engine
            .kill_container(self.id(), None::<KillContainerOptions>)
            .await
            .map_err(TargetError::engine("kill the container"))?;
        // the signal was sent; this waits for the end
        let options = StopContainerOptionsBuilder::new().t(STOP_WITHIN).build();
        let _ = self.engine.stop_container(self.id(), Some(options)).await;
        self.launch().await
    }

    /// Removes the container and creates it again; its volumes stay.
    pub(in crate::deploy) async fn recreate(
        &mut self,
        profile: &Profile,
        fill: &Placeholders,
    ) -> Result<(), TargetError> {
        self.unwatch();
        let options = StopContainerOptionsBuilder::new().t(STOP_WITHIN).build();
        let _ = self.engine.stop_container(self.id(), Some(options)).await;
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let removed = self.engine.remove_container(self.id(), Some(options)).await;
        removed.map_err(TargetError::engine("remove the container"))?;
        self.start(profile, fill).await
    }

    /// Stops watching the container: an end that comes now is intended.
    fn unwatch(&mut self) {
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
        self.exit.send_replace(None);
    }

    /// Removes everything that was created; or, if it is to be kept, returns how to inspect it.
    pub(in crate::deploy) async fn stop(&mut self, keep: bool) -> Vec<String> {
        if keep
            && self.exit.borrow().is_none()
            && let Some(container) = &self.container
        {
            let address = self.base_url().map(String::from).unwrap_or_default();
            return vec![
                format!("runtime: {address} (container {})", container.get(..12).unwrap_or(container)),
                "to remove it: coalmine clean".to_owned(),
            ];
        }
        self.unwatch();
        for made in self.making.drain(..) {
            let _ = timeout(STILL_MAKING, made).await;
        }
        let name = network_name(&self.run);
        let container = self.container.take().unwrap_or_else(|| name.clone());
        // once it is killed it leaves the network, which can then be removed beside it
        let _ = self.engine.kill_container(&container, None::<KillContainerOptions>).await;
        if let Some(own) = self.joined.take() {
            let request = NetworkDisconnectRequest { container: own, force: Some(true) };
            let _ = self.engine.disconnect_network(&name, request).await;
        }
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let remove = self.engine.remove_container(&container, Some(options));
        let (_, freed) = tokio::join!(remove, self.engine.remove_network(&name));
        if freed.is_err() {
            // the container had not left it yet; what cannot be removed now is swept later
            let _ = self.engine.remove_network(&name).await;
        }
        for at in 0..self.volumes.len() {
            let options = RemoveVolumeOptionsBuilder::new().force(true).build();
            let _ = self.engine.remove_volume(&container::volume_name(&name, at), Some(options)).await;
        }
        vec![]
    }
}
